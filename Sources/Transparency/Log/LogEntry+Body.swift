// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Signing

extension LogEntry {
    /// Checks that the entry is about this signature, by this key or certificate, over this content.
    package func check(isAbout item: SignedItem) throws(TransparencyError) {
        let json: JSON
        do {
            json = try JSON(parsing: body, depth: 32)
        } catch {
            throw TransparencyError(.logEntry, "the log entry's body is not JSON: \(error)")
        }
        guard json["kind"]?.text == kind, json["apiVersion"]?.text == version, let spec = json.present("spec") else {
            throw TransparencyError(.logEntry, "the log entry's body is not of the kind \(kind) \(version)")
        }
        let mismatch: String?
        switch (kind, version) {
        case ("hashedrekord", "0.0.1"): mismatch = Self.hashedRekord1(spec, item)
        case ("hashedrekord", "0.0.2"): mismatch = Self.hashedRekord2(spec, item)
        case ("dsse", "0.0.1"): mismatch = Self.envelope1(spec, item)
        case ("dsse", "0.0.2"): mismatch = Self.envelope2(spec, item)
        // The first does not hold the signature, but the hash of an envelope that does.
        case ("intoto", "0.0.1") where item.envelopeText != nil: mismatch = Self.olderInToto(spec, item)
        case ("intoto", "0.0.2"): mismatch = Self.inToto(spec, item)
        default: throw TransparencyError(.logEntry, "log entries of the kind \(kind) \(version) are not supported")
        }
        if let mismatch {
            throw TransparencyError(.logEntry, "the log entry is about something else: \(mismatch) differs")
        }
    }

    /// Whether a bundle's entry says that an RSA signature is padded by PSS. Whether it is to be believed is for `check` to say.
    static func statesPSS(_ json: JSON) -> Bool {
        guard json["kindVersion"]?["version"]?.text == "0.0.2", let bytes = base64(json["canonicalizedBody"]),
            let body = try? JSON(parsing: bytes, depth: 32)
        else { return false }
        let verifier = body["spec"]?["hashedRekordV002"]?["signature"]?["verifier"]
        return verifier?["keyDetails"]?.text?.hasPrefix("PKIX_RSA_PSS_") ?? false
    }

    private static func base64(_ json: JSON?) -> [UInt8]? { json?.text.flatMap { Base64.decode(lenient: $0) } }

    /// A hash as the first version writes it: `{"algorithm": "sha256", "value": hex}`.
    private static func hash1(_ json: JSON?) -> Digest? {
        guard let name = json?["algorithm"]?.text, let algorithm = Digest.Algorithm(rawValue: name),
            SigstoreHash.name(algorithm) != nil
        else { return nil }
        return json?["value"]?.text.flatMap { Digest(algorithm, hex: $0) }
    }

    /// A hash as the second version writes it: `{"algorithm": "SHA2_256", "digest": Base64}`.
    private static func hash2(_ json: JSON?) -> Digest? {
        guard let algorithm = json?["algorithm"]?.text.flatMap(SigstoreHash.algorithm) else { return nil }
        return base64(json?["digest"]).flatMap { Digest(algorithm, bytes: $0) }
    }

    private static func isPayload(_ digest: Digest?, _ item: SignedItem) -> Bool {
        guard let digest, let envelope = item.envelope else { return false }
        return Digest.of(envelope.payload, digest.algorithm) == digest
    }

    private static func isVerifier2(_ json: JSON?, _ item: SignedItem) -> Bool {
        switch item.verifier {
        case .key(let key): base64(json?.present("publicKey")?["rawBytes"]) == key.der
        case .certificate(let der): base64(json?.present("x509Certificate")?["rawBytes"]) == der
        }
    }

    // Each gives the name of what does not agree.

    private static func hashedRekord1(_ spec: JSON, _ item: SignedItem) -> String? {
        guard let digest = hash1(spec["data"]?["hash"]), item.digests.contains(digest) else { return "the digest" }
        let signature = spec["signature"]
        guard base64(signature?["content"]) == item.signature else { return "the signature" }
        guard let pem = base64(signature?["publicKey"]?["content"]), item.isVerifier(pem: pem) else {
            return "the signer"
        }
        return nil
    }

    private static func hashedRekord2(_ spec: JSON, _ item: SignedItem) -> String? {
        let spec = spec["hashedRekordV002"]
        guard let digest = hash2(spec?["data"]), item.digests.contains(digest) else { return "the digest" }
        let signature = spec?["signature"]
        guard base64(signature?["content"]) == item.signature else { return "the signature" }
        guard isVerifier2(signature?["verifier"], item) else { return "the signer" }
        guard item.isMade(as: signature?["verifier"]?.present("keyDetails")?.text) else {
            return "the kind of signature"
        }
        return nil
    }

    /// The hash of the whole envelope is over the text that was sent to the log. Of bundles that text is gone.
    private static func isText(_ digest: Digest?, _ item: SignedItem) -> Bool {
        guard let text = item.envelopeText else { return true }
        return digest.map { Digest.of(text, $0.algorithm) == $0 } ?? false
    }

    private static func envelope1(_ spec: JSON, _ item: SignedItem) -> String? {
        guard isText(hash1(spec["envelopeHash"]), item) else { return "the envelope" }
        guard isPayload(hash1(spec["payloadHash"]), item) else { return "the payload" }
        guard let signatures = spec["signatures"]?.elements, signatures.count == 1,
            base64(signatures[0]["signature"]) == item.signature
        else { return "the signature" }
        guard let pem = base64(signatures[0]["verifier"]), item.isVerifier(pem: pem) else { return "the signer" }
        return nil
    }

    private static func envelope2(_ spec: JSON, _ item: SignedItem) -> String? {
        let spec = spec["dsseV002"]
        guard isPayload(hash2(spec?["payloadHash"]), item) else { return "the payload" }
        guard let signatures = spec?["signatures"]?.elements, signatures.count == 1,
            base64(signatures[0]["content"]) == item.signature
        else { return "the signature" }
        guard isVerifier2(signatures[0]["verifier"], item) else { return "the signer" }
        return nil
    }

    private static func olderInToto(_ spec: JSON, _ item: SignedItem) -> String? {
        guard isText(hash1(spec["content"]?["hash"]), item) else { return "the envelope" }
        if let digest = spec["content"]?.present("payloadHash") {
            guard isPayload(hash1(digest), item) else { return "the payload" }
        }
        guard let pem = base64(spec["publicKey"]), item.isVerifier(pem: pem) else { return "the signer" }
        return nil
    }

    /// Its signature is in Base64 twice: once as a DSSE envelope has it, and once as the log stores bytes.
    private static func inToto(_ spec: JSON, _ item: SignedItem) -> String? {
        let content = spec["content"]
        guard isPayload(hash1(content?["payloadHash"]), item) else { return "the payload" }
        guard isText(hash1(content?["hash"]), item) else { return "the envelope" }
        let envelope = content?["envelope"]
        guard envelope?["payloadType"]?.text == item.envelope?.payloadType else { return "the payload type" }
        guard let signatures = envelope?["signatures"]?.elements, signatures.count == 1,
            let text = base64(signatures[0]["sig"]),
            base64(.string(String(decoding: text, as: UTF8.self))) == item.signature
        else { return "the signature" }
        guard let pem = base64(signatures[0]["publicKey"]), item.isVerifier(pem: pem) else { return "the signer" }
        return nil
    }
}
