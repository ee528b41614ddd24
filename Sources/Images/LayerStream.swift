// SPDX-License-Identifier: Apache-2.0

internal import Archives
internal import Cryptography

/// One layer, decompressed once: what is pulled of it is hashed as it passes.
final class LayerStream {
    private let decompressor: Decompressor
    private let hasher: Hasher

    /// - Parameter limit: the most bytes that may come out.
    init(path: String, algorithm: Digest.Algorithm, limit: Int) throws {
        decompressor = try Decompressor(path: path, limit: limit)
        hasher = Hasher(algorithm)
    }

    /// Bytes that came out so far.
    var count: Int { decompressor.total }

    /// The next bytes, valid until the next call; an empty buffer at the end.
    func next() throws -> UnsafeRawBufferPointer {
        let bytes = try decompressor.next()
        if !bytes.isEmpty { hasher.update(bytes) }
        return bytes
    }

    /// Reads what is left, as it is when a tar ends before its file, and gives the digest of all.
    func finish() throws -> Digest {
        while try !next().isEmpty {}
        return hasher.finish()
    }
}
