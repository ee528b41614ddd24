// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import OCI
internal import Signing
internal import Testing
internal import Verification

/// Test results that the right key signed: what they say decides (in-toto attestation, spec/predicates/test-result.md).
@Suite("Signed test results")
struct TestResultTests {
    /// Failures of an image whose builder attested the predicates.
    private func failures(
        _ predicates: [String],
        key: PrivateKey? = nil,
        policy change: (inout TrustPolicy) -> Void = { _ in }
    ) async throws -> [Finding] {
        let directory = try EvidenceTests.TemporaryDirectory()
        let layout = directory.path + "/img"
        let documents = try predicates.map { try JSON(parsing: Array($0.utf8)) }
        let bench = try await Workbench.make { evidence in
            evidence.additional += documents.map { (PredicateType.testResult, $0) }
        }
        try bench.draft.write(to: layout)
        var policy = try VerificationTests.trust(key)
        change(&policy)
        let report = try await ImageVerifier(source: LayoutSource(directory: layout, tag: "1.0.0"), policy: policy)
            .verify()
        return report.findings.filter { $0.outcome == .failed }
    }

    private static func result(_ result: String, passed: [String] = [], warned: [String] = [], failed: [String] = [])
        -> String
    {
        func list(_ names: [String]) -> String { "[" + names.map { "\"\($0)\"" }.joined(separator: ",") + "]" }
        return #"{"result":"\#(result)","configuration":[],"passedTests":\#(list(passed)),"#
            + #""warnedTests":\#(list(warned)),"failedTests":\#(list(failed))}"#
    }

    private static let passed = result("PASSED", passed: ["standards/linux/amd64/a", "standards/linux/arm64/v8/a"])
    private static let warned = result(
        "WARNED",
        passed: ["standards/linux/amd64/a"],
        warned: ["standards/linux/arm64/v8/a"]
    )
    private static let failed = result("FAILED", failed: ["standards/linux/amd64/a"])

    @Test func aFailureIsAFailure() async throws {
        let found = try await failures([Self.failed])
        #expect(found.map(\.check) == ["tests", "tests", "tests"])
        #expect(Set(found.map(\.subject)) == ["index", "linux/amd64", "linux/arm64/v8"])
        #expect(found.allSatisfy { $0.detail.contains("standards/linux/amd64/a") })
    }

    @Test func oneFailureAmongManyCounts() async throws {
        #expect(try await failures([Self.passed, Self.failed]).count == 3)
    }

    @Test(
        arguments: [
            // Demand, what is attested, whether it verifies.
            (TestDemand.any, nil, true), (.any, failed, true), (.unfailed, nil, true), (.unfailed, passed, true),
            (.unfailed, warned, true), (.unfailed, failed, false), (.required, nil, false), (.required, passed, true),
            (.required, warned, true), (.required, failed, false), (.passed, nil, false), (.passed, passed, true),
            (.passed, warned, false), (.passed, failed, false),
        ] as [(TestDemand, String?, Bool)]
    )
    func theDemandDecides(_ demand: TestDemand, _ predicate: String?, _ isGood: Bool) async throws {
        let found = try await failures(predicate.map { [$0] } ?? []) { $0.tests = demand }
        #expect(found.isEmpty == isGood, "\(found)")
    }

    @Test(arguments: [
        #"{"result":"PASSED","configuration":[],"failedTests":["a"]}"#,
        #"{"result":"WARNED","configuration":[],"failedTests":["a"]}"#,
        #"{"result":"passed","configuration":[]}"#, #"{"result":true,"configuration":[]}"#, #"{"configuration":[]}"#,
    ])
    func whatContradictsItselfIsNoResult(_ predicate: String) async throws {
        #expect(try await failures([predicate]).count == 3)
        #expect(try await failures([predicate]) { $0.tests = .any }.count == 3)
    }

    @Test func aTestIsDemandedForEveryPlatform() async throws {
        #expect(try await failures([Self.passed]) { $0.requiredTests = ["a"] } == [])
        #expect(try await failures([Self.warned]) { $0.requiredTests = ["a"] } == [])
        let half = Self.result("PASSED", passed: ["standards/linux/amd64/a"])
        #expect(
            try await failures([half]) { $0.requiredTests = ["a"] }.map { "\($0.subject) \($0.check)" } == [
                "linux/arm64/v8 test"
            ]
        )
        // The end of a longer name is not the name.
        #expect(try await failures([Self.passed]) { $0.requiredTests = ["v8/a", "b"] }.count == 4)
        // A name as another tool writes it.
        #expect(try await failures([Self.result("PASSED", passed: ["a"])]) { $0.requiredTests = ["a"] } == [])
        #expect(
            try await failures([Self.failed]) {
                $0.tests = .any; $0.requiredTests = ["a"]
            }.count == 2
        )
    }

    @Test func strangersDecideNothing() async throws {
        let directory = try EvidenceTests.TemporaryDirectory()
        let layout = directory.path + "/img"
        var bench = try await Workbench.make()
        // Attested by a key that the policy does not name: neither a failure, nor what is demanded.
        let json = try JSON(parsing: Array(Self.failed.utf8))
        let statement = Statement(
            subjects: [.init(name: "img", digest: bench.index.digest)],
            predicateType: PredicateType.testResult,
            predicate: json
        )
        let attestation = EvidenceGraph.Attestation(
            predicateType: PredicateType.testResult,
            statement: statement.bytes,
            targets: [bench.index.digest],
            isReferrerOnly: true
        )
        try await EvidenceGraph(repository: EvidenceFixture.repository, created: EvidenceFixture.identity.time)
            .append(
                attestation,
                to: &bench.draft,
                source: DraftSource(bench.draft, root: bench.index, name: "the draft"),
                root: bench.index,
                manifests: bench.members.map(\.0),
                signer: KeySigner(PrivateKey.generate())
            )
        try bench.draft.write(to: layout)
        var policy = try VerificationTests.trust()
        func verify() async throws -> VerificationReport {
            try await ImageVerifier(source: LayoutSource(directory: layout, tag: "1.0.0"), policy: policy).verify()
        }
        #expect(try await verify().isPassed)
        policy.tests = .required
        #expect(try await verify().findings.filter { $0.outcome == .failed }.map(\.check) == ["tests", "tests"])
    }

    @Test func demandsAreReadFromThePolicy() throws {
        let key = try EvidenceFixture.key().publicKey.pem
        func policy(_ more: String) throws -> TrustPolicy {
            try TrustPolicy(parsing: Array(#"{"trust":[{"key":"k.pub"}]\#(more)}"#.utf8)) { _ in Array(key.utf8) }
        }
        #expect(try policy("").tests == .unfailed)
        let strict = try policy(#","tests":"passed","requiredTests":["no-shell"]"#)
        #expect(strict.tests == .passed && strict.requiredTests == ["no-shell"])
        for bad in [#","tests":"all""#, #","tests":true"#, #","requiredTests":"no-shell""#, #","requiredTests":[1]"#] {
            #expect(throws: VerificationError.self, "\(bad)") { try policy(bad) }
        }
    }
}
