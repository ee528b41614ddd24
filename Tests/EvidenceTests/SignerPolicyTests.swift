// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import SignerService
internal import Signing
internal import Testing

@Suite("A signer's policy")
struct SignerPolicyTests {
    private func refusal(_ request: SigningRequest, by policy: SignerPolicy = SignerFixture.policy()) -> String? {
        do {
            _ = try policy.judge(request)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func signsWhatItAllows() throws {
        let judgement = try SignerFixture.policy().judge(.statement(SignerFixture.provenance().bytes))
        #expect(judgement.builder == Namespace().localBuilder)
        #expect(judgement.repositories == [EvidenceFixture.repository])
        #expect(judgement.subjects == [.of("image")])
    }

    @Test func signsNothingWithoutRules() {
        let simple = SimpleSigning(reference: EvidenceFixture.repository, digest: .of("image")).bytes
        #expect(refusal(.statement(SignerFixture.provenance().bytes), by: SignerPolicy()) != nil)
        #expect(refusal(.simpleSigning(simple), by: SignerPolicy()) != nil)
    }

    @Test func refusesEveryDeviation() {
        let good = SignerFixture.provenance()
        var type = good
        type.predicateType = "https://example.org/other/v1"
        var summary = good
        summary.predicateType = PredicateType.verificationSummary
        var noBuilder = good
        noBuilder.predicate = ["buildDefinition": good.predicate["buildDefinition"] ?? .null]
        let other = PackageURL(
            type: "oci",
            name: "img",
            version: Digest.of("another image").description,
            qualifiers: ["repository_url": EvidenceFixture.repository]
        )
        let elsewhere = PackageURL(
            type: "oci",
            name: "img",
            version: Digest.of("image").description,
            qualifiers: ["repository_url": "registry.example.org/laboratory/img"]
        )
        func subject(_ name: String) -> Statement {
            SignerFixture.provenance(subject: Subject(name: name, digest: .of("image")))
        }
        let statements: [(String, Statement)] = [
            ("builder", SignerFixture.provenance(builder: "https://builder.example/hosted/v1")),
            ("build type", SignerFixture.provenance(buildType: "https://example.org/other")),
            ("parameter", SignerFixture.provenance(parameters: ["definition": [:], "backdoor": true])),
            ("no parameters", SignerFixture.provenance(parameters: "none")),
            ("predicate type", type), ("verifier", summary), ("no builder", noBuilder),
            ("digest of the name", subject(other.description)), ("repository", subject(elsewhere.description)),
            ("no purl", subject("linux/amd64")), ("another purl", subject("pkg:deb/debian/bash@5")),
        ]
        for (what, statement) in statements { #expect(refusal(.statement(statement.bytes)) != nil, "\(what)") }
    }

    /// Documents that another parser could read in another way, or that hold more than was judged.
    @Test func refusesWhatIsNotCanonical() throws {
        let good = SignerFixture.provenance().bytes
        let text = String(decoding: good, as: UTF8.self)
        let simple = SimpleSigning(reference: EvidenceFixture.repository, digest: .of("image")).bytes
        let simpleText = String(decoding: simple, as: UTF8.self)
        let changed: [SigningRequest] = [
            .statement(good + [0x0A]), .statement([0x20] + good), .statement(good.dropLast()), .statement([]),
            .statement(Array(text.replacing("Statement/v1", with: "Statement/v0.1").utf8)),
            .statement(Array(text.replacing("\"sha256\":", with: "\"gitCommit\":\"aa\",\"sha256\":").utf8)),
            .statement(Array(text.replacing("{\"_type\"", with: "{\"A\":1,\"_type\"").utf8)),
            .statement(Array(text.replacing("\"subject\":[{", with: "\"subject\":[{\"uri\":\"x\",").utf8)),
            .statement(
                Array(text.replacing("\"predicateType\"", with: "\"predicateType\":\"x\",\"predicateType\"").utf8)
            ),
            .simpleSigning(simple + [0x0A]),
            .simpleSigning(Array(simpleText.replacing("\"optional\":null", with: "\"optional\":{}").utf8)),
            .simpleSigning(SimpleSigning(reference: "registry.example.org/other", digest: .of("image")).bytes),
        ]
        for request in changed {
            #expect(refusal(request) != nil, "\(String(decoding: request.message, as: UTF8.self))")
        }
        #expect(refusal(.simpleSigning(simple)) == nil)
        var policy = SignerFixture.policy()
        policy.allowsSimpleSigning = false
        #expect(refusal(.simpleSigning(simple), by: policy) != nil)
    }

    @Test func readsItsFile() throws {
        let text = """
            {"peers": [0, "root", 4242], "simpleSigning": true, "predicateTypes": ["\(PredicateType.provenance)"],
             "builders": ["https://builds.example.org/hosted/v1"], "buildTypes": ["https://example.org/type"],
             "externalParameters": ["definition"], "repositories": ["registry.example.org/images/*"]}
            """
        let policy = try SignerPolicy(parsing: Array(text.utf8), name: "p")
        #expect(policy.peers == [0, 4242] && policy.allowsSimpleSigning)
        #expect(policy.builders == ["https://builds.example.org/hosted/v1"])
        for bad in [
            "", "[]", #"{"builder":[]}"#, #"{"peers":["no-such-user-here"]}"#, #"{"peers":[-1]}"#,
            #"{"builders":"x"}"#, #"{"builders":[1]}"#, #"{"repositories":["a*b"]}"#, #"{"simpleSigning":1}"#,
        ] {
            #expect(throws: SigningError.self, "\(bad)") { try SignerPolicy(parsing: Array(bad.utf8), name: "p") }
        }
        #expect(try SignerPolicy(parsing: Array("{}".utf8), name: "p").peers == [geteuid()])
    }
}
