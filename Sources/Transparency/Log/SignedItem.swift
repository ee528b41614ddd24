// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Signing

/// A signature with everything that a log's entry about it must agree with.
package struct SignedItem: Sendable {
    package enum Verifier: Hashable, Sendable {
        case key(PublicKey)
        /// The leaf's DER.
        case certificate([UInt8])

        /// Nil where a certificate has none that we verify with.
        var key: PublicKey? {
            switch self {
            case .key(let key): key
            case .certificate(let der): Certificate(der: der)?.publicKey
            }
        }
    }

    package var signature: [UInt8]
    package var verifier: Verifier
    /// Nil for a signature over bare bytes.
    package var envelope: Envelope?
    /// The envelope's own bytes, where they are known: in bundles they are not.
    package var envelopeText: [UInt8]?
    /// Digests of the bytes that were signed, an envelope's pre-authentication encoding or a file: by the hash that the
    /// signature was made with, or by several where the signature does not tell.
    package var digests: [Digest]
    /// How an RSA signature is padded.
    package var padding: PublicKey.Padding

    package init(
        signature: [UInt8],
        verifier: Verifier,
        envelope: Envelope?,
        digests: [Digest],
        padding: PublicKey.Padding = .pkcs1
    ) {
        self.signature = signature
        self.verifier = verifier
        self.envelope = envelope
        self.digests = digests
        self.padding = padding
    }

    /// Whether PEM text, as the first version's entries hold it, is the verifier.
    func isVerifier(pem: [UInt8]) -> Bool {
        guard let block = try? PEM(first: pem) else { return false }
        switch verifier {
        case .key(let key): return (try? PublicKey(pem: pem)) == key && block.label != "CERTIFICATE"
        case .certificate(let der): return block.label == "CERTIFICATE" && block.bytes == der
        }
    }

    /// Whether what an entry says of the key's use is how the signature was made (protobuf-specs, sigstore_common.proto,
    /// PublicKeyDetails). An entry that says nothing is not looked at.
    func isMade(as details: String?) -> Bool {
        guard let details else { return true }
        guard let key = verifier.key else { return false }
        let hashes = Set(digests.map(\.algorithm))
        switch key.kind {
        case .p256: return details == "PKIX_ECDSA_P256_SHA_256"
        case .p384:
            return details == "PKIX_ECDSA_P384_SHA_384" && hashes.contains(.sha384)
                || details == "PKIX_ECDSA_P384_SHA_256" && hashes.contains(.sha256)
        case .p521:
            return details == "PKIX_ECDSA_P521_SHA_512" && hashes.contains(.sha512)
                || details == "PKIX_ECDSA_P521_SHA_256" && hashes.contains(.sha256)
        case .rsa(let bits):
            let scheme = padding == .pss ? "PSS" : "PKCS1V15"
            return details == "PKIX_RSA_\(scheme)_\(bits)_SHA256" && hashes.contains(.sha256)
        case .ed25519: return details == "PKIX_ED25519_PH" || details == "PKIX_ED25519"
        }
    }
}
