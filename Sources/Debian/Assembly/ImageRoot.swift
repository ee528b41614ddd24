// SPDX-License-Identifier: Apache-2.0

package import FileTree
package import Packages

/// An image while it is being assembled: the tree, what is installed, and the words that effects use to change it.
package struct ImageRoot {
    package let platform: Platform
    package let distribution: Distribution
    package let variant: Installation.Variant
    package let contents: any ContentSource
    /// Time of generated files, seconds since the epoch.
    package let epoch: Int
    /// Sorted by name, in byte order.
    package let packages: [DebianPackage]
    /// The names that the definition asks for; nil where that is not known.
    package let requested: Set<String>?
    /// Ids that the definition gives to accounts by name.
    package let declaredUsers: [String: (uid: Int, gid: Int)]
    package let declaredGroups: [String: Int]
    package var tree: Tree
    /// Remarks for the image's notes.
    package var notes: [String] = []
    /// Files renamed by a package's diversion, as dpkg records them.
    package var diversions: [Diversion] = []
    /// Users and groups that packages give; filled by the first effect.
    package var accounts = AccountDatabase()
    /// Owner and mode overrides, as `dpkg-statoverride` records them.
    package var overrides: [StatOverride] = []
    private let byName: [String: Int]

    package init(_ installation: Installation, packages: [DebianPackage], tree: Tree = Tree()) {
        platform = installation.platform
        distribution = installation.distribution
        variant = installation.variant
        contents = installation.contents
        epoch = installation.epoch
        requested = installation.requested.map(Set.init)
        declaredUsers = installation.declaredUsers
        declaredGroups = installation.declaredGroups
        self.packages = packages
        self.tree = tree
        var byName: [String: Int] = [:]
        for (index, package) in packages.enumerated() { byName[package.name] = index }
        self.byName = byName
    }

    // MARK: What is installed

    package func package(_ name: String) -> DebianPackage? { byName[name].map { packages[$0] } }
    package func has(_ name: String) -> Bool { byName[name] != nil }

    /// `x86_64-linux-gnu`: the directory name of the platform's libraries.
    package var triplet: String { platform == .amd64 ? "x86_64-linux-gnu" : "aarch64-linux-gnu" }

    // MARK: Reading

    package func exists(_ path: TreePath) -> Bool { tree.follow(tree.canonical(path)) != nil }

    /// The bytes of a regular file, links followed; nil where there is none.
    ///
    /// - Throws: `badInput` when the file is larger than `limit`: what effects read is small, and packages are input.
    package func bytes(_ path: TreePath, limit: Int = 16 << 20) throws -> [UInt8]? {
        guard var node = tree.follow(tree.canonical(path)) else { return nil }
        if case .hardLink(let target) = node.kind {
            guard let first = tree[target] else { return nil }
            node = first
        }
        guard let content = node.content else { return nil }
        guard content.size <= limit else {
            throw AssemblyError(
                .badInput,
                "'/\(path)' of \(node.origin) has \(content.size) bytes; at most \(limit) are read"
            )
        }
        return try contents.read(content)
    }

    package func text(_ path: TreePath) throws -> String? {
        try bytes(path).map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Writing

    /// Writes a file over whatever is there.
    package mutating func write(
        _ path: TreePath,
        _ bytes: [UInt8],
        mode: UInt16 = 0o644,
        uid: Int = 0,
        gid: Int = 0,
        by effect: String
    ) throws {
        try tree.put(
            Node(
                path,
                .file(FileContent(bytes)),
                mode: mode,
                uid: uid,
                gid: gid,
                mtime: epoch,
                origin: .effect(effect)
            )
        )
    }

    package mutating func write(
        _ path: TreePath,
        _ text: String,
        mode: UInt16 = 0o644,
        uid: Int = 0,
        gid: Int = 0,
        by effect: String
    ) throws {
        try write(path, Array(text.utf8), mode: mode, uid: uid, gid: gid, by: effect)
    }

    /// Makes a directory unless something is there.
    package mutating func directory(
        _ path: TreePath,
        mode: UInt16 = 0o755,
        uid: Int = 0,
        gid: Int = 0,
        by effect: String
    ) throws {
        if tree[tree.canonical(path)] != nil { return }
        try tree.put(Node(path, .directory, mode: mode, uid: uid, gid: gid, mtime: epoch, origin: .effect(effect)))
    }

    /// Makes a symbolic link, replacing a link but nothing else.
    package mutating func link(_ path: TreePath, to target: String, by effect: String) throws {
        if let existing = tree[tree.canonical(path)], existing.symlinkTarget == nil { return }
        try tree.put(Node(path, .symlink(Array(target.utf8)), mode: 0o777, mtime: epoch, origin: .effect(effect)))
    }

    /// Copies a file as `cp -p` does: bytes, mode, owner and time; not where something is already.
    package mutating func copy(_ source: TreePath, to path: TreePath, by effect: String) throws {
        guard tree[tree.canonical(path)] == nil, let node = tree.follow(tree.canonical(source)),
            let content = node.content
        else { return }
        try tree.put(
            Node(
                path,
                .file(content),
                mode: node.mode,
                uid: node.uid,
                gid: node.gid,
                mtime: node.mtime,
                origin: .effect(effect)
            )
        )
    }

    /// Changes mode and owner of what is there, and leaves its origin; false where there is nothing.
    @discardableResult
    package mutating func setAttributes(_ path: TreePath, mode: UInt16?, uid: Int? = nil, gid: Int? = nil) throws
        -> Bool
    {
        guard var node = tree[tree.canonical(path)] else { return false }
        if let mode { node.mode = mode }
        if let uid { node.uid = uid }
        if let gid { node.gid = gid }
        try tree.put(node)
        return true
    }
}

/// One entry of dpkg's `diversions`.
package struct Diversion: Hashable, Sendable {
    package var from: String
    package var to: String
    package var package: String
}

/// One entry of dpkg's `statoverride`.
package struct StatOverride: Hashable, Sendable {
    package var user: String
    package var group: String
    package var mode: UInt16
    package var path: String
}
