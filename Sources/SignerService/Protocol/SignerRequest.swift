// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
package import Signing

/// What a signer is asked, in the protocol of docs/signer.md: one JSON object.
package enum SignerRequest: Hashable, Sendable {
    case publicKey
    case sign(SigningRequest)

    package static let version = 1
    /// The longest payload, in bytes: the bills of materials of large images have some ten million.
    package static let payloadLimit = 64 << 20
    /// The longest request: a payload in Base64, and what is around it.
    package static let limit = payloadLimit / 3 * 4 + 4096
    /// The payload type of simple-signing documents, which have no envelope.
    package static let simpleSigningType = "application/vnd.dev.cosign.simplesigning.v1+json"

    package var bytes: [UInt8] {
        switch self {
        case .publicKey:
            return JSON.object([("version", .integer(Self.version)), ("operation", "public-key")]).compact
        case .sign(let request):
            let (type, payload) =
                switch request {
                case .statement(let bytes): (Envelope.inToto, bytes)
                case .simpleSigning(let bytes): (Self.simpleSigningType, bytes)
                }
            func digest(_ bytes: [UInt8]) -> JSON { .object([("sha256", .string(Digest.of(bytes).hex))]) }
            return JSON.object([
                ("version", .integer(Self.version)), ("operation", "sign"), ("payloadType", .string(type)),
                ("payload", .string(Base64.encode(payload))),
                ("digests", .object([("payload", digest(payload)), ("message", digest(request.message))])),
            ]).compact
        }
    }

    /// - Throws: `SigningError.malformed` for anything that is not exactly a request of this version, and for digests that
    ///   are not those of the payload.
    package init(parsing bytes: [UInt8]) throws(SigningError) {
        func malformed(_ detail: String) -> SigningError { SigningError(.malformed, "the request", detail) }
        guard bytes.count <= Self.limit else { throw malformed("it is longer than \(Self.limit) bytes") }
        let json: JSON
        do {
            json = try JSON(parsing: bytes, depth: 8)
        } catch {
            throw malformed("\(error)")
        }
        guard json["version"]?.int == Self.version else { throw malformed("its version is not \(Self.version)") }
        let names = Set((json.members ?? []).map(\.0))
        switch json["operation"]?.text {
        case "public-key":
            guard names == ["version", "operation"] else { throw malformed("it has members that mean nothing") }
            self = .publicKey
        case "sign":
            guard names == ["version", "operation", "payloadType", "payload", "digests"] else {
                throw malformed("its members are not version, operation, payloadType, payload and digests")
            }
            guard let payload = json["payload"]?.text.flatMap({ Base64.decode($0) }) else {
                throw malformed("its payload is not in Base64")
            }
            let request: SigningRequest
            switch json["payloadType"]?.text {
            case Envelope.inToto: request = .statement(payload)
            case Self.simpleSigningType: request = .simpleSigning(payload)
            default: throw malformed("its payload type is '\(json["payloadType"]?.text ?? "none")'")
            }
            guard json["digests"]?["payload"]?["sha256"]?.text == Digest.of(payload).hex,
                json["digests"]?["message"]?["sha256"]?.text == Digest.of(request.message).hex
            else { throw malformed("its digests are not those of the payload and of the message to sign") }
            self = .sign(request)
        default: throw malformed("its operation is neither 'sign' nor 'public-key'")
        }
    }
}
