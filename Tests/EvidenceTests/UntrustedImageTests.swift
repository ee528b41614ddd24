// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import OCI
internal import TestSupport
internal import Testing
internal import Verification

/// What is fetched, read and believed of an image by strangers, or of one that says less than it should.
@Suite("Images by strangers")
struct UntrustedImageTests {
    private func report(
        _ bench: Workbench,
        _ policy: TrustPolicy,
        alter: (String) throws -> Void = { _ in }
    ) async throws -> VerificationReport {
        let directory = try TestSupport.TemporaryDirectory()
        try bench.draft.write(to: directory.path("img"))
        try alter(directory.path("img"))
        let source = try LayoutSource(directory: directory.path("img"), tag: "1.0.0")
        return try await ImageVerifier(source: source, policy: policy).verify()
    }

    /// The layers are not even there: whoever looks for them finds fault with that.
    @Test(arguments: SignatureForms.allCases) func nobodyLooksIntoThem(_ forms: SignatureForms) async throws {
        let bench = try await Workbench.make()
        func withoutLayers(_ directory: String) throws {
            for (descriptor, _) in bench.members {
                let manifest = try Manifest(parsing: try #require(bench.draft.bytes(of: descriptor.digest)), name: "m")
                for blob in manifest.layers + [manifest.config] {
                    try FileManager.default.removeItem(atPath: "\(directory)/blobs/sha256/\(blob.digest.hex)")
                }
            }
        }
        var policy = try VerificationTests.trust(PrivateKey.generate())
        policy.signatures = forms
        policy.predicateTypes = []
        let report = try await report(bench, policy, alter: withoutLayers)
        #expect(!report.isPassed)
        let contents = report.findings.filter { $0.check == "content" }
        #expect(contents.map(\.outcome) == [.skipped, .skipped])
        for subject in ["linux/amd64", "linux/arm64/v8"] {
            let isFailed = report.findings.contains { $0.subject == subject && $0.outcome == .failed }
            #expect(isFailed, "\(subject) fails for its signature")
        }
        // Who is trusted is looked at, by the index's signature, too.
        policy.roots = [.init(key: try EvidenceFixture.key().publicKey)]
        let known = try await self.report(bench, policy, alter: withoutLayers)
        #expect(known.findings.filter { $0.check == "content" }.map(\.outcome) == [.failed, .failed])
    }

    /// A bundle is refused by its stated size, before it is fetched.
    @Test func largeEvidenceIsRefused() async throws {
        var bench = try await Workbench.make()
        try bench.rewriteBundle(PredicateType.spdx, about: bench.members[0].0.digest) { _, _ in }
        try bench.rewrite { entry, draft in
            guard entry.annotations[Annotation.bundlePredicateType] == PredicateType.spdx else { return entry }
            var manifest = try Manifest(parsing: try #require(draft.bytes(of: entry.digest)), name: "m")
            manifest.layers[0].size = 64 << 20 + 1
            return draft.add(manifest, annotations: entry.annotations)
        }
        let report = try await report(bench, VerificationTests.trust())
        let refused = report.findings.filter { $0.outcome == .failed && $0.check == "bundle" }
        #expect(!refused.isEmpty && refused.allSatisfy { $0.detail.contains("refused for its size") }, "\(refused)")
    }

    /// Other tools' SBOMs list no files; ours do, and one without was made to say less, though rightly signed.
    @Test func documentsWithoutFiles() async throws {
        let bench = try await Workbench.make { evidence in
            for number in evidence.members.indices { evidence.members[number].inventory.files = [] }
        }
        var policy = try VerificationTests.trust()
        let ours = try await report(bench, policy).findings.filter { $0.check == "sbom" }
        #expect(!ours.isEmpty && ours.allSatisfy { $0.outcome == .failed })
        #expect(ours.contains { $0.detail.contains("files in the image and not in the document") })
        policy.signatures = .bundle
        let others = try await report(bench, policy).findings.filter { $0.check == "sbom" }
        #expect(
            others.count == 4 && others.allSatisfy { $0.outcome == .passed && $0.detail.contains("lists no files") }
        )
        // Packages are compared all the same.
        let fewer = try await Workbench.make { evidence in
            for number in evidence.members.indices {
                evidence.members[number].inventory.files = []
                evidence.members[number].inventory.packages.removeFirst()
            }
        }
        #expect(try await report(fewer, policy).findings.contains { $0.check == "sbom" && $0.outcome == .failed })
    }
}
