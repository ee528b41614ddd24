// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
internal import Cryptography
internal import OCI

extension Bundle {
    package var json: JSON {
        var members: [(String, JSON)] = [
            ("mediaType", .string(MediaType.bundle)), ("verificationMaterial", material),
        ]
        switch content {
        case .envelope(let envelope): members.append(("dsseEnvelope", envelope.json(withKeyID: false)))
        case .message(let signature, let digest):
            let hash = digest.flatMap { digest in
                SigstoreHash.name(digest.algorithm).map { name in
                    JSON.object([("algorithm", .string(name)), ("digest", .string(Base64.encode(digest.bytes)))])
                }
            }
            members.append(
                (
                    "messageSignature",
                    .members([("messageDigest", hash), ("signature", .string(Base64.encode(signature)))])
                )
            )
        }
        return .object(members)
    }

    private var material: JSON {
        let stamps = timestamps.map { JSON.object([("signedTimestamp", .string(Base64.encode($0)))]) }
        return .members([
            ("publicKey", keyHint.map { .object([("hint", .string($0))]) }),
            ("certificate", certificates.first.map { .object([("rawBytes", .string(Base64.encode($0)))]) }),
            ("tlogEntries", logEntries.isEmpty ? nil : .array(logEntries)),
            (
                "timestampVerificationData",
                stamps.isEmpty ? nil : .object([("rfc3161Timestamps", .array(stamps))])
            ),
        ])
    }

    /// More log entries, timestamps or certificates than any honest bundle has are refused.
    static let limit = 32

    /// Reads a bundle with exactly one signature.
    package init(parsing bytes: [UInt8], name: String) throws(SigningError) {
        let json: JSON
        do {
            json = try JSON(parsing: bytes, depth: 32)
        } catch {
            throw SigningError(.malformed, name, "\(error)")
        }
        switch json["mediaType"]?.text {
        case "application/vnd.dev.sigstore.bundle+json;version=0.1": version = .v01
        case "application/vnd.dev.sigstore.bundle+json;version=0.2": version = .v02
        case "application/vnd.dev.sigstore.bundle+json;version=0.3", MediaType.bundle: version = .v03
        case let type:
            throw SigningError(.malformed, name, "its mediaType '\(type ?? "")' is not that of a bundle of 0.1 to 0.3")
        }
        func fail(_ detail: String) -> SigningError { SigningError(.malformed, name, detail) }
        switch (json.present("dsseEnvelope"), json.present("messageSignature")) {
        case (let envelope?, nil):
            let envelope = try Envelope(envelope, name: name)
            guard envelope.signatures.count == 1 else {
                throw fail("a bundle has exactly one signature, this one \(envelope.signatures.count)")
            }
            content = .envelope(envelope)
        case (nil, let message?):
            guard let text = message["signature"]?.text, let bytes = Base64.decode(lenient: text), !bytes.isEmpty else {
                throw fail("its signature is not in Base64")
            }
            content = .message(
                signature: bytes,
                digest: try message.present("messageDigest").map { (json) throws(SigningError) in
                    try Bundle.digest(json, name: name)
                }
            )
        default: throw fail("it has neither a DSSE envelope nor a message signature, or both")
        }
        guard let material = json.present("verificationMaterial") else { throw fail("it has no verification material") }
        try (keyHint, certificates) = Bundle.signer(material, version: version, name: name)
        logEntries = material.present("tlogEntries")?.elements ?? []
        timestamps = []
        for entry in material.present("timestampVerificationData")?.present("rfc3161Timestamps")?.elements ?? [] {
            guard let text = entry["signedTimestamp"]?.text, let der = Base64.decode(lenient: text) else {
                throw fail("a timestamp is not in Base64")
            }
            timestamps.append(der)
        }
        guard logEntries.count <= Self.limit, timestamps.count <= Self.limit else {
            throw fail("it has more than \(Self.limit) log entries or timestamps")
        }
    }

    private static func digest(_ json: JSON, name: String) throws(SigningError) -> Digest {
        guard let algorithm = json["algorithm"]?.text.flatMap(SigstoreHash.algorithm),
            let bytes = json["digest"]?.text.flatMap({ Base64.decode(lenient: $0) }),
            let digest = Digest(algorithm, bytes: bytes)
        else { throw SigningError(.malformed, name, "its message digest cannot be read") }
        return digest
    }

    /// Exactly one of a key's hint, a certificate, and (until 0.2) a chain without its root.
    private static func signer(
        _ material: JSON,
        version: Version,
        name: String
    ) throws(SigningError) -> (String?, [[UInt8]]) {
        func fail(_ detail: String) -> SigningError { SigningError(.malformed, name, detail) }
        func der(_ json: JSON) throws(SigningError) -> [UInt8] {
            guard let der = json["rawBytes"]?.text.flatMap({ Base64.decode(lenient: $0) }), !der.isEmpty else {
                throw fail("a certificate is not in Base64")
            }
            return der
        }
        let key = material.present("publicKey")
        let certificate = material.present("certificate")
        let chain = material.present("x509CertificateChain")
        switch (key, certificate, chain) {
        case (let key?, nil, nil): return (key["hint"]?.text ?? "", [])
        case (nil, let certificate?, nil): return (nil, [try der(certificate)])
        case (nil, nil, let chain?):
            guard version < .v03 else { throw fail("a bundle of 0.3 has a single certificate and no chain") }
            let entries = chain["certificates"]?.elements ?? []
            guard !entries.isEmpty, entries.count <= limit else {
                throw fail("its chain has no certificate, or more than \(limit)")
            }
            var certificates: [[UInt8]] = []
            for entry in entries { certificates.append(try der(entry)) }
            return (nil, certificates)
        default: throw fail("it names no signer, neither by a key nor by a certificate, or several")
        }
    }
}

extension JSON {
    /// A member that is there and not null: protobuf's JSON takes null for absence.
    package func present(_ name: String) -> JSON? {
        guard let value = self[name], value != .null else { return nil }
        return value
    }
}
