// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import OCI
internal import RegularExpressions
internal import Signing
internal import TestSupport
internal import Testing
internal import Transparency
internal import Verification

/// Images that are signed by who a certificate names. cosign 3 is asked about such images in
/// Tests/Interop/scenarios/certificates.
@Suite(.enabled(if: CertificateLab.exists, Comment(rawValue: CertificateLab.reason)))
struct CertificateSigningTests {
    /// An authority that answers by `openssl ts`.
    private struct Stamps: SignatureWitness {
        let lab: CertificateLab
        func witness(_ bundles: [Signing.Bundle], by key: PublicKey) async throws -> [Signing.Bundle] {
            try bundles.map { bundle in
                var bundle = bundle
                bundle.timestamps.append(try lab.stamp(bundle.stamped))
                return bundle
            }
        }
        func stamp(_ texts: [[UInt8]]) async throws -> [[UInt8]]? { try texts.map { try lab.stamp($0) } }
    }

    private static func bench(_ lab: CertificateLab, _ request: CertificateLab.Request = .init()) async throws
        -> Workbench
    {
        let key = try EvidenceFixture.key()
        let certificates = [try lab.certificate(for: key, request)] + (try lab.issuers())
        return try await Workbench.make(
            signer: WitnessedSigner(KeySigner(key), certificates: certificates, witness: Stamps(lab: lab))
        )
    }

    /// Every statement of it is stamped twice by a run of openssl: one for all tests that can share it.
    private static let good = Task { try await bench(CertificateLab.shared.get()) }

    private static func policy(
        _ lab: CertificateLab,
        _ identity: CertificateIdentity = OlderImage.identity
    ) throws -> TrustPolicy {
        var policy = try VerificationTests.trust()
        policy.roots = [.init(signer: .certificate(identity), builders: policy.roots[0].builders, level: 1)]
        var requirements = BundleVerifier.Requirements()
        requirements.needsLog = false
        requirements.needsTimestamp = true
        requirements.needsCertificateLog = false
        policy.transparency = BundleVerifier(
            root: try TrustedRoot(parsing: lab.trustedRoot().compact),
            requirements: requirements
        )
        return policy
    }

    private func failures(_ bench: Workbench, _ policy: TrustPolicy) async throws -> [Finding] {
        let directory = try TestSupport.TemporaryDirectory()
        try bench.draft.write(to: directory.path("img"))
        let source = try LayoutSource(directory: directory.path("img"), tag: "1.0.0")
        return try await ImageVerifier(source: source, policy: policy).verify().findings
            .filter { $0.outcome == .failed }
    }

    @Test func imageIsBelievedByNameInBothForms() async throws {
        let lab = try CertificateLab.shared.get()
        let bench = try await Self.good.value
        #expect(try await failures(bench, Self.policy(lab)) == [])
        // No digest of the image depends on it.
        #expect(try await Workbench.make().index.digest == bench.index.digest)

        // By key it is not: the certificate says whose signature it is, and may have been revoked with its name.
        #expect(try await !failures(bench, VerificationTests.trust()).isEmpty)
        for identity in [
            CertificateIdentity(name: "https://git.example.org/ci@refs/heads/x", issuer: "https://issuer.example.org"),
            CertificateIdentity(name: "https://git.example.org/ci@refs/heads/main", issuer: "https://x.example.org"),
        ] {
            let failed = try await failures(bench, Self.policy(lab, identity))
            #expect(
                failed.contains { $0.check == "signature-bundle" } && failed.contains { $0.check == "signature-legacy" }
            )
        }
        #expect(try await !failures(bench, Self.policy(CertificateLab())).isEmpty)
    }

    /// A broad expression before the exact name takes nothing away: every entry that is for the signer counts.
    @Test func eachEntryOfAnIdentityCounts() async throws {
        let lab = try CertificateLab.shared.get()
        let bench = try await Self.good.value
        let broad = CertificateIdentity(
            name: .matching(try RegularExpression("^https://git\\.example\\.org/")),
            issuer: .exact("https://issuer.example.org")
        )
        var policy = try Self.policy(lab)
        policy.roots.insert(
            .init(signer: .certificate(broad), builders: ["https://builds.example.org/hosted/v1"], level: 3),
            at: 0
        )
        #expect(try await failures(bench, policy) == [])
        policy.roots[0].predicateTypes = ["https://example.org/review/v1"]
        #expect(try await failures(bench, policy) == [])
        policy.roots.removeLast()
        #expect(try await !failures(bench, policy).isEmpty)
    }

    /// Anybody who can write beside an image can sign it; that takes nothing away.
    @Test func anotherSignerBesideIsPassedOver() async throws {
        let lab = try CertificateLab.shared.get()
        let bench = try await Self.good.value
        var both = bench
        let other = try CertificateLab()
        let key = try PrivateKey.generate()
        let signer = WitnessedSigner(
            KeySigner(key),
            certificates: [try other.certificate(for: key, .init { $0.names = ["email:somebody@example.org"] })],
            witness: Stamps(lab: other)
        )
        let attestation = EvidenceGraph.Attestation(
            predicateType: PredicateType.signature,
            statement: EvidenceGraph.signatureStatement(bench.index.digest),
            targets: [bench.index.digest],
            isReferrerOnly: true
        )
        let source = DraftSource(bench.draft, root: bench.index, name: "img")
        try await EvidenceGraph(repository: "x", created: "2026-01-01T00:00:00Z")
            .append(attestation, to: &both.draft, source: source, root: bench.index, manifests: [], signer: signer)
        #expect(both.draft.entries.count == bench.draft.entries.count + 1)
        #expect(try await failures(both, Self.policy(lab)) == [])
    }

    @Test func strippingOneFormIsNoticed() async throws {
        let lab = try CertificateLab.shared.get()
        let bench = try await Self.good.value
        var bundles = bench
        bundles.rewrite { entry, _ in entry.artifactType == MediaType.bundle ? nil : entry }
        #expect(try await failures(bundles, Self.policy(lab)).contains { $0.check == "signature-bundle" })
        var older = bench
        older.rewrite { entry, _ in entry.annotations[Annotation.refName]?.hasSuffix(".sig") == true ? nil : entry }
        #expect(try await failures(older, Self.policy(lab)).contains { $0.check == "signature-legacy" })
    }

    @Test func timestampIsNeededInEitherForm() async throws {
        let lab = try CertificateLab.shared.get()
        var older = try await Self.good.value
        try older.rewriteTag("sig") { manifest, _ in
            manifest.layers[0].annotations[Annotation.cosignTimestamp] = nil
        }
        let failed = try await failures(older, Self.policy(lab))
        #expect(failed.contains { $0.check == "signature-legacy" })
        #expect(!failed.contains { $0.check == "signature-bundle" })
    }

    @Test(arguments: ["expired", "usage", "authority"]) func uselessCertificateIsRefused(_ what: String) async throws {
        let lab = try CertificateLab.shared.get()
        let bench = try await Self.bench(
            lab,
            .init { request in
                switch what {
                case "expired": request.validity = -7200 ... -3600
                case "usage": request.usage = "emailProtection"
                default: request.constraints = "CA:TRUE"
                }
            }
        )
        let failed = try await failures(bench, Self.policy(lab))
        #expect(
            failed.contains { $0.check == "signature-bundle" } && failed.contains { $0.check == "signature-legacy" }
        )
    }
}
