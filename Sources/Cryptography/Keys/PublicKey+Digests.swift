// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

extension PublicKey {
    /// The hashes that signatures of this kind of key are made with: the one of the key's strength first, then what tools
    /// use that know only SHA-256. Empty for Ed25519, which hashes by itself.
    package var signatureDigests: [Digest.Algorithm] {
        switch kind {
        case .p256: [.sha256]
        case .p384: [.sha384, .sha256]
        case .p521: [.sha512, .sha256]
        case .rsa: [.sha256, .sha384, .sha512]
        case .ed25519: []
        }
    }

    /// How a hash is padded before RSA signs it (RFC 8017 sections 8.1 and 8.2). Other kinds of keys have no padding.
    package enum Padding: Hashable, Sendable {
        case pkcs1
        /// With MGF1 by the same hash, and salt of any length.
        case pss
    }

    /// Whether `signature` is this key's over `message`, by any of the hashes that its kind is used with.
    package func isSignature(_ signature: [UInt8], over message: [UInt8], padding: Padding = .pkcs1) -> Bool {
        if kind == .ed25519 { return verify(signature: signature, message: message) }
        return signatureDigests.contains { verify(signature: signature, digest: .of(message, $0), padding: padding) }
    }

    /// Whether `signature` is this key's over the message with this digest; never for Ed25519, which needs the message.
    package func verify(signature: [UInt8], digest: Digest, padding: Padding = .pkcs1) -> Bool {
        guard signature.count <= 4096, kind != .ed25519, digest.algorithm != .md5, digest.algorithm != .sha1,
            let key = PublicKey.parse(der)
        else { return false }
        defer {
            EVP_PKEY_free(key)
            ERR_clear_error()
        }
        guard let context = EVP_PKEY_CTX_new(key, nil) else { return false }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_verify_init(context) == 1 else { return false }
        if case .rsa = kind {
            let mode = padding == .pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING
            guard EVP_PKEY_CTX_set_rsa_padding(context, mode) == 1 else { return false }
        }
        guard EVP_PKEY_CTX_set_signature_md(context, digest.algorithm.method) == 1 else { return false }
        return EVP_PKEY_verify(context, signature, signature.count, digest.bytes, digest.bytes.count) == 1
    }
}
