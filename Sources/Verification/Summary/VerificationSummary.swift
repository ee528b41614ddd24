// SPDX-License-Identifier: Apache-2.0

package import Attestations
package import CanonicalJSON
package import Cryptography
internal import OCI

/// What a verification concluded, for those who trust the verifier and need not repeat its work (SLSA v1.2,
/// verification_summary.md, `https://slsa.dev/verification_summary/v1`).
///
/// Without `time` it is reproducible: the same image, policy and evidence give the same bytes.
package struct VerificationSummary: Sendable {
    /// Identifies the verifier; whoever trusts the summary trusts this id and a key.
    package var verifier: String
    /// What was verified, as its consumers name it.
    package var resource: String
    package var policy: ResourceDescriptor
    package var report: VerificationReport
    /// Seconds since the epoch; nil leaves it out.
    package var time: Int?

    package init(
        report: VerificationReport,
        resource: String,
        policy: Digest,
        verifier: String,
        time: Int? = nil
    ) {
        self.report = report
        self.resource = resource
        self.verifier = verifier
        self.time = time
        // The specification wants a URI, and a policy file has none but its content's.
        self.policy = ResourceDescriptor(uri: "\(verifier)/policies/\(policy.hex)", digest: policy)
    }

    /// The name of a level of the build track (SLSA v1.2, "SlsaResult").
    package static func name(ofLevel level: Int) -> String { "SLSA_BUILD_LEVEL_\(level)" }

    package var predicate: JSON {
        .members([
            // Without the optional version: readers made from in-toto's types know no such member, and the program's release would
            // change bytes that otherwise repeat.
            ("verifier", .object([("id", .string(verifier))])),
            ("timeVerified", time.map { .string(Timestamp.text($0)) }),
            ("resourceUri", .string(resource)),
            ("policy", policy.json),
            (
                "inputAttestations",
                report.inputs.isEmpty
                    ? nil
                    : .array(report.inputs.map { .object([("digest", .object([("sha256", .string($0.hex))]))]) })
            ),
            ("verificationResult", .string(report.isPassed ? "PASSED" : "FAILED")),
            // "FAILED" stands for every track when the policy was not met.
            ("verifiedLevels", .strings([report.isPassed ? Self.name(ofLevel: report.level) : "FAILED"])),
            ("slsaVersion", "1.2"),
        ])
    }

    /// The statement: about the index and every image of it, each of which was verified.
    package var statement: Statement {
        Statement(
            subjects: report.verified.map { Subject(digest: $0) },
            predicateType: PredicateType.verificationSummary,
            predicate: predicate
        )
    }
}
