// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// The directories that a container runtime and ordinary programs take for granted, where no package ships them.
enum Skeleton {
    private static let directories: [(path: TreePath, mode: UInt16)] = [
        ("dev", 0o755), ("etc", 0o755), ("home", 0o755), ("proc", 0o755), ("root", 0o700), ("run", 0o755),
        ("sys", 0o755), ("tmp", 0o1777), ("usr", 0o755), ("var", 0o755), ("var/tmp", 0o1777),
    ]

    static func apply(to tree: inout Tree, epoch: Int) throws {
        for (path, mode) in directories where tree.follow(path) == nil {
            try tree.put(Node(path, .directory, mode: mode, mtime: epoch, origin: .effect("skeleton")))
        }
    }
}
