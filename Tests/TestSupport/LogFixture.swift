// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Cryptography

/// A transparency log with a key of its own, which promises as Rekor 1 does and proves as Rekor 2 does.
package struct LogFixture: Sendable {
    package let key: PrivateKey
    /// The checkpoints' origin, and its URL without the scheme.
    package let name: String

    package init(_ name: String = "log.example.org", scalar: UInt8 = 1) throws {
        self.name = name
        key = try PrivateKey(scalar: [UInt8](repeating: 0, count: 31) + [scalar])
    }

    package var identifier: [UInt8] { key.publicKey.fingerprint.bytes }

    /// The log in a trusted root.
    package func trusted(from start: String = "2020-01-01T00:00:00Z", until end: String? = nil) -> JSON {
        let period: [(String, JSON?)] = [("start", .string(start)), ("end", end.map { .string($0) })]
        return .object([
            ("baseUrl", .string("https://\(name)")), ("hashAlgorithm", "SHA2_256"),
            (
                "publicKey",
                .object([
                    ("rawBytes", .string(Base64.encode(key.publicKey.der))),
                    ("keyDetails", "PKIX_ECDSA_P256_SHA_256"),
                    ("validFor", .members(period)),
                ])
            ),
            ("logId", .object([("keyId", .string(Base64.encode(identifier)))])),
        ])
    }

    // MARK: Rekor 1

    /// The signed entry timestamp (rekor, openapi.yaml): over the canonical JSON of the four members.
    package func promise(_ body: [UInt8], time: Int, index: Int) throws -> [UInt8] {
        try key.sign(payload(body, time: time, index: index).canonical)
    }

    private func payload(_ body: [UInt8], time: Int, index: Int) -> JSON {
        .object([
            ("body", .string(Base64.encode(body))), ("integratedTime", .integer(time)),
            ("logIndex", .integer(index)), ("logID", .string(Hex.encode(identifier))),
        ])
    }

    /// What cosign 2 keeps in the annotation `dev.sigstore.cosign/bundle`.
    package func annotation(_ body: JSON, time: Int, index: Int = 7) throws -> JSON {
        let bytes = body.canonical
        return .object([
            ("SignedEntryTimestamp", .string(Base64.encode(try promise(bytes, time: time, index: index)))),
            ("Payload", payload(bytes, time: time, index: index)),
        ])
    }

    // MARK: Rekor 2

    /// The checkpoint of a tree, with the signatures of further notaries before the log's.
    package func checkpoint(size: Int, root: [UInt8], origin: String? = nil, before: [String] = []) throws -> String {
        let origin = origin ?? name
        let text = "\(origin)\n\(size)\n\(Base64.encode(root))\n"
        let signature = Array(identifier.prefix(4)) + (try key.sign(Array(text.utf8)))
        return text + "\n" + before.joined() + "\u{2014} \(origin) \(Base64.encode(signature))\n"
    }

    /// An entry of a tree with this leaf only, as a bundle holds it.
    package func entry(_ body: JSON, kind: String = "hashedrekord", version: String = "0.0.2") throws -> JSON {
        let bytes = body.canonical
        let root = Digest.of([0] + bytes).bytes
        return .object([
            ("logIndex", "0"), ("logId", .object([("keyId", .string(Base64.encode(identifier)))])),
            ("kindVersion", .object([("kind", .string(kind)), ("version", .string(version))])),
            (
                "inclusionProof",
                .object([
                    ("logIndex", "0"), ("rootHash", .string(Base64.encode(root))), ("treeSize", "1"),
                    ("hashes", .array([])),
                    ("checkpoint", .object([("envelope", .string(try checkpoint(size: 1, root: root)))])),
                ])
            ),
            ("canonicalizedBody", .string(Base64.encode(bytes))),
        ])
    }

    // MARK: Bodies

    private static func hash(_ bytes: [UInt8], _ algorithm: Digest.Algorithm = .sha256) -> JSON {
        .object([
            ("algorithm", .string(algorithm.rawValue)), ("value", .string(Digest.of(bytes, algorithm).hex)),
        ])
    }

    private static func base64(_ text: String) -> JSON { .string(Base64.encode(Array(text.utf8))) }

    /// hashedrekord 0.0.1 about a signature over `message`.
    package static func hashedRekord(
        _ message: [UInt8],
        signature: [UInt8],
        verifier pem: String,
        algorithm: Digest.Algorithm = .sha256
    ) -> JSON {
        .object([
            ("apiVersion", "0.0.1"), ("kind", "hashedrekord"),
            (
                "spec",
                .object([
                    ("data", .object([("hash", hash(message, algorithm))])),
                    (
                        "signature",
                        .object([
                            ("content", .string(Base64.encode(signature))),
                            ("publicKey", .object([("content", base64(pem))])),
                        ])
                    ),
                ])
            ),
        ])
    }

    /// dsse 0.0.1 about an envelope, with the text that was sent to the log.
    package static func dsse(_ text: [UInt8], payload: [UInt8], signature: [UInt8], verifier pem: String) -> JSON {
        let signed = JSON.object([("signature", .string(Base64.encode(signature))), ("verifier", base64(pem))])
        return .object([
            ("apiVersion", "0.0.1"), ("kind", "dsse"),
            (
                "spec",
                .object([
                    ("envelopeHash", hash(text)), ("payloadHash", hash(payload)), ("signatures", .array([signed])),
                ])
            ),
        ])
    }

    /// intoto 0.0.1, which holds hashes and a key only.
    package static func inToto(_ text: [UInt8], payload: [UInt8], verifier pem: String) -> JSON {
        .object([
            ("apiVersion", "0.0.1"), ("kind", "intoto"),
            (
                "spec",
                .object([
                    ("content", .object([("hash", hash(text)), ("payloadHash", hash(payload))])),
                    ("publicKey", base64(pem)),
                ])
            ),
        ])
    }

    /// hashedrekord 0.0.2 about a signature over `message`.
    package static func hashedRekord2(
        _ message: [UInt8],
        signature: [UInt8],
        key: PublicKey,
        algorithm: Digest.Algorithm = .sha256,
        details: String = "PKIX_ECDSA_P256_SHA_256"
    ) -> JSON {
        let name = [Digest.Algorithm.sha256: "SHA2_256", .sha384: "SHA2_384", .sha512: "SHA2_512"][algorithm] ?? ""
        let record = JSON.object([
            (
                "data",
                .object([
                    ("algorithm", .string(name)),
                    ("digest", .string(Base64.encode(Digest.of(message, algorithm).bytes))),
                ])
            ),
            (
                "signature",
                .object([
                    ("content", .string(Base64.encode(signature))),
                    (
                        "verifier",
                        .object([
                            ("keyDetails", .string(details)),
                            ("publicKey", .object([("rawBytes", .string(Base64.encode(key.der)))])),
                        ])
                    ),
                ])
            ),
        ])
        return .object([
            ("apiVersion", "0.0.2"), ("kind", "hashedrekord"),
            ("spec", .object([("hashedRekordV002", record)])),
        ])
    }
}
