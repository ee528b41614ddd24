// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import Packages

/// `systemd-tmpfiles --create` for the files that scripts name: directories and links of tmpfiles.d(5).
///
/// Debian does this only where systemd is installed, since otherwise it is done at boot; a container has no boot, so the
/// directories that a service needs are made here.
package enum TemporaryFiles: Effect {
    package static let name = "tmpfiles"

    package static func apply(to root: inout ImageRoot) throws {
        for package in root.packages {
            guard let scripts = package.script("postinst")?.scripts else { continue }
            var names: [String] = []
            for script in scripts {
                for call in script.calls where call.name == "systemd-tmpfiles" {
                    names += call.words.compactMap(\.literal).filter { $0.hasSuffix(".conf") }
                }
            }
            for file in names where !file.contains("/") {
                guard let text = try root.text(try TreePath("usr/lib/tmpfiles.d/" + file)) else { continue }
                for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
                    try apply(AccountRequest.words(line), to: &root)
                }
            }
        }
    }

    private static func apply(_ fields: [String], to root: inout ImageRoot) throws {
        // Specifiers need a running system, and globs what is not there yet.
        guard fields.count >= 2, !fields[1].contains("%"), !fields[1].contains("*"), fields[1].hasPrefix("/"),
            let path = try? TreePath(fields[1]), !path.isRoot
        else { return }
        func field(_ index: Int) -> String? { index < fields.count && fields[index] != "-" ? fields[index] : nil }
        switch fields[0].prefix(1) {
        case "d", "D", "v", "q", "Q":
            let mode = field(2).flatMap { UInt16($0.drop { $0 == "~" || $0 == ":" }, radix: 8) }
            // What a live system keeps its state in is not the image's business.
            let uid = field(3).flatMap { root.accounts.uid($0) } ?? 0
            let gid = field(4).flatMap { root.accounts.gid($0) } ?? 0
            if root.tree[root.tree.canonical(path)] == nil {
                try root.directory(path, mode: mode ?? 0o755, uid: uid, gid: gid, by: name)
            } else if root.tree[root.tree.canonical(path)]?.isDirectory == true {
                try root.setAttributes(
                    path,
                    mode: mode,
                    uid: field(3) == nil ? nil : uid,
                    gid: field(4) == nil ? nil : gid
                )
            }
        case "L":
            if let target = field(6), root.tree[root.tree.canonical(path)] == nil {
                try root.link(path, to: target, by: name)
            }
        default: return
        }
    }
}
