// SPDX-License-Identifier: Apache-2.0

internal import Archives
internal import FileTree

/// The tar stream of a layer, cut into blocks.
///
/// A file of a block's size or more starts a block of its own and is cut every block's size from its start; small entries
/// are gathered, and a block is closed early after an entry whose path says so (one in sixteen, once there is enough), so
/// that an entry that comes or goes moves the borders next to it and no others.
struct TarBlocks {
    private let entries: [TarEntries.Entry]
    private let contents: any ContentSource
    private let writer: TarWriter
    private let buffer: Buffer
    private var position = 0
    /// How much of the current entry's content has been written.
    private var offset = 0
    private var isFinished = false

    private final class Buffer {
        var bytes: [UInt8] = []
    }

    init(entries: [TarEntries.Entry], contents: any ContentSource, name: String) throws {
        self.entries = entries
        self.contents = contents
        let buffer = Buffer()
        self.buffer = buffer
        writer = try TarWriter(name: "layer '\(name)'") { buffer.bytes.append(contentsOf: $0) }
    }

    /// The next block; nil after the last one.
    mutating func next() throws -> [UInt8]? {
        buffer.bytes = []
        buffer.bytes.reserveCapacity(LayerFormat.blockSize + 65536)
        while position < entries.count {
            let entry = entries[position]
            let size = entry.content?.size ?? 0
            if offset == 0 {
                if size >= LayerFormat.blockSize && !buffer.bytes.isEmpty { return buffer.bytes }
                try writer.begin(entry.header)
            }
            if let content = entry.content, offset < size {
                let count = min(size - offset, LayerFormat.blockSize)
                let bytes = try contents.read(content, range: offset..<(offset + count))
                guard bytes.count == count else {
                    throw TreeError(
                        .missing,
                        path: entry.header.pathText,
                        detail: "its content in the store is shorter than it was"
                    )
                }
                try bytes.withUnsafeBytes { try writer.write($0) }
                offset += count
                if offset < size { return buffer.bytes }
            }
            try writer.endEntry()
            position += 1
            offset = 0
            if size >= LayerFormat.blockSize || buffer.bytes.count >= LayerFormat.blockSize
                || (buffer.bytes.count >= LayerFormat.blockSize / 4 && isBorder(entry.header.path))
            {
                return buffer.bytes
            }
        }
        if !isFinished {
            isFinished = true
            try writer.finish()
            return buffer.bytes
        }
        return nil
    }

    /// FNV-1a over the path: any hash does that is the same everywhere.
    private func isBorder(_ path: [UInt8]) -> Bool {
        var hash: UInt32 = 2_166_136_261
        for byte in path { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return (hash >> 16) & 15 == 0
    }
}

extension ArchiveEntry {
    fileprivate var pathText: String { String(decoding: path, as: UTF8.self) }
}
