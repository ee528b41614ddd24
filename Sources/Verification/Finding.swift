// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Cryptography
internal import Diagnostics

/// The answer to one question about an image.
package struct Finding: Hashable, Sendable {
    package enum Outcome: String, Sendable {
        case passed, failed
        /// Not asked, and the detail says why.
        case skipped
    }

    /// What it is about: `index`, `linux/amd64`.
    package var subject: String
    /// A stable name for programs, such as `signature-bundle`.
    package var check: String
    package var outcome: Outcome
    /// What was found, in words.
    package var detail: String

    package init(_ subject: String, _ check: String, _ outcome: Outcome, _ detail: String) {
        self.subject = subject
        self.check = check
        self.outcome = outcome
        self.detail = detail
    }

    /// An error as a detail: in one line.
    static func text(_ error: any Error) -> String {
        guard let failure = error as? any Failure else { return "\(error)" }
        return failure.message + (failure.hint.map { " (\($0))" } ?? "")
    }

    package var json: JSON {
        .object([
            ("subject", .string(subject)), ("check", .string(check)), ("outcome", .string(outcome.rawValue)),
            ("detail", .string(detail)),
        ])
    }
}

/// All answers about one image.
package struct VerificationReport: Sendable {
    package var digest: Digest
    package var findings: [Finding]
    /// The highest SLSA build level that the trust policy grants to what signed and built this image; 0 without one.
    package var level: Int
    /// The index and the images of it that were looked at.
    package var verified: [Digest]
    /// The statements that were believed, by the digest of their bundle or envelope, sorted.
    package var inputs: [Digest]

    /// The digests of the statements that were believed about each manifest, as they were signed.
    package var believed: [Digest: Set<Digest>] = [:]

    package init(digest: Digest, findings: [Finding], level: Int, verified: [Digest] = [], inputs: [Digest] = []) {
        self.digest = digest
        self.findings = findings
        self.level = level
        self.verified = verified
        self.inputs = inputs
    }

    /// Whether nothing is off.
    package var isPassed: Bool { !findings.contains { $0.outcome == .failed } && !findings.isEmpty }

    package var json: JSON {
        .object([
            ("digest", .string(digest.description)), ("verified", .bool(isPassed)), ("slsaBuildLevel", .integer(level)),
            ("findings", .array(findings.map(\.json))),
        ])
    }
}
