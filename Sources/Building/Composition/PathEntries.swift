// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Definitions
internal import Fetching
internal import FileTree

/// Applies the `paths` of a definition, in order.
struct PathEntries {
    /// A file of the repository of definitions that became part of the image.
    struct ContextFile: Sendable, Hashable {
        /// Relative to the repository's root, as the definition names it.
        var name: String
        var sha256: Digest
        var size: Int
    }

    /// Bounds on what a definition may copy from its repository.
    private static let fileLimit = 1 << 30
    private static let depthLimit = 64
    private static let countLimit = 100_000

    let epoch: Int
    /// Paths whose mode the definition states: what hardening leaves alone.
    private(set) var statedModes: Set<TreePath> = []
    private(set) var contextFiles: [ContextFile] = []

    init(epoch: Int) { self.epoch = epoch }

    mutating func apply(_ entry: Plan.Path, to tree: inout Tree) throws {
        let path = try place(of: TreePath(entry.path), in: tree)
        let origin = Origin.definition("paths")
        func node(_ kind: Node.Kind, mode: UInt16) -> Node {
            Node(
                path,
                kind,
                mode: entry.mode.map { UInt16($0 & 0o7777) } ?? mode,
                uid: entry.uid ?? 0,
                gid: entry.gid ?? 0,
                mtime: epoch,
                origin: origin
            )
        }
        if entry.mode != nil { statedModes.insert(path) }
        switch entry.kind {
        case .symlink:
            guard let target = entry.source, !target.isEmpty else {
                throw failure(entry, "a link needs a 'source', its target")
            }
            try tree.put(node(.symlink(Array(target.utf8)), mode: 0o777))
        case .directory:
            if let source = entry.sourceFile {
                try copy(directory: source, name: entry.source ?? source, entry: entry, to: path, in: &tree)
            }
            if let existing = tree[path], existing.isDirectory {
                // What is not stated stays as it is.
                tree.update(path) { node in
                    if let mode = entry.mode { node.mode = UInt16(mode & 0o7777) }
                    if let uid = entry.uid { node.uid = uid }
                    if let gid = entry.gid { node.gid = gid }
                }
            } else {
                try tree.put(node(.directory, mode: 0o755))
            }
            if entry.isRecursive { applyBelow(path, entry, in: &tree) }
        case .file:
            let content: FileContent
            if let text = entry.content {
                content = FileContent(text)
            } else if let source = entry.sourceFile {
                content = try read(source, name: entry.source ?? source, entry: entry)
            } else {
                content = FileContent([UInt8]())
            }
            try tree.put(node(.file(content), mode: 0o644))
        case .emptyfile:
            try tree.put(node(.file(FileContent([UInt8]())), mode: 0o644))
        case .delete:
            tree.remove(path)
        }
    }

    private func failure(_ entry: Plan.Path, _ detail: String) -> BuildError {
        BuildError("bad-path-entry", "'paths' entry '\(entry.path)': \(detail)")
    }

    /// The path with the links of its directories followed, so that `/var/run/x` lands in `/run`; what does not exist yet
    /// stays as it is.
    private func place(of path: TreePath, in tree: Tree) throws -> TreePath {
        let path = tree.canonical(path)
        var ancestor = path.parent
        while let directory = ancestor, !directory.isRoot {
            if tree[directory] != nil || tree.follow(directory) != nil {
                guard let real = try? tree.resolve(directory), let moved = path.rebased(from: directory, to: real)
                else { break }
                return moved
            }
            ancestor = directory.parent
        }
        return path
    }

    private mutating func applyBelow(_ path: TreePath, _ entry: Plan.Path, in tree: inout Tree) {
        for node in tree.descendants(of: path) {
            tree.update(node.path) { node in
                if let uid = entry.uid { node.uid = uid }
                if let gid = entry.gid { node.gid = gid }
                if let mode = entry.mode, node.symlinkTarget == nil { node.mode = UInt16(mode & 0o7777) }
            }
            if entry.mode != nil { statedModes.insert(node.path) }
        }
    }

    private mutating func read(_ source: String, name: String, entry: Plan.Path) throws -> FileContent {
        let bytes = try Files.read(source, limit: Self.fileLimit)
        let content = FileContent(bytes)
        contextFiles.append(ContextFile(name: name, sha256: content.sha256, size: content.size))
        return content
    }

    /// Copies a folder of the repository: names, contents and the execute bit; never its links, owners or times.
    private mutating func copy(
        directory: String,
        name: String,
        entry: Plan.Path,
        to path: TreePath,
        in tree: inout Tree,
        depth: Int = 0
    ) throws {
        guard depth < Self.depthLimit, contextFiles.count < Self.countLimit else {
            throw failure(entry, "'\(name)' is deeper than \(Self.depthLimit) folders or has too many files")
        }
        if tree[path]?.isDirectory != true {
            try tree.put(
                Node(
                    path,
                    .directory,
                    mode: 0o755,
                    uid: entry.uid ?? 0,
                    gid: entry.gid ?? 0,
                    mtime: epoch,
                    origin: .definition("paths")
                )
            )
        }
        for child in Files.names(in: directory).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            let file = "\(directory)/\(child)"
            let target = try TreePath(path.bytes + [0x2F] + Array(child.utf8))
            guard let status = FileStatus(ofLink: file) else { throw failure(entry, "'\(name)/\(child)' vanished") }
            if status.isDirectory {
                try copy(
                    directory: file,
                    name: "\(name)/\(child)",
                    entry: entry,
                    to: target,
                    in: &tree,
                    depth: depth + 1
                )
            } else if status.isRegular {
                let content = try read(file, name: "\(name)/\(child)", entry: entry)
                try tree.put(
                    Node(
                        target,
                        .file(content),
                        mode: status.isExecutable ? 0o755 : 0o644,
                        uid: entry.uid ?? 0,
                        gid: entry.gid ?? 0,
                        mtime: epoch,
                        origin: .definition("paths")
                    )
                )
            } else {
                throw failure(entry, "'\(name)/\(child)' is neither a file nor a folder")
            }
        }
    }
}
