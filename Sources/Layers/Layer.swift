// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// A finished layer: what a descriptor and an image config say of it.
package struct Layer: Sendable, Hashable {
    package var title: String
    package var compression: LayerCompression
    /// SHA-256 of the compressed bytes, under which the store has them.
    package var digest: Digest
    /// Compressed size in bytes.
    package var size: Int
    /// SHA-256 of the uncompressed tar (image-spec config.md, `rootfs.diff_ids`).
    package var diffID: Digest
    /// Size of the tar in bytes.
    package var uncompressedSize: Int

    package init(
        title: String,
        compression: LayerCompression,
        digest: Digest,
        size: Int,
        diffID: Digest,
        uncompressedSize: Int
    ) {
        self.title = title
        self.compression = compression
        self.digest = digest
        self.size = size
        self.diffID = diffID
        self.uncompressedSize = uncompressedSize
    }
}

/// Where the layer writer keeps what it makes, and finds what was made before. `Building` puts the store behind it.
package protocol LayerStore: Sendable {
    /// The compressed form of a block, by the digest of the uncompressed one and the compressor's name; made when absent, and
    /// once where several layers have it at the same time.
    func block(
        _ source: Digest,
        compressor: String,
        make: @Sendable () throws -> [UInt8]
    ) async throws -> [UInt8]
    /// Opens a new blob; what is written is hashed, and `finish` puts it under its digest.
    func newBlob() throws -> any BlobWriter
    /// The record of a layer that was written before, by the digest of what went into it; nil when its blob is gone.
    func layer(_ key: Digest) throws -> Layer?
    func remember(_ layer: Layer, key: Digest) throws
}

/// Takes a blob's bytes.
package protocol BlobWriter: AnyObject {
    func write(_ bytes: [UInt8]) throws
    /// Ends the blob: its digest and its size in bytes.
    func finish() throws -> (digest: Digest, size: Int)
}
