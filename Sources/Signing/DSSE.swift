// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Cryptography

/// A Dead Simple Signing Envelope (secure-systems-lab/dsse 1.0.2, envelope.md).
package struct Envelope: Hashable, Sendable {
    package struct Signature: Hashable, Sendable {
        package var keyID: String?
        package var bytes: [UInt8]
        package init(keyID: String? = nil, bytes: [UInt8]) {
            self.keyID = keyID
            self.bytes = bytes
        }
    }

    /// The payload type of in-toto statements.
    package static let inToto = "application/vnd.in-toto+json"

    package var payloadType: String
    package var payload: [UInt8]
    package var signatures: [Signature]

    package init(payloadType: String = Envelope.inToto, payload: [UInt8], signatures: [Signature]) {
        self.payloadType = payloadType
        self.payload = payload
        self.signatures = signatures
    }

    /// The Pre-Authentication Encoding: the bytes that are signed (protocol.md).
    package static func preAuthentication(type: String, payload: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
    }

    package var preAuthentication: [UInt8] { Envelope.preAuthentication(type: payloadType, payload: payload) }

    /// Whether at least one of the signatures is the key's, by any of the hashes that keys of its kind are used with.
    package func isSigned(by key: PublicKey, padding: PublicKey.Padding = .pkcs1) -> Bool {
        let message = preAuthentication
        return signatures.prefix(16).contains { key.isSignature($0.bytes, over: message, padding: padding) }
    }

    /// - Parameter withKeyID: cosign's older attestations carry an empty `keyid`; in a bundle it must be absent.
    package func json(withKeyID: Bool) -> JSON {
        .object([
            ("payload", .string(Base64.encode(payload))),
            ("payloadType", .string(payloadType)),
            (
                "signatures",
                .array(
                    signatures.map { signature in
                        .members([
                            ("keyid", withKeyID ? .string(signature.keyID ?? "") : nil),
                            ("sig", .string(Base64.encode(signature.bytes))),
                        ])
                    }
                )
            ),
        ])
    }

    package init(_ json: JSON, name: String) throws(SigningError) {
        guard let type = json["payloadType"]?.text, let text = json["payload"]?.text,
            let payload = Base64.decode(lenient: text)
        else { throw SigningError(.malformed, name, "the envelope has no payload in Base64") }
        guard let entries = json["signatures"]?.elements, !entries.isEmpty, entries.count <= 16 else {
            throw SigningError(.malformed, name, "the envelope has no signature, or more than 16")
        }
        var signatures: [Signature] = []
        for entry in entries {
            guard let text = entry["sig"]?.text, let bytes = Base64.decode(lenient: text), !bytes.isEmpty else {
                throw SigningError(.malformed, name, "a signature is not in Base64")
            }
            signatures.append(Signature(keyID: entry["keyid"]?.text, bytes: bytes))
        }
        self.init(payloadType: type, payload: payload, signatures: signatures)
    }
}
