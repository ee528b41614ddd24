// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import Packages

/// base-files: the directories, links and files that make a root file system, read from its own script.
///
/// The script calls functions of its own with literal arguments (`install_directory var/mail 2775 mail`); those arguments
/// are data, and so a new release's directories come without a change here.
package enum Skeleton: Effect {
    package static let name = "base-files"

    package static func apply(to root: inout ImageRoot) throws {
        guard let bytes = root.package("base-files")?.member("postinst") else { return }
        let script = ShellScript(bytes)
        if root.tree["etc/dpkg/origins/debian"] != nil {
            try root.link("etc/dpkg/origins/default", to: "debian", by: name)
        }
        for call in try literal(script, "install_from_default", 2) {
            try root.copy(try TreePath("usr/share/base-files/" + call[1]), to: try TreePath(call[2]), by: name)
        }
        for call in try literal(script, "install_directory", 3) {
            guard let mode = UInt16(call[2], radix: 8) else { throw malformed(call) }
            try root.directory(
                try TreePath(call[1]),
                mode: mode,
                gid: root.accounts.gid(call[3]) ?? 0,
                by: name
            )
        }
        if root.tree["var/spool/mail"] == nil { try root.link("var/spool/mail", to: "../mail", by: name) }
        for call in try literal(script, "install_local_dir", 1) {
            try root.directory(try TreePath(call[1]), by: name)
        }
        try root.link("usr/local/man", to: "share/man", by: name)
        if root.variant == .dev {
            for call in try literal(script, "ensure_file_owner_mode", 3) {
                let owner = call[2].split(separator: ":").map(String.init)
                guard owner.count == 2, let mode = UInt16(call[3], radix: 8) else { throw malformed(call) }
                try root.write(
                    try TreePath(call[1]),
                    "",
                    mode: mode,
                    uid: root.accounts.uid(owner[0]) ?? 0,
                    gid: root.accounts.gid(owner[1]) ?? 0,
                    by: name
                )
            }
        }
    }

    private static func literal(_ script: ShellScript, _ function: String, _ count: Int) throws -> [[String]] {
        guard let calls = script.literalCalls(of: function) else { throw malformed([function]) }
        for call in calls where call.count != count + 1 { throw malformed(call) }
        return calls
    }

    private static func malformed(_ call: [String]) -> AssemblyError {
        AssemblyError(
            .unknownScript,
            "the postinst of base-files calls '\(call.joined(separator: " "))', which is not understood",
            hint: "this release of base-files is newer than this program; pin the previous one"
        )
    }
}
