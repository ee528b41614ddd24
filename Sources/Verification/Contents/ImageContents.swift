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
            case special
        }
        package var kind: Kind
        package var mode: UInt16
        package var uid: Int
        package var gid: Int
        package var xattrs: [String: [UInt8]]
    }

    package private(set) var entries: [TreePath: Entry] = [:]
    /// The contents of files that checks read: small ones, and those asked for.
    package private(set) var documents: [TreePath: [UInt8]] = [:]

    /// Reads the layers of an image, lowest first, checking each against its digest and its diff ID; a layer is a file that
    /// is streamed, never in memory.
    ///
    /// - Parameters:
    ///   - spool: gets the contents of all files, where there is one.
    ///   - keeps: whether a file's content (of at most 64 MiB) is kept in memory.
    /// - Throws: `OCIError` when a layer is not what its descriptor or the configuration says.
    package init(
        layers: [Descriptor],
        configuration: ImageConfiguration,
        source: any ImageSource,
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
        for (layer, diffID) in zip(layers, configuration.diffIDs) {
            let path = try await source.file(layer)
            let hasher = Hasher(diffID.algorithm)
            try Decompressor.decompress(path: path, limit: 16 << 30) { hasher.update($0) }
            let actual = hasher.finish()
            guard actual == diffID else {
                throw OCIError(.mismatch, "the layer \(layer.digest)", "unpacked it is \(actual), expected \(diffID)")
            }
            try apply(path, spool: spool, keeps: keeps)
        }
    }

    private mutating func apply(_ path: String, spool: FileSpool?, keeps: (TreePath) -> Bool) throws {
        let reader = try ArchiveReader(path: path, format: .tar)
        var own: Set<TreePath> = []
        while let header = try reader.next() {
            let path = try TreePath(header.path)
            if path.isRoot { continue }
            // image-spec layer.md, "Whiteouts".
            if path.name.starts(with: ".wh.".utf8) {
                let parent = path.parent ?? .root
                if path.name.elementsEqual(".wh..wh..opq".utf8) {
                    for old in entries.keys where old != parent && old.isWithin(parent) && !own.contains(old) {
                        drop(old)
                    }
                } else {
                    let hidden = parent.appending(path.name.dropFirst(4))
                    for old in entries.keys where old.isWithin(hidden) && !own.contains(old) { drop(old) }
                }
                continue
            }
            guard own.insert(path).inserted else {
                throw OCIError(.malformed, "a layer", "it has '\(path)' twice")
            }
            var entry = Entry(
                kind: .special,
                mode: header.mode,
                uid: header.uid,
                gid: header.gid,
                xattrs: header.xattrs
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
            case .characterDevice, .blockDevice, .fifo, .socket: entry.kind = .special
            }
            if entry.kind != .directory, entries[path]?.kind == .directory {
                for old in entries.keys where old.isWithin(path) { drop(old) }
            }
            entries[path] = entry
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
