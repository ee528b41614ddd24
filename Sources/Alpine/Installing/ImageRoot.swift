// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// The image's tree while it is put together, with the bytes behind it.
struct ImageRoot {
    var tree: Tree
    let contents: any ContentSource
    /// Generated files get this time.
    let epoch: Int
    var notes: [String] = []

    /// Puts a node where it really is: below a directory that another package made a link, it goes through the link.
    mutating func put(_ node: Node) throws {
        var node = node
        if let parent = node.path.parent, !parent.isRoot, let real = try? tree.resolve(parent), real != parent {
            node.path = real.appending(node.path.name)
        }
        if node.isDirectory, let existing = tree[node.path], case .symlink = existing.kind { return }
        try tree.put(node)
    }

    /// The bytes of a regular file, links followed; nil where there is none.
    func bytes(_ path: TreePath, limit: Int = 16 << 20) throws -> [UInt8]? {
        guard var node = tree.follow(path) else { return nil }
        if case .hardLink(let target) = node.kind, let file = tree.follow(target) { node = file }
        guard let content = node.content else { return nil }
        if content.size > limit {
            throw AlpineError(.tooLarge, "/\(path)", "it has \(content.size) bytes, and at most \(limit) were expected")
        }
        return try contents.read(content)
    }

    func text(_ path: TreePath) throws -> String? { try bytes(path).map { String(decoding: $0, as: UTF8.self) } }

    /// Writes a file; one that is there keeps its mode and owner.
    mutating func write(_ path: TreePath, _ bytes: [UInt8], mode: UInt16 = 0o644, gid: Int = 0, by effect: String)
        throws
    {
        var node = Node(path, .file(FileContent(bytes)), mode: mode, gid: gid, mtime: epoch, origin: .effect(effect))
        if let existing = tree[path], existing.content != nil {
            node.mode = existing.mode
            node.uid = existing.uid
            node.gid = existing.gid
            node.origin = existing.origin
        }
        try directories(above: path, by: effect)
        try put(node)
    }

    mutating func write(_ path: TreePath, _ text: String, mode: UInt16 = 0o644, by effect: String) throws {
        try write(path, Array(text.utf8), mode: mode, by: effect)
    }

    mutating func link(_ path: TreePath, to target: String, by effect: String) throws {
        try directories(above: path, by: effect)
        try put(Node(path, .symlink(Array(target.utf8)), mode: 0o777, mtime: epoch, origin: .effect(effect)))
    }

    mutating func directory(_ path: TreePath, mode: UInt16 = 0o755, by effect: String) throws {
        try directories(above: path, by: effect)
        if tree.follow(path) == nil {
            try put(Node(path, .directory, mode: mode, mtime: epoch, origin: .effect(effect)))
        }
    }

    private mutating func directories(above path: TreePath, by effect: String) throws {
        for ancestor in path.ancestors where tree.follow(ancestor) == nil {
            try put(Node(ancestor, .directory, mode: 0o755, mtime: epoch, origin: .effect(effect)))
        }
    }
}
