// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// An incremental hash (OpenSSL's EVP, which uses the processor's SHA instructions).
///
/// A class because the context is a C object; one instance belongs to one task at a time.
package final class Hasher {
    private let context: OpaquePointer
    private let algorithm: Digest.Algorithm
    /// Whether the context has taken up the algorithm since the last digest.
    private var isStarted = false

    package init(_ algorithm: Digest.Algorithm = .sha256) {
        self.algorithm = algorithm
        guard let context = EVP_MD_CTX_new() else { fatalError("out of memory") }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    private func start() {
        if isStarted { return }
        guard EVP_DigestInit_ex(context, Method.of(algorithm), nil) == 1 else {
            fatalError("\(algorithm) is not available")
        }
        isStarted = true
    }

    /// The algorithms' implementations, looked up once: for `EVP_sha256()` and its like OpenSSL does it at each start, behind a
    /// lock. They are not changed after that, and never freed.
    private enum Method {
        nonisolated(unsafe) private static let md5 = fetch("MD5")
        nonisolated(unsafe) private static let sha1 = fetch("SHA1")
        nonisolated(unsafe) private static let sha256 = fetch("SHA256")
        nonisolated(unsafe) private static let sha384 = fetch("SHA384")
        nonisolated(unsafe) private static let sha512 = fetch("SHA512")

        static func of(_ algorithm: Digest.Algorithm) -> OpaquePointer {
            switch algorithm {
            case .md5: md5
            case .sha1: sha1
            case .sha256: sha256
            case .sha384: sha384
            case .sha512: sha512
            }
        }

        private static func fetch(_ name: String) -> OpaquePointer {
            // Fails only for want of memory, or where a FIPS provider forbids the algorithm: nothing to recover to.
            guard let method = EVP_MD_fetch(nil, name, nil) else { fatalError("\(name) is not available") }
            return method
        }
    }

    package func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        start()
        EVP_DigestUpdate(context, base, bytes.count)
    }

    package func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }
    package func update(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { update($0) } }
    package func update(_ text: String) { update(Array(text.utf8)) }

    /// The digest of everything so far; the hasher starts afresh.
    package func finish() -> Digest {
        var out = [UInt8](repeating: 0, count: algorithm.length)
        start()
        EVP_DigestFinal_ex(context, &out, nil)
        isStarted = false
        guard let digest = Digest(algorithm, bytes: out) else { fatalError("digest length") }
        return digest
    }
}

extension Digest {
    /// Hashes bytes that are in memory already.
    package static func of(_ bytes: [UInt8], _ algorithm: Algorithm = .sha256) -> Digest {
        let hasher = Hasher(algorithm)
        hasher.update(bytes)
        return hasher.finish()
    }

    /// Hashes a string's UTF-8 bytes.
    package static func of(_ text: String, _ algorithm: Algorithm = .sha256) -> Digest {
        of(Array(text.utf8), algorithm)
    }
}
