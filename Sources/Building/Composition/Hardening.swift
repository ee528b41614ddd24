// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// What no image has unless its definition asks for it by name: setuid and setgid bits, and places that everyone may write
/// to without the sticky bit.
enum Hardening {
    /// What was taken away from one path.
    struct Change: Sendable, Hashable {
        var path: TreePath
        var before: UInt16
        var after: UInt16
    }

    /// - Parameter exempt: paths whose mode the definition states.
    /// - Returns: the changes, in byte order of paths.
    static func apply(to tree: inout Tree, exempt: Set<TreePath>) -> [Change] {
        var changes: [Change] = []
        for node in tree.sorted where !exempt.contains(node.path) {
            if node.symlinkTarget != nil { continue }
            if case .hardLink = node.kind { continue }
            var mode = node.mode & ~0o6000
            let isSticky = node.isDirectory && mode & 0o1000 != 0
            if mode & 0o002 != 0 && !isSticky { mode &= ~0o002 }
            if mode != node.mode {
                tree.update(node.path) { $0.mode = mode }
                changes.append(Change(path: node.path, before: node.mode, after: mode))
            }
        }
        // What grants privileges without a setuid bit: file capabilities.
        for node in tree.sorted where !exempt.contains(node.path) && node.xattrs["security.capability"] != nil {
            tree.update(node.path) { $0.xattrs["security.capability"] = nil }
            changes.append(Change(path: node.path, before: node.mode, after: node.mode))
        }
        return changes
    }
}
