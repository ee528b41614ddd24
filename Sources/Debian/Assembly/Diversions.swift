// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// Diversions that preinst scripts make before files are unpacked (`dpkg-divert --add`).
enum Diversions {
    static let name = "diversions"

    /// All diversions of the installed packages, sorted by what they divert.
    ///
    /// - Returns: for each also whether files move (`--rename`, or no `--no-rename`): a file that another package ships
    ///   there is unpacked under the other name.
    static func all(of packages: [DebianPackage]) -> [Diversion] {
        var out: [Diversion] = []
        for package in packages {
            for member in ["preinst", "postinst"] {
                guard let script = package.script(member) else { continue }
                for part in script.scripts {
                    for diversion in additions(in: part, of: package.name).found
                    where !out.contains(where: { $0.from == diversion.from }) {
                        out.append(diversion)
                    }
                }
            }
            // Debian 12's dash diverts /bin/sh to itself through functions.
            if package.name == "dash", let bytes = package.member("postinst"),
                !additions(in: ShellScript(bytes), of: "dash").isComplete
            {
                out.append(Diversion(from: "/bin/sh", to: "/bin/sh.distrib", package: "dash"))
                out.append(
                    Diversion(
                        from: "/usr/share/man/man1/sh.1.gz",
                        to: "/usr/share/man/man1/sh.distrib.1.gz",
                        package: "dash"
                    )
                )
            }
        }
        return out.sorted { $0.from.utf8.lexicographicallyPrecedes($1.from.utf8) }
    }

    /// The additions of one script on a fresh installation, and whether those are all there are.
    static func additions(in script: ShellScript, of package: String) -> (found: [Diversion], isComplete: Bool) {
        var found: [Diversion] = []
        var isComplete = true
        let constants = script.constants
        for call in script.calls where call.name == "dpkg-divert" {
            let options = call.words.compactMap(\.literal)
            if options.contains(where: { ["--list", "--truename", "--listpackage", "--remove"].contains($0) }) {
                continue
            }
            guard let expanded = script.expand(call, constants) else {
                isComplete = false
                continue
            }
            for words in expanded {
                switch parse(words, package) {
                case .some(let diversion?): found.append(diversion)
                case .some(nil): continue
                case nil: isComplete = false
                }
            }
        }
        return (found, isComplete)
    }

    /// nil when the call is malformed, an inner nil when it does nothing on a fresh installation.
    private static func parse(_ words: [String], _ package: String) -> Diversion?? {
        var owner = package
        var to: String?
        var from: String?
        var index = 1
        while index < words.count {
            switch words[index] {
            case "--package":
                index += 1
                if index < words.count { owner = words[index] }
            case "--divert":
                index += 1
                if index < words.count { to = words[index] }
            case let option where option.hasPrefix("--"): break
            default: from = words[index]
            }
            index += 1
        }
        guard let from, from.hasPrefix("/") else { return nil }
        // On behalf of another package: repairs what that one did before, so upgrades only.
        guard owner == package else { return .some(nil) }
        return Diversion(from: from, to: to ?? from + ".distrib", package: owner)
    }
}
