// SPDX-License-Identifier: Apache-2.0

package import Packages

/// Debian's own suites, and the notation in which definitions name others.
package enum DebianRepositories {
    /// Code names by `VERSION_ID`, for os-release files without `VERSION_CODENAME`.
    private static let codenames = ["11": "bullseye", "12": "bookworm", "13": "trixie", "14": "forky"]

    package static func codename(of distribution: Distribution) -> String? {
        distribution.codename ?? codenames[distribution.versionID]
    }

    package static func serves(_ distribution: Distribution) -> Bool { distribution.id == "debian" }

    /// The suites that a Debian definition uses without naming them: `debian` with the release and its updates, and
    /// `debian-security`. Their `keys` are empty, which stands for the archive keys of `keys/debian`.
    package static func implicit(for distribution: Distribution, suites: Set<ImplicitSuite>) -> [Repository] {
        guard let codename = codename(of: distribution) else { return [] }
        var repositories: [Repository] = []
        func add(_ suite: ImplicitSuite, _ id: String, _ name: String) {
            if suites.contains(suite) {
                repositories.append(Repository(id: id, url: nil, suite: name, components: ["main"]))
            }
        }
        add(.release, "debian", codename)
        add(.updates, "debian", "\(codename)-updates")
        add(.security, "debian-security", "\(codename)-security")
        return repositories
    }

    /// Reads `deb [signed-by=/usr/share/keyrings/name.gpg arch=amd64] URL suite component…` (sources.list(5)).
    ///
    /// - Parameter keyring: the definition's keyring entries. `signed-by` means the one whose file name, without its
    ///   ending, is the same; where none has that name, and for a line without it, all of them may sign.
    /// - Throws: `bad-repository` naming what is wrong in the line.
    package static func parse(_ line: String, keyring: [String]) throws(DebianError) -> Repository {
        func bad(_ what: String) -> DebianError {
            DebianError(
                "bad-repository",
                "'\(line)': \(what)",
                hint: "write it as: deb [signed-by=/usr/share/keyrings/NAME.gpg] URL SUITE COMPONENT…"
            )
        }
        let parsed = try SourceLine.parse(line, bad: bad)
        guard let entry = parsed else { throw bad("it is empty") }
        guard entry.types == ["deb"] else { throw bad("only 'deb' lines are of use to an image") }
        guard let url = entry.uris.first, entry.uris.count == 1 else { throw bad("it has no URL") }
        guard url.hasPrefix("https://") || url.hasPrefix("http://") || url.hasPrefix("file:") else {
            throw bad("the URL must be http, https or file")
        }
        guard let suite = entry.suites.first else { throw bad("it names no suite") }
        if suite.hasSuffix("/") {
            guard entry.components.isEmpty else { throw bad("a suite that ends with '/' has no components") }
        } else if entry.components.isEmpty {
            throw bad("it names no component")
        }
        for part in [suite] + entry.components
        where part.split(separator: "/").contains("..") || part.hasPrefix("/") && part != "/" {
            throw bad("'\(part)' leads out of the repository")
        }
        if entry.options["trusted"]?.lowercased() == "yes" {
            throw bad("an unsigned repository cannot be used: remove 'trusted=yes'")
        }
        return Repository(
            id: url,
            url: url,
            suite: suite,
            components: entry.components,
            keys: try keys(entry.options["signed-by"], keyring: keyring, bad)
        )
    }

    private static func keys(
        _ signedBy: String?,
        keyring: [String],
        _ bad: (String) -> DebianError
    ) throws(DebianError) -> [String] {
        guard let signedBy else {
            guard !keyring.isEmpty else { throw bad("it has no signed-by, and the definition has no keyring") }
            return keyring
        }
        var keys: [String] = []
        for path in signedBy.split(separator: ",").map(String.init) {
            let name = stem(path)
            guard path.contains("/") else { throw bad("signed-by must be the path of a keyring, not '\(path)'") }
            if let entry = keyring.first(where: { stem($0) == name }) {
                keys.append(entry)
            } else if name == "debian-archive-keyring" {
                return []
            } else if keyring.isEmpty {
                throw bad("the definition has no keyring, and so no \(name)")
            } else {
                // Publishers name the key's URL otherwise than the file: `…/gpg` for redis-archive-keyring.gpg.
                return keyring
            }
        }
        return keys
    }

    /// A path's or URL's file name without its last ending.
    private static func stem(_ path: String) -> String {
        var name = path.split(separator: "/").last.map(String.init) ?? path
        if let query = name.firstIndex(where: { $0 == "?" || $0 == "#" }) { name = String(name[..<query]) }
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
        return String(name[..<dot])
    }
}
