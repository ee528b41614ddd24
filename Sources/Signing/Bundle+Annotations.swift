// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import OCI

/// cosign's older form: a layer with the payload or the envelope, and all else in the layer's annotations (cosign 2.5,
/// pkg/oci/static/signature.go and pkg/cosign/bundle).
extension Bundle {
    /// An annotation is part of a manifest, which has at most 4 MiB.
    private static let annotationLimit = 1 << 18

    /// Reads a signature of a `.sig`: the signature is in an annotation, and over the layer's bytes.
    package init(signedPayload annotations: [String: String], name: String) throws(SigningError) {
        guard let text = annotations[Annotation.cosignSignature], text.utf8.count <= 8192,
            let bytes = Base64.decode(text), !bytes.isEmpty
        else { throw SigningError(.malformed, name, "it has no signature in Base64") }
        try self.init(content: .message(signature: bytes, digest: nil), annotations, name: name)
    }

    /// Reads an attestation of an `.att`: the layer is the envelope, with exactly one signature.
    package init(storedEnvelope text: [UInt8], _ annotations: [String: String], name: String) throws(SigningError) {
        let json: JSON
        do {
            json = try JSON(parsing: text, depth: 32)
        } catch {
            throw SigningError(.malformed, name, "\(error)")
        }
        let envelope = try Envelope(json, name: name)
        guard envelope.signatures.count == 1 else {
            throw SigningError(.malformed, name, "it has \(envelope.signatures.count) signatures, and not one")
        }
        try self.init(content: .envelope(envelope), annotations, name: name)
        envelopeText = text
    }

    private init(content: Content, _ annotations: [String: String], name: String) throws(SigningError) {
        version = .older
        self.content = content
        certificates = []
        logEntries = []
        timestamps = []
        func value(_ key: String) throws(SigningError) -> String? {
            guard let text = annotations[key], !text.isEmpty else { return nil }
            guard text.utf8.count <= Self.annotationLimit else {
                throw SigningError(.malformed, name, "its annotation '\(key)' has more than 256 KiB")
            }
            return text
        }
        if let text = try value(Annotation.cosignCertificate) {
            guard let leaf = try Self.certificates(text, name: name).first else {
                throw SigningError(.malformed, name, "its certificate is none")
            }
            certificates = [leaf]
            if let text = try value(Annotation.cosignChain) {
                // The root among them is for the verifier to choose.
                certificates += try Self.certificates(text, name: name).filter {
                    Certificate(der: $0)?.isSelfIssued == false
                }
            }
        }
        if let text = try value(Annotation.cosignLogEntry) {
            logEntries = [try Self.logEntry(text, name: name)]
        }
        if let text = try value(Annotation.cosignTimestamp) {
            guard
                let der = (try? JSON(parsing: Array(text.utf8), depth: 8))?["SignedRFC3161Timestamp"]?.text
                    .flatMap({ Base64.decode($0) })
            else { throw SigningError(.malformed, name, "its timestamp cannot be read") }
            timestamps = [der]
        }
    }

    private static func certificates(_ pem: String, name: String) throws(SigningError) -> [[UInt8]] {
        guard let blocks = try? PEM.blocks(in: Array(pem.utf8)), blocks.count <= limit,
            blocks.allSatisfy({ $0.label == "CERTIFICATE" })
        else { throw SigningError(.malformed, name, "its certificates are no PEM, or more than \(limit)") }
        return blocks.map(\.bytes)
    }

    /// The entry as a bundle holds one. Its kind is in the body only, and its promise is the one proof.
    private static func logEntry(_ text: String, name: String) throws(SigningError) -> JSON {
        func fail(_ detail: String) -> SigningError { SigningError(.malformed, name, "its log entry \(detail)") }
        guard let json = try? JSON(parsing: Array(text.utf8), depth: 16), let payload = json["Payload"],
            let promise = json["SignedEntryTimestamp"]?.text, let body = payload["body"]?.text,
            let index = payload["logIndex"]?.int, let time = payload["integratedTime"]?.int,
            let identifier = payload["logID"]?.text.flatMap({ Hex.decode($0) })
        else { throw fail("cannot be read") }
        guard let bytes = Base64.decode(body), let content = try? JSON(parsing: bytes, depth: 32),
            let kind = content["kind"]?.text, let version = content["apiVersion"]?.text
        else { throw fail("has a body that cannot be read") }
        return .object([
            ("logIndex", .string(String(index))), ("logId", .object([("keyId", .string(Base64.encode(identifier)))])),
            ("kindVersion", .object([("kind", .string(kind)), ("version", .string(version))])),
            ("integratedTime", .string(String(time))),
            ("inclusionPromise", .object([("signedEntryTimestamp", .string(promise))])),
            ("canonicalizedBody", .string(body)),
        ])
    }
}
