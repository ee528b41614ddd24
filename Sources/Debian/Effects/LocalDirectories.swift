// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// Directories below `/usr/local`, which no package may ship: debhelper's `dh_usrlocal` has a script make them, from a
/// here-document with a line for each (`/usr/local/share/xml default`, or mode, user and group in place of `default`).
package enum LocalDirectories: Effect {
    package static let name = "usr-local"
    static let tool = "dh_usrlocal"

    struct Directory: Hashable {
        var path: TreePath
        var mode: UInt16
        var user: String
        var group: String
    }

    package static func apply(to root: inout ImageRoot) throws {
        for package in root.packages {
            guard let script = package.script("postinst") else { continue }
            for snippet in script.snippets where snippet.tool == tool {
                for directory in directories(in: snippet.script) ?? [] {
                    try root.directory(
                        directory.path,
                        mode: directory.mode,
                        uid: root.accounts.uid(directory.user) ?? 0,
                        gid: root.accounts.gid(directory.group) ?? 0,
                        by: name
                    )
                }
            }
        }
    }

    /// The directories that a snippet makes; nil when it does anything but to make those of its here-document.
    static func directories(in script: ShellScript) -> [Directory]? {
        let expected: [[String]] = [
            ["mkdir", "${dir}"], ["chown", "${user}:${group}", "${dir}"], ["chmod", "${mode}", "${dir}"],
        ]
        for call in script.calls where ["mkdir", "chown", "chmod"].contains(call.name) {
            guard expected.contains(call.words.map(\.source)) else { return nil }
        }
        var directories: [Directory] = []
        for line in script.calls.compactMap(\.document).joined().split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard let first = words.first, first.hasPrefix("/usr/local/"), let path = try? TreePath(first) else {
                return nil
            }
            // `default` is the staff group's only where /etc/staff-group-for-usr-local is, which nothing makes.
            if words.dropFirst() == ["default"] {
                directories.append(Directory(path: path, mode: 0o755, user: "root", group: "root"))
            } else if words.count == 4, let mode = UInt16(words[1], radix: 8) {
                directories.append(Directory(path: path, mode: mode, user: words[2], group: words[3]))
            } else {
                return nil
            }
        }
        return directories
    }
}
