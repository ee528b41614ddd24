// SPDX-License-Identifier: Apache-2.0

internal import Archives
internal import Cryptography
internal import FileTree

/// The tar headers of a layer's nodes.
enum TarEntries {
    struct Entry: Sendable {
        var header: ArchiveEntry
        var content: FileContent?
    }

    /// Headers in the order of the nodes, with times normalised: files keep theirs up to `epoch`; a directory, whose time
    /// says nothing, gets that of the newest other entry in the layer, so that it depends on the layer's content alone.
    static func entries(for nodes: [Node], epoch: Int) -> [Entry] {
        let newest = nodes.lazy.filter { !$0.isDirectory }.map { min($0.mtime, epoch) }.max() ?? epoch
        return nodes.map { node in
            let kind: ArchiveEntry.Kind =
                switch node.kind {
                case .directory: .directory
                case .file: .file
                case .symlink(let target): .symlink(target)
                case .hardLink(let target): .hardLink(target.bytes)
                }
            let header = ArchiveEntry(
                path: node.path.bytes,
                kind: kind,
                mode: node.symlinkTarget == nil ? node.mode : 0o777,
                uid: node.uid,
                gid: node.gid,
                userName: "",
                groupName: "",
                mtime: max(node.isDirectory ? newest : min(node.mtime, epoch), 0),
                size: node.content?.size ?? 0,
                xattrs: node.xattrs
            )
            return Entry(header: header, content: node.content)
        }
    }

    /// The digest of everything that decides the layer's bytes.
    static func key(_ entries: [Entry], compressor: String) -> Digest {
        let hasher = Hasher()
        func field(_ bytes: [UInt8]) {
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hasher.update($0) }
            hasher.update(bytes)
        }
        func number(_ value: Int) { withUnsafeBytes(of: Int64(value).littleEndian) { hasher.update($0) } }
        hasher.update("basalt layer format \(LayerFormat.version)\n\(compressor)\n")
        for entry in entries {
            let header = entry.header
            field(header.path)
            switch header.kind {
            case .file: number(0)
            case .directory: number(1)
            case .symlink(let target):
                number(2)
                field(target)
            case .hardLink(let target):
                number(3)
                field(target)
            case .characterDevice, .blockDevice, .fifo, .socket: preconditionFailure("a tree has no devices")
            }
            number(Int(header.mode))
            number(header.uid)
            number(header.gid)
            number(header.mtime)
            number(header.xattrs.count)
            for (name, value) in header.xattrs.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                field(Array(name.utf8))
                field(value)
            }
            if let content = entry.content {
                number(content.size)
                field(content.sha256.bytes)
            }
        }
        return hasher.finish()
    }
}
