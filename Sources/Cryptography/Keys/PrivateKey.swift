// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// An ECDSA P-256 private key that signs deterministically: equal messages give equal signatures (RFC 6979).
package struct PrivateKey: Sendable {
    /// The secret scalar, 32 bytes, big-endian.
    let scalar: [UInt8]
    package let publicKey: PublicKey

    /// SubjectPublicKeyInfo of a P-256 key up to the 64 bytes of its point (RFC 5480 section 2).
    private static let publicPrefix = Hex.decode("3059301306072a8648ce3d020106082a8648ce3d03010703420004") ?? []
    /// OneAsymmetricKey with an ECPrivateKey (RFC 5208, RFC 5915) up to the scalar, and from there to the point.
    private static let privatePrefix =
        Hex.decode("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420") ?? []
    private static let privateInfix = Hex.decode("a14403420004") ?? []

    /// A new key from the operating system's randomness.
    package static func generate() throws(KeyError) -> PrivateKey {
        for _ in 0..<64 {
            // All but 2^-32 of the candidates are below the group's order.
            if let key = try? PrivateKey(scalar: try SecureRandom.bytes(32)) { return key }
        }
        throw KeyError(.library, "no random scalar is in range")
    }

    /// - Parameter scalar: 32 bytes, big-endian, between 1 and the group's order less one.
    package init(scalar: [UInt8]) throws(KeyError) {
        guard scalar.count == 32 else { throw KeyError(.malformed, "a P-256 scalar has 32 bytes, not \(scalar.count)") }
        self.scalar = scalar
        publicKey = try PublicKey(der: Self.publicPrefix + (try P256.point(of: scalar)))
    }

    /// Reads `PRIVATE KEY` (PKCS #8) or `EC PRIVATE KEY` (RFC 5915), unencrypted; parameters before it are skipped.
    package init(pem text: [UInt8]) throws(KeyError) {
        let blocks = try PEM.blocks(in: text)
        guard let block = blocks.first(where: { $0.label.hasSuffix("PRIVATE KEY") }) else {
            throw KeyError(.malformed, "it has no private key")
        }
        switch block.label {
        case "PRIVATE KEY", "EC PRIVATE KEY": try self.init(der: block.bytes)
        case "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY":
            throw KeyError(.unsupported, "a PEM block '\(block.label)'")
        default: throw KeyError(.malformed, "a PEM block '\(block.label)' is no plain private key")
        }
    }

    package init(pem text: String) throws(KeyError) { try self.init(pem: Array(text.utf8)) }

    /// Reads DER: PKCS #8, or RFC 5915 with a named curve.
    package init(der: [UInt8]) throws(KeyError) {
        let key = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            return d2i_AutoPrivateKey(nil, &cursor, buffer.count)
        }
        guard let key else {
            ERR_clear_error()
            throw KeyError(.malformed, "the private key's DER is damaged")
        }
        defer { EVP_PKEY_free(key) }
        guard let pair = EVP_PKEY_get0_EC_KEY(key), let group = EC_KEY_get0_group(pair),
            EC_GROUP_get_curve_name(group) == NID_X9_62_prime256v1, let number = EC_KEY_get0_private_key(pair)
        else { throw KeyError(.unsupported, "only ECDSA P-256 keys sign") }
        var scalar = [UInt8](repeating: 0, count: 32)
        guard BN_bn2binpad(number, &scalar, 32) == 32 else { throw KeyError(.malformed, "the scalar is out of range") }
        try self.init(scalar: scalar)
    }

    /// PKCS #8 DER with the public key included, as Go and OpenSSL write it.
    package var der: [UInt8] {
        Self.privatePrefix + scalar + Self.privateInfix + publicKey.der.suffix(64)
    }

    /// PKCS #8 in PEM, not encrypted.
    package var pem: String { PEM(label: "PRIVATE KEY", bytes: der).text }

    /// The DER signature (RFC 3279 section 2.2.3) over SHA-256 of the message, with the nonce of RFC 6979.
    package func sign(_ message: [UInt8]) throws(KeyError) -> [UInt8] { try sign(digest: .of(message)) }

    /// Signs a SHA-256 digest.
    package func sign(digest: Digest) throws(KeyError) -> [UInt8] {
        guard digest.algorithm == .sha256 else { throw KeyError(.unsupported, "signing \(digest.algorithm.rawValue)") }
        var nonces = try Nonces(scalar: scalar, digest: digest.bytes)
        while true {
            if let signature = try P256.sign(digest: digest.bytes, scalar: scalar, nonce: try nonces.next()) {
                return signature
            }
        }
    }
}

/// The deterministic nonces of RFC 6979 section 3.2, for P-256 and SHA-256 (qlen = hlen = 256).
private struct Nonces {
    private var key = [UInt8](repeating: 0, count: 32)
    private var value = [UInt8](repeating: 1, count: 32)

    init(scalar: [UInt8], digest: [UInt8]) throws(KeyError) {
        let reduced = try P256.reduced(digest)
        key = HMAC.sha256(key: key, value, [0], scalar, reduced)
        value = HMAC.sha256(key: key, value)
        key = HMAC.sha256(key: key, value, [1], scalar, reduced)
        value = HMAC.sha256(key: key, value)
    }

    /// The next candidate in 1...order-1 (step h).
    mutating func next() throws(KeyError) -> [UInt8] {
        while true {
            value = HMAC.sha256(key: key, value)
            let candidate = value
            key = HMAC.sha256(key: key, value, [0])
            value = HMAC.sha256(key: key, value)
            if try P256.isScalar(candidate) { return candidate }
        }
    }
}
