// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import OCI
internal import Signing
internal import TestSupport
internal import Transparency
internal import Verification

/// An image as cosign 2 signs one: in the older form, the index only, and what proves the signature in annotations.
struct OlderImage {
    let lab: CertificateLab
    let log: LogFixture
    let key: PrivateKey
    let index: Descriptor
    private var draft: LayoutDraft

    // What the signature is made of; each may be altered before `write`.
    var payload: [UInt8]
    var signature: [UInt8]
    var certificate: [UInt8]?
    var chain: [[UInt8]]
    var body: JSON?
    var time: Int
    var entry: JSON?
    var stamp: [UInt8]?
    /// A statement in the older form, too: its envelope's text.
    var statement: [UInt8]?
    var statementBody: JSON?

    /// - Parameter request: what the certificate says; nil for a bare key.
    init(_ request: CertificateLab.Request? = .init()) throws {
        let (lab, key) = (try CertificateLab.shared.get(), try EvidenceFixture.key())
        self.lab = lab
        self.key = key
        log = try LogFixture()
        (draft, _, index) = try EvidenceFixture.draft()
        payload = SimpleSigning(reference: EvidenceFixture.repository, digest: index.digest).bytes
        signature = []
        certificate = try request.map { try lab.certificate(for: key, $0) }
        chain = try lab.issuers()
        time = Int(Date().timeIntervalSince1970)
        try sign(payload)
    }

    /// Who signed, as the log's entries name it.
    var verifier: String {
        certificate.map { PEM(label: "CERTIFICATE", bytes: $0).text } ?? key.publicKey.pem
    }

    /// Signs other bytes, and has them logged.
    mutating func sign(_ payload: [UInt8]) throws {
        self.payload = payload
        signature = try key.sign(payload)
        try log(LogFixture.hashedRekord(payload, signature: signature, verifier: verifier))
    }

    mutating func log(_ body: JSON?) throws {
        self.body = body
        entry = try body.map { try log.annotation($0, time: time) }
    }

    /// Attaches a statement as `cosign attest` does.
    mutating func attest(_ type: String, inToto: Bool = false) throws {
        let statement = Statement(
            subjects: [Subject(digest: index.digest)],
            predicateType: type,
            predicate: .object([])
        ).bytes
        let bytes = try key.sign(Envelope.preAuthentication(type: Envelope.inToto, payload: statement))
        let text = Envelope(payload: statement, signatures: [.init(bytes: bytes)]).json(withKeyID: true).compact
        self.statement = text
        statementBody =
            inToto
            ? LogFixture.inToto(text, payload: statement, verifier: verifier)
            : LogFixture.dsse(text, payload: statement, signature: bytes, verifier: verifier)
    }

    private func annotations(_ entry: JSON?, _ stamp: [UInt8]?) -> [String: String] {
        func text(_ json: JSON) -> String { String(decoding: json.compact, as: UTF8.self) }
        var out: [String: String] = [:]
        if let certificate {
            out[Annotation.cosignCertificate] = PEM(label: "CERTIFICATE", bytes: certificate).text
            out[Annotation.cosignChain] = chain.map { PEM(label: "CERTIFICATE", bytes: $0).text }.joined()
        }
        if let entry { out[Annotation.cosignLogEntry] = text(entry) }
        if let stamp {
            out[Annotation.cosignTimestamp] = text(
                .object([("SignedRFC3161Timestamp", .string(Base64.encode(stamp)))])
            )
        }
        return out
    }

    /// The findings that fail.
    func failures(_ policy: TrustPolicy) async throws -> [Finding] {
        var draft = draft
        var own = annotations(entry, stamp)
        own[Annotation.cosignSignature] = Base64.encode(signature)
        file(draft.add(payload, mediaType: MediaType.simpleSigning, annotations: own), "sig", in: &draft)
        if let statement {
            var own = annotations(try statementBody.map { try log.annotation($0, time: time, index: 8) }, nil)
            own[Annotation.cosignSignature] = ""
            file(draft.add(statement, mediaType: MediaType.dsse, annotations: own), "att", in: &draft)
        }
        let directory = try TestSupport.TemporaryDirectory()
        try draft.write(to: directory.path("img"))
        let source = try LayoutSource(directory: directory.path("img"), tag: "1.0.0")
        return try await ImageVerifier(source: source, policy: policy).verify().findings
            .filter { $0.outcome == .failed }
    }

    private func file(_ layer: Descriptor, _ suffix: String, in draft: inout LayoutDraft) {
        let config = draft.add(Array("{}".utf8), mediaType: MediaType.config)
        draft.list(draft.add(Manifest(config: config, layers: [layer])), tag: index.digest.evidenceTag(".\(suffix)"))
    }

    static let identity = CertificateIdentity(
        name: "https://git.example.org/ci@refs/heads/main",
        issuer: "https://issuer.example.org"
    )

    /// Whom to trust, for the older form only.
    func policy(
        _ signer: BundleVerifier.Signer = .certificate(identity),
        logs: [JSON]? = nil,
        _ change: (inout BundleVerifier.Requirements) -> Void = { _ in }
    ) throws -> TrustPolicy {
        var policy = TrustPolicy(roots: [.init(signer: signer)])
        policy.signatures = .legacy
        policy.predicateTypes = []
        var requirements = BundleVerifier.Requirements()
        requirements.needsCertificateLog = false
        change(&requirements)
        let root = try TrustedRoot(parsing: lab.trustedRoot(logs: logs ?? [log.trusted()]).compact)
        policy.transparency = BundleVerifier(root: root, requirements: requirements)
        return policy
    }
}
