// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography

/// Judges a verification summary that somebody else made (SLSA v1.2, verification_summary.md, "How to verify").
struct SummaryCheck {
    let policy: TrustPolicy

    /// What is found, and the level that the summary gives: 0 when it counts for nothing.
    func judge(_ signed: Evidence.Signed, named subject: String) -> (finding: Finding, level: Int) {
        func result(_ outcome: Finding.Outcome, _ detail: String, level: Int = 0) -> (Finding, Int) {
            (Finding(subject, "summary", outcome, detail), level)
        }
        let predicate = signed.statement.predicate
        let verifier = predicate["verifier"]?["id"]?.text ?? ""
        if signed.roots.allSatisfy(\.verifiers.isEmpty) {
            return result(.skipped, "the policy does not let its key verify for others")
        }
        let roots = signed.roots.filter { $0.verifiers.contains(verifier) }
        guard let granted = roots.map(\.level).max() else {
            return result(.failed, "the key may not speak for the verifier '\(verifier)'")
        }
        guard let said = predicate["verificationResult"]?.text, said == "PASSED" else {
            return result(.failed, "\(verifier) says \(predicate["verificationResult"]?.text ?? "nothing")")
        }
        let resource = predicate["resourceUri"]?.text ?? ""
        if let repository = policy.repository, PackageURL(resource)?.qualifiers["repository_url"] != repository {
            return result(.failed, "it is about '\(resource)', expected an image of \(repository)")
        }
        let levels = (predicate["verifiedLevels"]?.elements ?? []).compactMap(\.text)
        let stated = (0...3).last { levels.contains(VerificationSummary.name(ofLevel: $0)) } ?? 0
        // No more than this policy grants the verifier.
        let level = min(stated, granted)
        return result(.passed, "\(verifier) found level \(stated); \(level) by this policy", level: level)
    }
}
