// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Cryptography

/// A sigstore bundle (sigstore protobuf-specs, sigstore_bundle.proto): something signed, and what it takes to verify it.
///
/// Versions 0.1 to 0.3 are read, 0.3 is written. What cosign keeps in annotations is read into one, too.
package struct Bundle: Sendable {
    package enum Version: Int, Sendable, Comparable {
        /// Of cosign's older form, before there were bundles.
        case older
        case v01
        case v02
        case v03
        package static func < (a: Version, b: Version) -> Bool { a.rawValue < b.rawValue }
    }

    package enum Content: Hashable, Sendable {
        case envelope(Envelope)
        /// A signature over bytes that are not in the bundle. The digest is a hint.
        case message(signature: [UInt8], digest: Digest?)
    }

    package var version = Version.v03
    package var content: Content
    /// Base64 of the SHA-256 of the public key's SubjectPublicKeyInfo; a hint and no proof. Nil without `publicKey`.
    package var keyHint: String?
    /// DER of the leaf certificate, where a certificate and not a key made the signature, and of those that issued it.
    package var certificates: [[UInt8]]
    /// Entries of transparency logs, as the log gave them.
    package var logEntries: [JSON]
    /// DER of RFC 3161 responses.
    package var timestamps: [[UInt8]]
    /// The envelope as it is stored, where that is known: in cosign's older form, timestamps and some log entries are over it.
    package var envelopeText: [UInt8]?

    /// - Parameter certificates: those of the signer, the leaf first; without any, a key signs.
    package init(envelope: Envelope, key: PublicKey, certificates: [[UInt8]] = []) {
        content = .envelope(envelope)
        keyHint = certificates.isEmpty ? key.identifier : nil
        // A bundle of 0.3 holds the leaf only: its issuers are for the trusted root to name.
        self.certificates = Array(certificates.prefix(1))
        logEntries = []
        timestamps = []
    }

    /// What timestamps are over.
    package var stamped: [UInt8] { envelopeText ?? signature }

    /// The bytes of the one signature.
    package var signature: [UInt8] {
        switch content {
        case .envelope(let envelope): envelope.signatures.first?.bytes ?? []
        case .message(let signature, _): signature
        }
    }

    /// The envelope of a bundle that is attached to an image: of version 0.3, as its media type there says, and with a
    /// statement, since a bare message signature says nothing about an image.
    package func attachedEnvelope(name: String) throws(SigningError) -> Envelope {
        guard version == .v03 else { throw SigningError(.malformed, name, "it is of an older version than 0.3") }
        guard case .envelope(let envelope) = content else {
            throw SigningError(.malformed, name, "it has no DSSE envelope")
        }
        return envelope
    }
}
