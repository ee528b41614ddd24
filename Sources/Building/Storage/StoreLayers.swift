// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Fetching
internal import Glibc
internal import Layers

/// Keeps compressed blocks, layer blobs and the records of layers in the store.
struct StoreLayers: LayerStore {
    let store: Store

    func block(
        _ source: Digest,
        compressor: String,
        make: @Sendable () throws -> [UInt8]
    ) async throws -> [UInt8] {
        try await store.derivedBytes(
            from: source,
            form: "block-" + Self.slug(compressor),
            limit: 1 << 26,
            make: make
        )
    }

    func newBlob() throws -> any BlobWriter { Blob(try store.writer()) }

    func layer(_ key: Digest) throws -> Layer? {
        guard let path = store.derivedPath(from: key, form: Self.recordForm),
            let record = try? JSON(parsing: try Files.read(path, limit: 1 << 16)),
            let digest = record["digest"]?.text.flatMap({ Digest($0) }), let size = record["size"]?.int,
            let diffID = record["diffID"]?.text.flatMap({ Digest($0) }),
            let uncompressed = record["uncompressedSize"]?.int,
            let compression = record["compression"]?.text.flatMap({ LayerCompression(rawValue: $0) }),
            store.size(of: digest) == size
        else { return nil }
        return Layer(
            title: "",
            compression: compression,
            digest: digest,
            size: size,
            diffID: diffID,
            uncompressedSize: uncompressed
        )
    }

    func remember(_ layer: Layer, key: Digest) throws {
        let record: JSON = [
            "compression": .string(layer.compression.rawValue), "diffID": .string(layer.diffID.description),
            "digest": .string(layer.digest.description), "size": .integer(layer.size),
            "uncompressedSize": .integer(layer.uncompressedSize),
        ]
        try store.putDerived(record.canonical, from: key, form: Self.recordForm)
    }

    private static let recordForm = "layer-1"

    private static func slug(_ text: String) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-" })
    }

    /// `StoreWriter` under the layer writer's protocol.
    private final class Blob: BlobWriter {
        private let writer: StoreWriter
        init(_ writer: StoreWriter) { self.writer = writer }
        func write(_ bytes: [UInt8]) throws { try writer.write(bytes) }
        func finish() throws -> (digest: Digest, size: Int) {
            let size = writer.size
            return (try writer.finish(), size)
        }
    }
}
