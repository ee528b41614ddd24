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

@Suite("Verification summaries")
struct SummaryTests {
    private let directory: EvidenceTests.TemporaryDirectory
    private let verifier = "https://verifier.example.org/v1"

    init() throws { directory = try EvidenceTests.TemporaryDirectory() }

    private func purl(_ digest: Digest, repository: String = EvidenceFixture.repository) -> String {
        PackageURL(
            type: "oci",
            name: "img",
            version: digest.description,
            qualifiers: ["repository_url": repository]
        ).description
    }

    /// slsa.dev v1.2, verification_summary.md, "Schema": written by hand.
    @Test func hasTheSpecifiedForm() throws {
        let image = Digest.of("image")
        let report = VerificationReport(
            digest: image,
            findings: [Finding("index", "content", .passed, "")],
            level: 3,
            verified: [image],
            inputs: [.of("bundle")]
        )
        var summary = VerificationSummary(
            report: report,
            resource: "pkg:oci/img",
            policy: .of("policy"),
            verifier: verifier
        )
        let expected = """
            {"_type":"https://in-toto.io/Statement/v1","predicate":{"inputAttestations":[{"digest":{"sha256":"\(Digest.of("bundle").hex)"}}],\
            "policy":{"digest":{"sha256":"\(Digest.of("policy").hex)"},"uri":"\(verifier)/policies/\(Digest.of("policy").hex)"},\
            "resourceUri":"pkg:oci/img","slsaVersion":"1.2","verificationResult":"PASSED","verifiedLevels":["SLSA_BUILD_LEVEL_3"],\
            "verifier":{"id":"\(verifier)"}},\
            "predicateType":"https://slsa.dev/verification_summary/v1","subject":[{"digest":{"sha256":"\(image.hex)"}}]}
            """
        #expect(String(decoding: summary.statement.bytes, as: UTF8.self) == expected)
        summary.time = 1_735_689_600
        #expect(summary.predicate["timeVerified"]?.text == "2025-01-01T00:00:00Z")
        summary.report.findings.append(Finding("index", "content", .failed, ""))
        #expect(summary.predicate["verificationResult"]?.text == "FAILED")
        #expect(summary.predicate["verifiedLevels"] == ["FAILED"])
    }

    /// Verifies an image that carries a summary by another key.
    private func verify(
        resource: String? = nil,
        subject: Digest? = nil,
        result: String = "PASSED",
        levels: JSON = ["SLSA_BUILD_LEVEL_3"],
        predicateTypes: [String] = [PredicateType.verificationSummary],
        verifiers: [String]? = nil
    ) async throws -> VerificationReport {
        let key = try PrivateKey.generate()
        var bench = try await Workbench.make()
        let layout = directory.path + "/img"
        try bench.draft.write(to: layout)
        let source = try LayoutSource(directory: layout, tag: "1.0.0")
        let targets = [bench.index] + bench.members.map(\.0)
        let statement = Statement(
            subjects: (subject.map { [$0] } ?? targets.map(\.digest)).map { Subject(digest: $0) },
            predicateType: PredicateType.verificationSummary,
            predicate: [
                "verifier": ["id": .string(verifier)],
                "resourceUri": .string(resource ?? purl(bench.index.digest)),
                "verificationResult": .string(result), "verifiedLevels": levels,
            ]
        )
        try await EvidenceGraph(repository: "", created: "2025-01-01T00:00:00Z").append(
            .init(
                predicateType: statement.predicateType,
                statement: statement.bytes,
                targets: targets.map(\.digest)
            ),
            to: &bench.draft,
            source: source,
            root: bench.index,
            manifests: bench.members.map(\.0),
            signer: KeySigner(key)
        )
        try bench.draft.write(to: layout)
        var policy = try VerificationTests.trust()
        // The producer's own level is not believed here: what is left is the verifier's.
        policy.roots[0].level = 0
        var root = TrustPolicy.Root(key: key.publicKey, level: 2)
        root.predicateTypes = predicateTypes
        root.verifiers = verifiers ?? [verifier]
        policy.roots.append(root)
        policy.predicateTypes.append(PredicateType.verificationSummary)
        return try await ImageVerifier(source: LayoutSource(directory: layout, tag: "1.0.0"), policy: policy).verify()
    }

    @Test func believesAVerifierThatThePolicyNames() async throws {
        let report = try await verify()
        #expect(report.findings.filter { $0.outcome == .failed } == [])
        // The verifier says 3; the policy grants it no more than 2.
        #expect(report.level == 2)
        #expect(try await verify(levels: ["SLSA_SOURCE_LEVEL_3", "SLSA_BUILD_LEVEL_1"]).level == 1)
    }

    @Test func doesNotBelieveOthers() async throws {
        let refused = [
            try await verify(resource: "pkg:oci/other?repository_url=registry.example.org%2Fother"),
            try await verify(subject: .of("another image")), try await verify(result: "FAILED"),
            try await verify(verifiers: ["https://other.example/verifier"]),
            // A key for something else.
            try await verify(predicateTypes: [PredicateType.openVEX]),
        ]
        for report in refused { #expect(!report.isPassed && report.level == 0) }
        // A producer's own summary is no verifier's, and does no harm.
        let own = try await verify(predicateTypes: [], verifiers: [])
        #expect(own.isPassed && own.level == 0)
    }

    /// The program: what it writes is one line of plain DSSE over the statement, and the same every time.
    @Test func isWrittenSignedAndReproducible() async throws {
        let bench = try await Workbench.make()
        let layout = directory.path + "/img"
        try bench.draft.write(to: layout)
        let key = try directory.write(PrivateKey.generate().pem, to: "verifier.key", mode: 0o600)
        let producer = try directory.write(EvidenceFixture.key().publicKey.pem, to: "release.pub")
        func run(_ file: String, _ more: [String] = []) throws -> Tool.Output {
            try Basalt.run(
                [
                    "verify", layout + ":1.0.0", "--key", producer, "--summary", directory.path + "/" + file,
                    "--summary-key", key, "--verifier", verifier,
                ] + more
            )
        }
        #expect(try run("none").status == 2, "there is no name for the image")
        let repository = ["--repository", EvidenceFixture.repository]
        // Plain DSSE has no place for a log's answer.
        #expect(try run("none", repository + ["--summary-signing-config", "config.json"]).status == 2)
        #expect(try run("a.intoto.jsonl", repository).status == 0)
        #expect(try run("b.intoto.jsonl", repository + ["--attach-summary"]).status == 0)
        let bytes = try Data(contentsOf: URL(filePath: directory.path + "/a.intoto.jsonl"))
        #expect(bytes == (try Data(contentsOf: URL(filePath: directory.path + "/b.intoto.jsonl"))))
        #expect(bytes.last == 0x0A && bytes.filter { $0 == 0x0A }.count == 1)
        let envelope = try Envelope(JSON(parsing: Array(bytes.dropLast())), name: "summary")
        #expect(envelope.payloadType == "application/vnd.in-toto+json")
        #expect(envelope.isSigned(by: try PrivateKey(pem: String(contentsOfFile: key, encoding: .utf8)).publicKey))
        let statement = try Statement(parsing: envelope.payload, name: "summary")
        #expect(statement.subjects.map(\.digest) == [bench.index.digest] + bench.members.map(\.0.digest))
        #expect(statement.predicate["resourceUri"]?.text == purl(bench.index.digest))
        #expect((statement.predicate["inputAttestations"]?.elements ?? []).count > 3)

        // What was attached is found, and an image that fails gets a summary that says so.
        let attached = try await EvidenceListing(LayoutSource(directory: layout, tag: "1.0.0"), key: nil)
        #expect(attached.entries.contains { $0.bytes == envelope.payload })
        let failed = try run("c.intoto.jsonl", ["--repository", "registry.example.org/other"])
        #expect(failed.status == 1)
        let line = try JSON(
            parsing: Array(Data(contentsOf: URL(filePath: directory.path + "/c.intoto.jsonl")).dropLast())
        )
        let verdict = try Statement(parsing: Envelope(line, name: "c").payload, name: "c")
        #expect(verdict.predicate["verificationResult"]?.text == "FAILED")
    }
}
