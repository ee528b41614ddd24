// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// A public key that verifies signatures: ECDSA over a NIST curve, Ed25519, or RSA with PKCS #1 v1.5 padding.
///
/// Held as its SubjectPublicKeyInfo (RFC 5280 section 4.1), so that equality is equality of bytes.
package struct PublicKey: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case rsa(bits: Int)
        case p256, p384, p521
        case ed25519
    }

    package let kind: Kind
    /// DER of the SubjectPublicKeyInfo.
    package let der: [UInt8]

    /// Reads a `PUBLIC KEY`, `RSA PUBLIC KEY` or `CERTIFICATE` block; the first one in the text counts.
    package init(pem text: String) throws(KeyError) { try self.init(pem: Array(text.utf8)) }

    package init(pem text: [UInt8]) throws(KeyError) {
        let block = try PEM(first: text)
        switch block.label {
        case "PUBLIC KEY": try self.init(der: block.bytes)
        case "RSA PUBLIC KEY": try self.init(pkcs1: block.bytes)
        case "CERTIFICATE":
            let certificate = block.bytes.withUnsafeBufferPointer { buffer -> OpaquePointer? in
                var cursor = buffer.baseAddress
                return d2i_X509(nil, &cursor, buffer.count)
            }
            guard let certificate else { throw KeyError(.malformed, "the certificate's DER is damaged") }
            defer { X509_free(certificate) }
            guard let key = X509_get0_pubkey(certificate) else {
                throw KeyError(.malformed, "the certificate has no usable key")
            }
            try self.init(key)
        default: throw KeyError(.malformed, "a PEM block '\(block.label)' is no public key")
        }
    }

    /// Reads a DER SubjectPublicKeyInfo.
    package init(der: [UInt8]) throws(KeyError) {
        guard let key = PublicKey.parse(der) else { throw KeyError(.malformed, "the DER is damaged") }
        defer { EVP_PKEY_free(key) }
        try self.init(key)
        guard self.der == der else { throw KeyError(.malformed, "the DER is not in its one canonical form") }
    }

    /// Reads a DER RSAPublicKey (PKCS #1, RFC 8017 appendix A.1.1).
    package init(pkcs1 der: [UInt8]) throws(KeyError) {
        let key = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            guard let key = d2i_PublicKey(EVP_PKEY_RSA, nil, &cursor, buffer.count) else { return nil }
            guard cursor == buffer.baseAddress.map({ $0 + buffer.count }) else {
                EVP_PKEY_free(key)
                return nil
            }
            return key
        }
        guard let key else {
            ERR_clear_error()
            throw KeyError(.malformed, "the RSA key's DER is damaged")
        }
        defer { EVP_PKEY_free(key) }
        try self.init(key)
    }

    init(_ key: OpaquePointer) throws(KeyError) {
        kind = try PublicKey.kind(of: key)
        var buffer: UnsafeMutablePointer<UInt8>?
        let length = i2d_PUBKEY(key, &buffer)
        guard length > 0, let buffer else { throw KeyError(.library, "i2d_PUBKEY") }
        der = Array(UnsafeBufferPointer(start: buffer, count: Int(length)))
        CRYPTO_free(buffer, #fileID, #line)
    }

    static func parse(_ der: [UInt8]) -> OpaquePointer? {
        der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            guard let key = d2i_PUBKEY(nil, &cursor, buffer.count) else { return nil }
            guard cursor == buffer.baseAddress.map({ $0 + buffer.count }) else {
                EVP_PKEY_free(key)
                return nil
            }
            return key
        }
    }

    private static func kind(of key: OpaquePointer) throws(KeyError) -> Kind {
        let bits = Int(EVP_PKEY_get_bits(key))
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA:
            // Below 2048 bits a signature proves nothing (NIST SP 800-131A); above 16384 verifying is a denial of service.
            guard (2048...16384).contains(bits) else { throw KeyError(.unsupported, "RSA with \(bits) bits") }
            return .rsa(bits: bits)
        case EVP_PKEY_ED25519: return .ed25519
        case EVP_PKEY_EC:
            var name = [CChar](repeating: 0, count: 64)
            var length = 0
            guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else {
                throw KeyError(.unsupported, "an elliptic curve without a name")
            }
            let curve = String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            switch curve {
            case "prime256v1": return .p256
            case "secp384r1": return .p384
            case "secp521r1": return .p521
            default: throw KeyError(.unsupported, "the elliptic curve \(curve)")
            }
        default: throw KeyError(.unsupported, "neither RSA nor EC nor Ed25519")
        }
    }

    /// A `PUBLIC KEY` PEM block, which cosign, OpenSSL and apk read.
    package var pem: String { PEM(label: "PUBLIC KEY", bytes: der).text }

    /// SHA-256 over the SubjectPublicKeyInfo.
    package var fingerprint: Digest { .of(der) }

    /// The fingerprint in Base64: the key hint of a sigstore bundle.
    package var identifier: String { Base64.encode(fingerprint.bytes) }

    /// Whether `signature` is this key's over `message`.
    ///
    /// - Parameter digest: the hash for RSA and ECDSA; Ed25519 has its own and ignores it.
    package func verify(signature: [UInt8], message: [UInt8], digest: Digest.Algorithm = .sha256) -> Bool {
        guard signature.count <= 4096, let key = PublicKey.parse(der), let context = EVP_MD_CTX_new() else {
            return false
        }
        defer {
            EVP_MD_CTX_free(context)
            EVP_PKEY_free(key)
            ERR_clear_error()
        }
        let method: OpaquePointer? = kind == .ed25519 ? nil : digest.method
        guard EVP_DigestVerifyInit(context, nil, method, nil, key) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

extension Digest.Algorithm {
    /// OpenSSL's name for the algorithm.
    var method: OpaquePointer? {
        switch self {
        case .md5: EVP_md5()
        case .sha1: EVP_sha1()
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }
}
