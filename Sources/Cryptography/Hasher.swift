// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// An incremental hash (OpenSSL's EVP, which uses the processor's SHA instructions).
///
/// A class because the context is a C object; one instance belongs to one task at a time.
package final class Hasher {
    private let context: OpaquePointer
    private let algorithm: Digest.Algorithm

    package init(_ algorithm: Digest.Algorithm = .sha256) {
        self.algorithm = algorithm
        guard let context = EVP_MD_CTX_new() else { fatalError("out of memory") }
        self.context = context
        start()
    }

    deinit { EVP_MD_CTX_free(context) }

    private func start() {
        let method =
            switch algorithm {
            case .md5: EVP_md5()
            case .sha1: EVP_sha1()
            case .sha256: EVP_sha256()
            case .sha384: EVP_sha384()
            case .sha512: EVP_sha512()
            }
        // Fails only for want of memory, or where a FIPS provider forbids the algorithm: nothing to recover to.
        guard EVP_DigestInit_ex(context, method, nil) == 1 else { fatalError("\(algorithm) is not available") }
    }

    package func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        EVP_DigestUpdate(context, base, bytes.count)
    }

    package func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }
    package func update(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { update($0) } }
    package func update(_ text: String) { update(Array(text.utf8)) }

    /// The digest of everything so far; the hasher starts afresh.
    package func finish() -> Digest {
        var out = [UInt8](repeating: 0, count: algorithm.length)
        EVP_DigestFinal_ex(context, &out, nil)
        start()
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
