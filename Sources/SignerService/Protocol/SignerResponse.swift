// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography
package import Signing

/// What a signer answers: one JSON object.
package enum SignerResponse: Hashable, Sendable {
    case publicKey(PublicKey)
    /// DER for ECDSA.
    case signature([UInt8])
    /// The policy says no, and why.
    case refused(String)
    /// The request is broken, or the signer is.
    case failed(String)

    /// The longest response.
    package static let limit = 1 << 16

    package var bytes: [UInt8] {
        let (name, value): (String, String) =
            switch self {
            case .publicKey(let key): ("publicKey", key.pem)
            case .signature(let bytes): ("signature", Base64.encode(bytes))
            case .refused(let reason): ("refused", reason)
            case .failed(let reason): ("error", reason)
            }
        return JSON.object([("version", .integer(SignerRequest.version)), (name, .string(value))]).compact + [0x0A]
    }

    /// - Parameter name: the signer's, for messages.
    package init(parsing bytes: [UInt8], name: String) throws(SigningError) {
        func malformed(_ detail: String) -> SigningError {
            SigningError(.unavailable, name, "its answer is not understood: \(detail)")
        }
        guard bytes.count <= Self.limit else { throw malformed("it is longer than \(Self.limit) bytes") }
        let json: JSON
        do {
            json = try JSON(parsing: bytes, depth: 8)
        } catch {
            throw malformed(bytes.isEmpty ? "it is empty" : "\(error)")
        }
        guard json["version"]?.int == SignerRequest.version, json.members?.count == 2,
            let (member, value) = json.members?.first(where: { $0.0 != "version" }), let text = value.text
        else { throw malformed("it has not exactly a version and an answer") }
        switch member {
        case "publicKey":
            do {
                self = .publicKey(try PublicKey(pem: text))
            } catch {
                throw malformed(error.message)
            }
        case "signature":
            guard let signature = Base64.decode(text), !signature.isEmpty else { throw malformed("no Base64") }
            self = .signature(signature)
        case "refused": self = .refused(text)
        case "error": self = .failed(text)
        default: throw malformed("'\(member)' is no answer")
        }
    }
}
