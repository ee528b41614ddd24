// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Signing

extension TrustedRoot {
    private static let mediaTypes = [
        "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
        "application/vnd.dev.sigstore.trustedroot.v0.2+json",
    ]

    /// Public deployments have a handful of each; a list of more is no honest root.
    private static let limit = 256

    /// Reads a trusted root in JSON, as `cosign trusted-root create` and the sigstore TUF repository write it.
    package init(parsing bytes: [UInt8]) throws(TransparencyError) {
        let json: JSON
        do {
            json = try JSON(parsing: bytes, depth: 32)
        } catch {
            throw TransparencyError(.trustedRoot, "the trusted root is not JSON: \(error)")
        }
        guard let type = json["mediaType"]?.text, Self.mediaTypes.contains(type) else {
            throw TransparencyError(
                .trustedRoot,
                "the trusted root has the media type '\(json["mediaType"]?.text ?? "")'",
                hint: "versions 0.1 and 0.2 are read: \(Self.mediaTypes[0])"
            )
        }
        func list<Value>(
            _ name: String,
            _ read: (JSON) throws(TransparencyError) -> Value
        ) throws(TransparencyError) -> [Value] {
            guard let list = json.present(name) else { return [] }
            guard let entries = list.elements, entries.count <= Self.limit else {
                throw TransparencyError(
                    .trustedRoot,
                    "'\(name)' of the trusted root is no list of at most \(Self.limit)"
                )
            }
            var values: [Value] = []
            for entry in entries { values.append(try read(entry)) }
            return values
        }
        self.init()
        logs = try list("tlogs", Log.init)
        certificateLogs = try list("ctlogs", Log.init)
        certificateAuthorities = try list("certificateAuthorities", Authority.init)
        timestampAuthorities = try list("timestampAuthorities", Authority.init)
    }

    fileprivate static func bytes(_ json: JSON?, of subject: String) throws(TransparencyError) -> [UInt8] {
        guard let bytes = json?.text.flatMap({ Base64.decode(lenient: $0) }), !bytes.isEmpty else {
            throw TransparencyError(.trustedRoot, "\(subject) is not in Base64")
        }
        return bytes
    }
}

extension TrustedRoot.Log {
    fileprivate init(_ json: JSON) throws(TransparencyError) {
        baseURL = json["baseUrl"]?.text ?? ""
        let subject = "the log '\(baseURL)'"
        let key = json.present("publicKey")
        let raw = try TrustedRoot.bytes(key?["rawBytes"], of: "the key of \(subject)")
        let details = key?["keyDetails"]?.text ?? ""
        // The old name of a key's details is also that of an old encoding. Ed25519ph is not verified with.
        if details != "PKIX_ED25519_PH" {
            self.key = details.hasPrefix("PKCS1_") ? try? PublicKey(pkcs1: raw) : try? PublicKey(der: raw)
        }
        if details.contains("_RSA_PSS") { padding = .pss }
        validity = try ValidityPeriod(key?.present("validFor"), of: subject)
        identifiers = []
        for name in ["logId", "checkpointKeyId"] {
            guard let identifier = json.present(name)?.present("keyId") else { continue }
            identifiers.append(try TrustedRoot.bytes(identifier, of: "the \(name) of \(subject)"))
        }
        if identifiers.isEmpty, let key = self.key { identifiers = [key.fingerprint.bytes] }
    }
}

extension TrustedRoot.Authority {
    fileprivate init(_ json: JSON) throws(TransparencyError) {
        uri = json["uri"]?.text ?? ""
        let subject = "the authority '\(uri)'"
        let entries = json["certChain"]?["certificates"]?.elements ?? []
        guard (1...16).contains(entries.count) else {
            throw TransparencyError(.trustedRoot, "\(subject) has no certificate, or more than 16")
        }
        chain = []
        for entry in entries {
            let der = try TrustedRoot.bytes(entry["rawBytes"], of: "a certificate of \(subject)")
            guard let certificate = Certificate(der: der) else {
                throw TransparencyError(.trustedRoot, "a certificate of \(subject) is damaged")
            }
            chain.append(certificate)
        }
        validity = try ValidityPeriod(json.present("validFor"), of: subject)
    }
}
