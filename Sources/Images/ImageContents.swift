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
    /// The contents of the files that the reader asked for.
    package private(set) var documents: [TreePath: [UInt8]] = [:]
    /// A file for each layer, lowest first.
    package private(set) var files: [String] = []

    private let limits: ImageLimits
    /// What was taken of the limits so far; of `kept`, what is held now.
    private var taken = (entries: 0, names: 0, content: 0, kept: 0)
    /// What layers hide of lower ones, until `dropHidden`.
    var covers: [TreePath: Cover] = [:]

    /// Reads the layers of an image, lowest first, checking each against its digest and its diff ID; a layer is a file that
    /// is streamed, never in memory, and decompressed once. Nobody gets to see what is in a layer with another diff ID.
    ///
    /// - Parameters:
    ///   - spool: gets the contents of all files, where there is one.
    ///   - keeps: whether a file's content is kept in memory.
    /// - Throws: `OCIError` when a layer is not what its descriptor or the configuration says, or exceeds a limit.
    package init(
        layers: [Descriptor],
        configuration: ImageConfiguration,
        source: any ImageSource,
        limits: ImageLimits = ImageLimits(),
        spool: FileSpool? = nil,
        keeps: (TreePath) -> Bool
    ) async throws {
        self.limits = limits
        guard layers.count == configuration.diffIDs.count else {
            throw OCIError(
                .mismatch,
                "the configuration",
                "\(configuration.diffIDs.count) diff_ids for \(layers.count) layers"
            )
        }
        try limits.check(layers)
        var rest = limits.unpacked
        for (number, (layer, diffID)) in zip(layers, configuration.diffIDs).enumerated() {
            let path = try await source.file(layer)
            files.append(path)
            do {
                let stream = try LayerStream(path: path, algorithm: diffID.algorithm, limit: rest)
                try apply(stream, number: number, spool: spool, keeps: keeps)
                let actual = try stream.finish()
                rest -= stream.count
                guard actual == diffID else {
                    throw OCIError(
                        .mismatch,
                        "the layer \(layer.digest)",
                        "unpacked it is \(actual), expected \(diffID)"
                    )
                }
            } catch let error as ArchiveError {
                throw OCIError(
                    error.kind == .limit ? .tooLarge : .malformed,
                    "the layer \(layer.digest)",
                    "\(error.message)"
                )
            } catch let error as TreeError {
                throw OCIError(.malformed, "the layer \(layer.digest)", error.message)
            }
        }
        if layers.count > 1 { dropHidden() }
    }

    private mutating func apply(
        _ stream: LayerStream,
        number: Int,
        spool: FileSpool?,
        keeps: (TreePath) -> Bool
    ) throws {
        let reader = try ArchiveReader(
            name: "the layer",
            format: .tar,
            limits: ArchiveLimits(entries: limits.entries - taken.entries, total: limits.unpacked - taken.content),
            isPlain: true,
            producer: { try stream.next() }
        )
        var own: Set<TreePath> = []
        while let header = try reader.next() {
            try take(header)
            let path = try TreePath(header.path)
            if path.isRoot { continue }
            guard path.bytes.count(where: { $0 == 0x2F }) < limits.depth else {
                throw OCIError(.tooLarge, "a layer", "it has a path of more than \(limits.depth) components")
            }
            if try cover(path, number: number) { continue }
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
            // Whatever takes the place of a file takes its content away.
            var document: [UInt8]?
            switch header.kind {
            case .directory: entry.kind = .directory
            case .symlink(let target): entry.kind = .symlink(target)
            case .hardLink(let target):
                let other = try TreePath(target)
                guard let linked = entries[other], !isHidden(other, of: linked.layer) else {
                    throw OCIError(.malformed, "a layer", "'\(path)' is a link to '\(other)', which is not there")
                }
                guard linked.kind != .directory else {
                    throw OCIError(.malformed, "a layer", "'\(path)' is a hard link to '\(other)', a directory")
                }
                entry = linked
                entry.layer = number
                if keeps(path) { document = documents[other] }
            case .file:
                let hasher = Hasher(.sha256)
                let isKept = keeps(path)
                if isKept, header.size > limits.file {
                    throw OCIError(.tooLarge, "'\(path)'", "it has \(header.size) bytes, at most \(limits.file)")
                }
                if isKept { try checkRoom(for: header.size) }
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
                if isKept { document = kept }
            case .characterDevice: entry.kind = .special(.characterDevice)
            case .blockDevice: entry.kind = .special(.blockDevice)
            case .fifo: entry.kind = .special(.fifo)
            case .socket: entry.kind = .special(.socket)
            }
            if let old = entries[path], old.kind != .directory, entry.kind == .directory {
                // What lay below when it was none is not there again.
                covers[path, default: Cover()].inside = max(covers[path]?.inside ?? -1, old.layer)
            }
            entries[path] = entry
            try keep(document, at: path)
        }
    }

    /// Takes an entry of the limits.
    private mutating func take(_ header: ArchiveEntry) throws(OCIError) {
        taken.entries += 1
        taken.content += header.size
        taken.names += header.path.count
        switch header.kind {
        case .symlink(let target), .hardLink(let target): taken.names += target.count
        default: break
        }
        for (name, value) in header.xattrs { taken.names += name.utf8.count + value.count }
        guard taken.names <= limits.names else {
            throw OCIError(.tooLarge, "the image", "its names and attributes have more than \(limits.names) bytes")
        }
    }

    private func checkRoom(for size: Int) throws(OCIError) {
        guard taken.kept + size <= limits.kept else {
            throw OCIError(.tooLarge, "the image", "the files to be read of it have more than \(limits.kept) bytes")
        }
    }

    private mutating func keep(_ bytes: [UInt8]?, at path: TreePath) throws(OCIError) {
        taken.kept -= documents[path]?.count ?? 0
        documents[path] = nil
        guard let bytes else { return }
        try checkRoom(for: bytes.count)
        taken.kept += bytes.count
        documents[path] = bytes
    }

    mutating func drop(_ path: TreePath) {
        entries[path] = nil
        documents[path] = nil
    }

    /// In byte order of paths.
    package var sorted: [(path: TreePath, entry: Entry)] {
        entries.sorted { $0.key < $1.key }.map { (path: $0.key, entry: $0.value) }
    }

    /// Where a path leads when links are followed, whether there is something or not; nil where they go in circles.
    package func resolved(_ path: TreePath) -> TreePath? {
        var rest = Array(path.components.reversed())
        var at = TreePath.root
        var links = 0
        while let component = rest.popLast() {
            if component.elementsEqual(".".utf8) { continue }
            if component.elementsEqual("..".utf8) {
                at = at.parent ?? .root
                continue
            }
            let next = at.appending(component)
            // PATH_MAX, and Linux's own bound on links (path_resolution(7)).
            guard next.bytes.count < 4096 else { return nil }
            guard case .symlink(let target) = entries[next]?.kind else {
                at = next
                continue
            }
            links += 1
            guard links <= 40, target.count < 4096 else { return nil }
            if target.first == 0x2F { at = .root }
            rest += target.split(separator: 0x2F).reversed()
        }
        return at
    }
}
