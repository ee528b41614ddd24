// SPDX-License-Identifier: Apache-2.0

/// An image's file tree: a value, in memory, without I/O.
///
/// Paths are stored where they really are: when `usr-merge` makes `bin` a link to `usr/bin`, a package's `bin/sh` is kept as
/// `usr/bin/sh`, so that no layer ever replaces the link by a directory.
package struct Tree: Sendable {
    /// Directory aliases that packages' paths are rewritten through, such as `bin` to `usr/bin`.
    package private(set) var aliases: [(from: TreePath, to: TreePath)] = []
    private var nodes: [TreePath: Node] = [:]

    package init() {}

    /// The number of paths, the root excluded.
    package var count: Int { nodes.count }

    package subscript(_ path: TreePath) -> Node? { nodes[path] }

    /// All nodes in byte order of their paths: every directory before what it holds.
    package var sorted: [Node] { nodes.values.sorted { $0.path < $1.path } }

    /// All nodes, in no particular order.
    package var unordered: some Collection<Node> { nodes.values }

    // MARK: Aliases

    /// Makes `from` a symbolic link to `to` and rewrites what lies or will be put below it.
    ///
    /// - Throws: a conflict when moving what is already there would overwrite something else.
    package mutating func alias(_ from: TreePath, to: TreePath, target: String, origin: Origin) throws(TreeError) {
        let moved = nodes.values.filter { $0.path != from && $0.path.isWithin(from) }.sorted { $0.path < $1.path }
        for node in moved { nodes[node.path] = nil }
        nodes[from] = nil
        aliases.append((from, to))
        try addParents(of: to.appending("x"), origin: origin)
        nodes[from] = Node(from, .symlink(Array(target.utf8)), mode: 0o777, origin: origin)
        for node in moved { try add(node) }
    }

    /// The path as it is stored: aliases applied.
    package func canonical(_ path: TreePath) -> TreePath {
        for alias in aliases where path != alias.from {
            if let moved = path.rebased(from: alias.from, to: alias.to) { return canonical(moved) }
        }
        return path
    }

    // MARK: Building

    /// Adds a package's node. A directory meets a directory quietly (the first one's attributes stay); anything else that
    /// is there already is a conflict unless it is the same thing.
    ///
    /// - Parameter replaces: asked with (existing, new) when both claim one path; true lets the new one win.
    package mutating func add(_ node: Node, replaces: (Node, Node) -> Bool = { _, _ in false }) throws(TreeError) {
        var node = node
        if node.isDirectory, aliases.contains(where: { $0.from == node.path }) { return }
        node.path = canonical(node.path)
        if case .hardLink(let target) = node.kind { node.kind = .hardLink(canonical(target)) }
        if node.path.isRoot { return }
        try addParents(of: node.path, origin: node.origin)
        if let existing = nodes[node.path] {
            if existing.isDirectory && node.isDirectory { return }
            if isSame(existing, node) { return }
            // dpkg keeps a symbolic link to a directory where a later package ships that directory (and the other way
            // round); the files inside then go through the link.
            if node.isDirectory, case .symlink = existing.kind, let real = try? resolve(node.path),
                nodes[real]?.isDirectory == true
            {
                return
            }
            guard replaces(existing, node) else {
                throw TreeError(
                    .conflict,
                    path: node.path.description,
                    detail: "\(existing.origin) and \(node.origin)"
                )
            }
        }
        nodes[node.path] = node
    }

    /// Puts a node, replacing whatever is at its path (a directory keeps what it holds when it stays a directory).
    /// Missing parents are made as `0755 root:root` directories of the same origin.
    package mutating func put(_ node: Node) throws(TreeError) {
        var node = node
        node.path = canonical(node.path)
        if node.path.isRoot { return }
        try addParents(of: node.path, origin: node.origin)
        if nodes[node.path]?.isDirectory == true && !node.isDirectory { remove(node.path) }
        nodes[node.path] = node
    }

    /// Removes a path and all that lies below it.
    package mutating func remove(_ path: TreePath) {
        let path = canonical(path)
        if nodes[path]?.isDirectory == true {
            for key in nodes.keys where key.isWithin(path) { nodes[key] = nil }
        } else {
            nodes[path] = nil
        }
    }

    /// Changes a node in place; does nothing when the path is not there.
    package mutating func update(_ path: TreePath, _ change: (inout Node) -> Void) {
        let path = canonical(path)
        guard var node = nodes[path] else { return }
        change(&node)
        node.path = path
        nodes[path] = node
    }

    private func isSame(_ a: Node, _ b: Node) -> Bool {
        guard a.mode == b.mode, a.uid == b.uid, a.gid == b.gid else { return false }
        switch (a.kind, b.kind) {
        case (.file(let x), .file(let y)): return x.sha256 == y.sha256
        case (.symlink(let x), .symlink(let y)): return x == y
        default: return false
        }
    }

    private mutating func addParents(of path: TreePath, origin: Origin) throws(TreeError) {
        guard let parent = path.parent, !parent.isRoot else { return }
        if let node = nodes[parent] {
            if node.isDirectory { return }
            // A package may ship files below what another made a link to a directory; dpkg follows such links.
            if case .symlink = node.kind {
                throw TreeError(
                    .notADirectory,
                    path: parent.description,
                    detail: "\(node.origin) makes it a symbolic link, and \(origin) ships '\(path)' below it"
                )
            }
            throw TreeError(
                .notADirectory,
                path: parent.description,
                detail: "\(node.origin) makes it a file, and \(origin) ships '\(path)'"
            )
        }
        try addParents(of: parent, origin: origin)
        nodes[parent] = Node(parent, .directory, mode: 0o755, origin: origin)
    }

    // MARK: Looking

    /// The path with every symbolic link followed inside the tree, the last component too.
    ///
    /// - Throws: `.missing` when a component does not exist, `.symlinkLoop` after 40 links (Linux's limit).
    package func resolve(_ path: TreePath) throws(TreeError) -> TreePath {
        var pending = Array(path.components.map { Array($0) }.reversed())
        var current = TreePath.root
        var links = 0
        while let component = pending.popLast() {
            if component == [0x2E] { continue }
            if component == [0x2E, 0x2E] {
                current = current.parent ?? .root
                continue
            }
            let next = current.appending(component)
            guard let node = nodes[next] else {
                throw TreeError(.missing, path: path.description, detail: "there is no '\(next)'")
            }
            guard case .symlink(let target) = node.kind else {
                current = next
                continue
            }
            links += 1
            if links > 40 { throw TreeError(.symlinkLoop, path: path.description, detail: "more than 40 links") }
            if target.first == 0x2F { current = .root }
            pending.append(contentsOf: target.split(separator: 0x2F).map { Array($0) }.reversed())
        }
        return current
    }

    /// The node at a path after following links; nil when there is none.
    package func follow(_ path: TreePath) -> Node? {
        guard let real = try? resolve(path) else { return nil }
        return nodes[real]
    }

    /// Nodes strictly below a directory, in byte order.
    package func descendants(of path: TreePath) -> [Node] {
        let path = canonical(path)
        return nodes.values.filter { $0.path != path && $0.path.isWithin(path) }.sorted { $0.path < $1.path }
    }

    /// Nodes directly in a directory, in byte order.
    package func children(of path: TreePath) -> [Node] {
        let path = canonical(path)
        return nodes.values.filter { $0.path.parent == path }.sorted { $0.path < $1.path }
    }
}
