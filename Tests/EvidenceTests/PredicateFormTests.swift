// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Testing

@Suite("Predicates before they are signed")
struct PredicateFormTests {
    /// The smallest that each specification allows.
    private static let smallest: [(type: String, text: String)] = [
        (
            PredicateType.provenance,
            #"{"buildDefinition":{"buildType":"https://example.org/t","externalParameters":{}},"runDetails":{"builder":{"id":"https://example.org/b"}}}"#
        ),
        (
            PredicateType.spdx,
            #"{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","dataLicense":"CC0-1.0","name":"n","documentNamespace":"https://example.org/s","creationInfo":{"created":"2026-01-01T00:00:00Z","creators":["Tool: t"]}}"#
        ),
        (PredicateType.cycloneDX, #"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#),
        (PredicateType.testResult, #"{"result":"PASSED","configuration":[]}"#),
        (
            PredicateType.verificationSummary,
            #"{"verifier":{"id":"https://example.org/v"},"resourceUri":"pkg:oci/a","policy":{},"verificationResult":"PASSED","verifiedLevels":[]}"#
        ),
        (
            PredicateType.openVEX,
            #"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.org/vex/1","author":"A","timestamp":"2026-01-01T00:00:00Z","version":1,"statements":[{"vulnerability":{"name":"CVE-2026-1"},"status":"fixed","products":[{"@id":"pkg:oci/a"}]}]}"#
        ),
    ]

    @Test(arguments: smallest)
    func acceptsTheSmallestAndMissesEveryMember(type: String, text: String) throws {
        let whole = try JSON(parsing: text)
        #expect(PredicateForm.problems(whole, type: type) == [])
        for (name, _) in try #require(whole.members) {
            let rest = JSON.object(whole.members?.filter { $0.0 != name } ?? [])
            let problems = PredicateForm.problems(rest, type: type)
            #expect(problems.contains { $0.contains(name) }, "without \(name): \(problems)")
        }
    }

    @Test func aPredicateIsAnObjectWhateverItsType() {
        #expect(!PredicateForm.problems([1], type: "https://example.org/review/v1").isEmpty)
        #expect(PredicateForm.problems(["score": 1], type: "https://example.org/review/v1").isEmpty)
    }
}
