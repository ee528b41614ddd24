// SPDX-License-Identifier: Apache-2.0

package import Cryptography
internal import Glibc

/// An object on its way into the store: hashed while it is written, and gone if it is not finished.
package final class StoreWriter {
    private let store: Store
    private let file: OpenFile
    private let hasher = Hasher()
    private var isFinished = false
    /// Bytes written so far.
    package private(set) var size = 0

    init(store: Store, path: String) throws(FetchError) {
        self.store = store
        file = try OpenFile(path, flags: O_RDWR | O_CREAT | O_EXCL, action: "write")
    }

    deinit { if !isFinished { Files.remove(file.path) } }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
        try file.write(bytes)
        hasher.update(bytes)
        size += bytes.count
    }

    package func write(_ bytes: [UInt8]) throws(FetchError) {
        try bytes.span.bytes.withUnsafeBytes { (buffer) throws(FetchError) in try write(buffer) }
    }

    /// Ends the object and gives it its place.
    ///
    /// - Parameters:
    ///   - expected: the digest that it must have; another one leaves nothing in the store.
    ///   - name: what a message calls it.
    package func finish(expecting expected: Digest? = nil, name: String = "content") throws(FetchError) -> Digest {
        let digest = hasher.finish()
        if let expected, expected != digest { throw .hashMismatch(name, expected: expected, received: digest) }
        if store.path(of: digest) == nil {
            try file.synchronize()
            _ = try store.adopt(file, as: digest)
            isFinished = true
        }
        return digest
    }
}

extension FetchError {
    static func hashMismatch(_ name: String, expected: Digest, received: Digest) -> FetchError {
        FetchError(
            .hashMismatch,
            "\(name) is not what was promised: expected \(expected), received \(received)",
            hint: "the mirror may be in the middle of an update, damaged or tampered with: try again, or another mirror"
        )
    }
}
