// SPDX-License-Identifier: Apache-2.0

import Packages

/// The versions of the packages with scripts with which the table of differences was last looked at, so that a failure can
/// say whether the mirror moved since then.
struct ConfirmedVersions {
    /// By suite and name, separated by a tab.
    private var versions: [String: Set<String>] = [:]

    init() {}

    /// Lines of SUITE, NAME and VERSION.
    init(parsing text: String) throws {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let fields = line.split(separator: "\t").map(String.init)
            guard fields.count == 3 else {
                throw Differences.Malformed(description: "docs/differences-confirmed.tsv: \(line)")
            }
            versions["\(fields[0])\t\(fields[1])", default: []].insert(fields[2])
        }
    }

    private static func withScripts(_ packages: [InstalledPackage]) -> [Package] {
        packages.filter { $0.contents.control["preinst"] != nil || $0.contents.control["postinst"] != nil }.map(
            \.package
        )
    }

    mutating func add(_ packages: [InstalledPackage], suite: String) {
        for package in Self.withScripts(packages) {
            versions["\(suite)\t\(package.name)", default: []].insert(package.version)
        }
    }

    /// In words, which packages are of another version than the confirmed one.
    func moved(_ packages: [InstalledPackage], suite: String) -> String {
        let changed = Self.withScripts(packages).compactMap { package -> String? in
            let known = versions["\(suite)\t\(package.name)"] ?? []
            guard !known.contains(package.version) else { return nil }
            return
                "\(package.name) \(known.isEmpty ? "(new)" : known.sorted().joined(separator: ", ")) -> \(package.version)"
        }
        return changed.isEmpty
            ? "No package with scripts has moved since the table was confirmed: the cause is here."
            : "Packages with scripts that the mirror has moved since the table was confirmed, a likely cause: \(changed.joined(separator: "; "))"
    }

    var text: String {
        "# The packages with scripts with which docs/differences.tsv was last confirmed: a failure says whether the mirror moved.\n"
            + versions.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .flatMap { key, versions in versions.sorted().map { "\(key)\t\($0)\n" } }.joined()
    }
}
