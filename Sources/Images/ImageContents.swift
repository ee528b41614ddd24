// SPDX-License-Identifier: Apache-2.0

internal import Archives
package import Cryptography
package import FileTree
package import OCI

/// What is really in an image: its layers, unpacked into names and digests.
package struct ImageContents: Sendable {
    package struct Entry: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            case file(sha256: Digest, size: Int)
            case directory
            case symlink([UInt8])
            case special(Special)
        }
        package var kind: Kind
        /// What no image of ours has, and others may.
        package enum Special: String, Sendable {
            case characterDevice, blockDevice, fifo, socket
        }

        package var mode: UInt16
        package var uid: Int
        package var gid: Int
        package var xattrs: [String: [UInt8]]
        /// Seconds since the epoch.
        package var mtime: Int
        /// The layer that it is in, from 0.
        package var layer: Int
    }

    package private(set) var entries: [TreePath: Entry] = [:]
    /// The contents of files that checks read: small ones, and those asked for.
    package private(set) var documents: [TreePath: [UInt8]] = [:]

    /// Reads the layers of an image, lowest first, checking each against its digest and its diff ID; a layer is a file that
    /// is streamed, never in memory.
    ///
    /// - Parameters:
    ///   - limit: the most bytes that all layers may have together, unpacked: a layer of a few megabytes can claim terabytes.
    ///   - spool: gets the contents of all files, where there is one.
    ///   - keeps: whether a file's content (of at most 64 MiB) is kept in memory.
    /// - Throws: `OCIError` when a layer is not what its descriptor or the configuration says.
    package init(
        layers: [Descriptor],
        configuration: ImageConfiguration,
        source: any ImageSource,
        limit: Int = 16 << 30,
        spool: FileSpool? = nil,
        keeps: (TreePath) -> Bool
    ) async throws {
        guard layers.count == configuration.diffIDs.count else {
            throw OCIError(
                .mismatch,
                "the configuration",
                "\(configuration.diffIDs.count) diff_ids for \(layers.count) layers"
            )
        }
        var rest = limit
        for (number, (layer, diffID)) in zip(layers, configuration.diffIDs).enumerated() {
            let path = try await source.file(layer)
            let hasher = Hasher(diffID.algorithm)
            var size = 0
            do {
                try Decompressor.decompress(path: path, limit: rest) {
                    hasher.update($0)
                    size += $0.count
                }
            } catch let error as ArchiveError {
                throw OCIError(
                    error.kind == .limit ? .tooLarge : .malformed,
                    "the layer \(layer.digest)",
                    "\(error.message)"
                )
            }
            rest -= size
            let actual = hasher.finish()
            guard actual == diffID else {
                throw OCIError(.mismatch, "the layer \(layer.digest)", "unpacked it is \(actual), expected \(diffID)")
            }
            do {
                try apply(path, number: number, spool: spool, keeps: keeps)
            } catch let error as ArchiveError {
                throw OCIError(.malformed, "the layer \(layer.digest)", "\(error.message)")
            } catch let error as TreeError {
                throw OCIError(.malformed, "the layer \(layer.digest)", error.message)
            }
        }
    }

    private mutating func apply(_ path: String, number: Int, spool: FileSpool?, keeps: (TreePath) -> Bool) throws {
        let reader = try ArchiveReader(path: path, format: .tar)
        var own: Set<TreePath> = []
        // What this layer hides of the ones below: paths with what lies below them, and directories' content alone. Looked up
        // once at the end, since a layer may have as many whiteouts as entries.
        var hidden: Set<TreePath> = []
        var emptied: Set<TreePath> = []
        while let header = try reader.next() {
            let path = try TreePath(header.path)
            if path.isRoot { continue }
            // image-spec layer.md, "Whiteouts".
            if path.name.starts(with: ".wh.".utf8) {
                let parent = path.parent ?? .root
                if path.name.elementsEqual(".wh..wh..opq".utf8) {
                    emptied.insert(parent)
                } else {
                    hidden.insert(parent.appending(path.name.dropFirst(4)))
                }
                continue
            }
            guard own.insert(path).inserted else {
                throw OCIError(.malformed, "a layer", "it has '\(path)' twice")
            }
            var entry = Entry(
                kind: .directory,
                mode: header.mode,
                uid: header.uid,
                gid: header.gid,
                xattrs: header.xattrs,
                mtime: header.mtime,
                layer: number
            )
            switch header.kind {
            case .directory: entry.kind = .directory
            case .symlink(let target): entry.kind = .symlink(target)
            case .hardLink(let target):
                let other = try TreePath(target)
                guard let linked = entries[other] else {
                    throw OCIError(.malformed, "a layer", "'\(path)' is a link to '\(other)', which is not there")
                }
                entry = linked
                entry.layer = number
                documents[path] = documents[other]
            case .file:
                let hasher = Hasher(.sha256)
                let isKept = keeps(path) && header.size <= 64 << 20
                var kept: [UInt8] = []
                var size = 0
                try reader.readData { bytes in
                    hasher.update(bytes)
                    size += bytes.count
                    try spool?.append(bytes)
                    if isKept { kept.append(contentsOf: bytes) }
                }
                let sha256 = hasher.finish()
                try spool?.finish(sha256)
                entry.kind = .file(sha256: sha256, size: size)
                documents[path] = isKept ? kept : nil
            case .characterDevice: entry.kind = .special(.characterDevice)
            case .blockDevice: entry.kind = .special(.blockDevice)
            case .fifo: entry.kind = .special(.fifo)
            case .socket: entry.kind = .special(.socket)
            }
            if entry.kind != .directory, entries[path]?.kind == .directory { emptied.insert(path) }
            entries[path] = entry
        }
        if hidden.isEmpty && emptied.isEmpty { return }
        let isRootEmptied = emptied.contains(.root)
        for (path, entry) in entries where entry.layer < number {
            if isRootEmptied || hidden.contains(path)
                || path.ancestors.contains(where: { hidden.contains($0) || emptied.contains($0) })
            {
                drop(path)
            }
        }
    }

    private mutating func drop(_ path: TreePath) {
        entries[path] = nil
        documents[path] = nil
    }

    /// In byte order of paths.
    package var sorted: [(path: TreePath, entry: Entry)] {
        entries.sorted { $0.key < $1.key }.map { (path: $0.key, entry: $0.value) }
    }
}
