// SPDX-License-Identifier: Apache-2.0

internal import Archives
internal import Cryptography
package import FileTree

/// Writes layers: tree nodes to tar to gzip or zstd, hashed on the way, compressed in parallel.
///
/// The tar stream is cut into blocks at places that depend on its content alone, and each is deflated on its own. So the
/// bytes are the same for any number of cores, and a block that was compressed once, for whatever image, is never
/// compressed again.
package struct LayerWriter: Sendable {
    private let contents: any ContentSource
    private let store: any LayerStore
    /// File times after this are set to it. Seconds since the epoch.
    private let epoch: Int
    private let compression: LayerCompression
    /// The most blocks that are compressed at once.
    private let width: Int

    package init(
        contents: any ContentSource,
        store: any LayerStore,
        epoch: Int,
        compression: LayerCompression,
        width: Int
    ) {
        self.contents = contents
        self.store = store
        self.epoch = epoch
        self.compression = compression
        self.width = max(width, 1)
    }

    /// Writes one layer, or finds it when it was written before.
    package func write(_ layer: LayerContents) async throws -> Layer {
        let entries = TarEntries.entries(for: layer.nodes, epoch: epoch)
        let key = TarEntries.key(entries, compressor: LayerFormat.compressor(compression))
        if var known = try store.layer(key) {
            known.title = layer.title
            return known
        }
        let result =
            switch compression {
            case .gzip: try await writeGzip(entries, title: layer.title)
            case .zstd: try writeZstd(entries, title: layer.title)
            }
        try store.remember(result, key: key)
        return result
    }

    private func writeGzip(_ entries: [TarEntries.Entry], title: String) async throws -> Layer {
        let blob = try store.newBlob()
        let compressor = LayerFormat.compressor(.gzip)
        let diffID = Hasher()
        var blocks = try TarBlocks(entries: entries, contents: contents, name: title)
        var size = 0
        var crc: UInt32 = 0
        try blob.write(GzipFraming.header)

        struct Piece: Sendable {
            var index: Int
            var deflated: [UInt8]
            var crc: UInt32
            var size: Int
        }
        try await withThrowingTaskGroup(of: Piece.self) { group in
            var next = 0
            var written = 0
            var waiting: [Int: Piece] = [:]
            func drain(to limit: Int) async throws {
                while next - written > limit {
                    guard let piece = try await group.next() else { return }
                    waiting[piece.index] = piece
                    while let piece = waiting.removeValue(forKey: written) {
                        try blob.write(piece.deflated)
                        crc = Deflate.combine(crc, piece.crc, length: piece.size)
                        written += 1
                    }
                }
            }
            while let block = try blocks.next() {
                block.withUnsafeBytes { diffID.update($0) }
                size += block.count
                let index = next
                next += 1
                let store = store
                group.addTask {
                    let deflated = try await store.block(.of(block), compressor: compressor) {
                        try block.withUnsafeBytes { try Deflate.compress($0, level: LayerFormat.gzipLevel) }
                    }
                    let crc = block.withUnsafeBytes { Deflate.crc32($0) }
                    return Piece(index: index, deflated: deflated, crc: crc, size: block.count)
                }
                try await drain(to: width * 2)
            }
            try await drain(to: 0)
        }
        try blob.write(GzipFraming.trailer(crc32: crc, size: size))
        let (digest, compressed) = try blob.finish()
        return Layer(
            title: title,
            compression: .gzip,
            digest: digest,
            size: compressed,
            diffID: diffID.finish(),
            uncompressedSize: size
        )
    }

    private func writeZstd(_ entries: [TarEntries.Entry], title: String) throws -> Layer {
        let blob = try store.newBlob()
        let diffID = Hasher()
        var blocks = try TarBlocks(entries: entries, contents: contents, name: title)
        let zstd = try ZstdWriter(name: title, level: LayerFormat.zstdLevel) { try blob.write(Array($0)) }
        var size = 0
        while let block = try blocks.next() {
            diffID.update(block)
            size += block.count
            try block.withUnsafeBytes { try zstd.write($0) }
        }
        try zstd.finish()
        let (digest, compressed) = try blob.finish()
        return Layer(
            title: title,
            compression: .zstd,
            digest: digest,
            size: compressed,
            diffID: diffID.finish(),
            uncompressedSize: size
        )
    }
}
