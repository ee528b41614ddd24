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
                guard let bytes = package.member(member) else { continue }
                let script = MaintainerScript(package: package.name, member: member, bytes: bytes)
                for part in script.scripts {
                    let found = diversions(in: part, of: package.name, architecture: package.control.architecture) ?? []
                    for diversion in found where !out.contains(where: { $0.from == diversion.from }) {
                        out.append(diversion)
                    }
                }
            }
        }
        return out.sorted { $0.from.utf8.lexicographicallyPrecedes($1.from.utf8) }
    }

    /// The additions of one script on a fresh installation; nil when one is not literal.
    static func diversions(in script: ShellScript, of package: String, architecture: String) -> [Diversion]? {
        let isAddition: (ShellCall) -> Bool = { call in
            call.name == "dpkg-divert"
                && !call.words.contains {
                    ["--list", "--truename", "--listpackage", "--remove"].contains($0.literal ?? "")
                }
        }
        guard script.calls.contains(where: isAddition) else { return [] }
        guard let calls = literal(script, isAddition) else { return nil }
        var out: [Diversion] = []
        for call in calls {
            var owner = package
            var to: String?
            var from: String?
            var index = 1
            while index < call.count {
                switch call[index] {
                case "--package":
                    index += 1
                    if index < call.count { owner = call[index] }
                case "--divert":
                    index += 1
                    if index < call.count { to = call[index] }
                case let option where option.hasPrefix("--"): break
                default: from = call[index]
                }
                index += 1
            }
            guard let from else { return nil }
            out.append(Diversion(from: from, to: to ?? from + ".distrib", package: owner))
        }
        return out
    }

    private static func literal(_ script: ShellScript, _ isWanted: (ShellCall) -> Bool) -> [[String]]? {
        var only = script
        only.keepCalls(where: { $0.name != "dpkg-divert" || isWanted($0) })
        return only.literalCalls(of: "dpkg-divert")
    }
}
