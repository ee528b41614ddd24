// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
internal import Cryptography
internal import OCI

/// A sigstore bundle of version 0.3 around a DSSE envelope (sigstore protobuf-specs, sigstore_bundle.proto).
package struct Bundle: Sendable {
    package var envelope: Envelope
    /// Base64 of the SHA-256 of the public key's SubjectPublicKeyInfo; a hint and no proof.
    package var keyHint: String?
    /// The leaf certificate's DER, where a certificate and not a key made the signature.
    package var certificate: [UInt8]?
    /// Entries of transparency logs, as the log gave them.
    package var logEntries: [JSON]
    /// DER of RFC 3161 responses.
    package var timestamps: [[UInt8]]

    package init(envelope: Envelope, keyHint: String) {
        self.envelope = envelope
        self.keyHint = keyHint
        certificate = nil
        logEntries = []
        timestamps = []
    }

    package var json: JSON {
        .object([
            ("mediaType", .string(MediaType.bundle)),
            (
                "verificationMaterial",
                .members([
                    ("publicKey", keyHint.map { .object([("hint", .string($0))]) }),
                    ("certificate", certificate.map { .object([("rawBytes", .string(Base64.encode($0)))]) }),
                    ("tlogEntries", logEntries.isEmpty ? nil : .array(logEntries)),
                    (
                        "timestampVerificationData",
                        timestamps.isEmpty
                            ? nil
                            : .object([
                                (
                                    "rfc3161Timestamps",
                                    .array(
                                        timestamps.map { .object([("signedTimestamp", .string(Base64.encode($0)))]) }
                                    )
                                )
                            ])
                    ),
                ])
            ),
            ("dsseEnvelope", envelope.json(withKeyID: false)),
        ])
    }

    /// Reads a bundle that holds an envelope; one that holds a bare message signature says nothing about an image.
    package init(parsing bytes: [UInt8], name: String) throws(SigningError) {
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw SigningError(.malformed, name, "\(error)")
        }
        guard json["mediaType"]?.text == MediaType.bundle else {
            throw SigningError(.malformed, name, "its mediaType is not \(MediaType.bundle)")
        }
        guard json["messageSignature"] == nil, let inner = json["dsseEnvelope"] else {
            throw SigningError(.malformed, name, "it has no DSSE envelope")
        }
        envelope = try Envelope(inner, name: name)
        guard envelope.signatures.count == 1 else {
            throw SigningError(
                .malformed,
                name,
                "a bundle has exactly one signature, this one \(envelope.signatures.count)"
            )
        }
        let material = json["verificationMaterial"]
        keyHint = material?["publicKey"]?["hint"]?.text
        certificate = nil
        if let text = material?["certificate"]?["rawBytes"]?.text {
            guard let der = Base64.decode(text) else {
                throw SigningError(.malformed, name, "its certificate is not in Base64")
            }
            certificate = der
        }
        logEntries = material?["tlogEntries"]?.elements ?? []
        timestamps = []
        for entry in material?["timestampVerificationData"]?["rfc3161Timestamps"]?.elements ?? [] {
            guard let text = entry["signedTimestamp"]?.text, let der = Base64.decode(text) else {
                throw SigningError(.malformed, name, "a timestamp is not in Base64")
            }
            timestamps.append(der)
        }
        guard logEntries.count <= 16, timestamps.count <= 16 else {
            throw SigningError(.malformed, name, "more than 16 log entries or timestamps")
        }
    }
}
