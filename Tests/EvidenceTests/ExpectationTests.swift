// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import OCI
internal import Signing
internal import TestSupport
internal import Testing
internal import Verification

/// Good evidence of another image than the expected one: an older image under a moved tag, a part of an image.
@Suite("Expectations of a policy")
struct ExpectationTests {
    private func failures(_ change: (inout TrustPolicy) -> Void) async throws -> [String] {
        let directory = try EvidenceTests.TemporaryDirectory()
        let layout = directory.path + "/img"
        try await Workbench.make().draft.write(to: layout)
        var policy = try VerificationTests.trust()
        change(&policy)
        let report = try await ImageVerifier(source: LayoutSource(directory: layout, tag: "1.0.0"), policy: policy)
            .verify()
        return report.findings.filter { $0.outcome == .failed }.map(\.check)
    }

    @Test func noticeAnOlderImage() async throws {
        #expect(try await failures { $0.expectations.notBefore = EvidenceFixture.epoch } == [])
        #expect(
            try await failures { $0.expectations.notBefore = EvidenceFixture.epoch + 1 } == [
                "not-before", "not-before",
            ]
        )
    }

    @Test func noticeAnotherImage() async throws {
        #expect(try await failures { $0.expectations.digest = .of("another") } == ["expected-digest"])
    }

    @Test func noticeMissingAndAddedPlatforms() async throws {
        #expect(try await failures { $0.expectations.platforms = ["linux/amd64", "linux/arm64/v8"] } == [])
        #expect(try await failures { $0.expectations.platforms = ["linux/amd64"] } == ["expected-platforms"])
        let more: Set = ["linux/amd64", "linux/arm64/v8", "linux/riscv64"]
        #expect(try await failures { $0.expectations.platforms = more } == ["expected-platforms"])
    }

    @Test func areReadFromThePolicy() throws {
        let key = try EvidenceFixture.key().publicKey.pem
        func policy(_ more: String) throws -> TrustPolicy {
            try TrustPolicy(parsing: Array(#"{"trust":[{"key":"k.pub"}],\#(more)}"#.utf8)) { _ in Array(key.utf8) }
        }
        let good = try policy(
            #""notBefore":"2025-01-01T00:00:00Z","digest":"\#(Digest.of("x"))","platforms":["linux/amd64"]"#
        )
        #expect(good.expectations.notBefore == EvidenceFixture.epoch)
        #expect(good.expectations.digest == .of("x") && good.expectations.platforms == ["linux/amd64"])
        for bad in [#""notBefore":"yesterday""#, #""notBefore":1"#, #""digest":"x""#, #""platforms":"linux/amd64""#] {
            #expect(throws: VerificationError.self, "\(bad)") { try policy(bad) }
        }
        let roles = try TrustPolicy(
            parsing: Array(
                #"{"trust":[{"key":"k.pub","predicateTypes":["a"],"verifiers":["v"],"builders":["b"],"level":2}]}"#.utf8
            )
        ) { _ in Array(key.utf8) }
        #expect(roles.roots[0].predicateTypes == ["a"] && roles.roots[0].verifiers == ["v"])
    }
}
