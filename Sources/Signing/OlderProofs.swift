// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import OCI

/// What a signature by certificate carries in cosign's older form: the certificate, its issuers, and a timestamp, since without a
/// time nobody can tell whether the certificate was valid. A signature by a bare key carries nothing, so that its bytes are
/// the same with every build.
struct OlderProofs {
    private var common: [String: String] = [:]
    private var stamps: [[UInt8]: [UInt8]] = [:]

    /// - Parameter texts: gives what timestamps are over, where some are wanted: signatures, and whole envelopes.
    init(of signer: any StatementSigner, over texts: () -> [[UInt8]]) async throws {
        guard let leaf = signer.certificates.first else { return }
        common[Annotation.cosignCertificate] = PEM(label: "CERTIFICATE", bytes: leaf).text
        let issuers = signer.certificates.dropFirst().map { PEM(label: "CERTIFICATE", bytes: $0).text }
        if !issuers.isEmpty { common[Annotation.cosignChain] = issuers.joined() }
        let texts = texts()
        guard let responses = try await signer.witness?.stamp(texts) else { return }
        for (text, response) in zip(texts, responses) { stamps[text] = response }
    }

    func annotations(over text: [UInt8]) -> [String: String] {
        var annotations = common
        if let stamp = stamps[text] {
            let json = JSON.object([("SignedRFC3161Timestamp", .string(Base64.encode(stamp)))])
            annotations[Annotation.cosignTimestamp] = String(decoding: json.compact, as: UTF8.self)
        }
        return annotations
    }
}
