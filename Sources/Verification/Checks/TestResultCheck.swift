// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography

/// Judges what trusted signers say about tests (in-toto attestation, spec/predicates/test-result.md).
struct TestResultCheck {
    let policy: TrustPolicy

    /// One finding for each test result about a manifest.
    func findings(_ statements: [Evidence.Signed], named subject: String) -> [Finding] {
        var seen: Set<Digest> = []
        return statements.filter(Self.isResult).compactMap { signed in
            // What is filed in both forms is one statement.
            seen.insert(signed.payload).inserted ? judge(signed.statement.predicate, subject) : nil
        }
    }

    /// What the policy asks for and nobody trusted says about an image.
    ///
    /// - Parameters:
    ///   - platform: `linux/amd64`, or nil where neither the index nor the image says it.
    ///   - own: statements about the image's manifest.
    ///   - index: statements about the index that it is from, which speak for the manifests that they name.
    func missing(
        for digest: Digest,
        platform: String?,
        named subject: String,
        own: [Evidence.Signed],
        index: [Evidence.Signed]
    ) -> [Finding] {
        let results =
            own.filter(Self.isResult)
            + index.filter { signed in
                Self.isResult(signed) && signed.statement.subjects.contains { $0.digest == digest }
            }
        var findings: [Finding] = []
        if policy.tests.isRequired && results.isEmpty {
            findings.append(Finding(subject, "tests", .failed, "no trusted signer says that it was tested"))
        }
        for name in policy.requiredTests {
            let isThere = results.contains { signed in
                var names = Self.names("passedTests", in: signed.statement.predicate)
                if policy.tests != .passed { names += Self.names("warnedTests", in: signed.statement.predicate) }
                return names.contains { Self.isTest($0, name, platform: platform) }
            }
            findings.append(
                Finding(
                    subject,
                    "test",
                    isThere ? .passed : .failed,
                    isThere ? name : "no trusted signer says that the test '\(name)' passed"
                )
            )
        }
        return findings
    }

    private func judge(_ predicate: JSON, _ subject: String) -> Finding {
        func finding(_ outcome: Finding.Outcome, _ detail: String) -> Finding {
            Finding(subject, "tests", outcome, detail)
        }
        let passed = Self.names("passedTests", in: predicate)
        let warned = Self.names("warnedTests", in: predicate)
        let failed = Self.names("failedTests", in: predicate)
        let said = predicate["result"]?.text ?? ""
        let counts = "\(passed.count) passed, \(warned.count) warned, \(failed.count) failed"
        let isFailing = policy.tests == .any ? Finding.Outcome.passed : .failed
        switch said {
        case "PASSED" where failed.isEmpty && warned.isEmpty:
            return finding(.passed, "\(said): \(counts)")
        case "PASSED" where failed.isEmpty, "WARNED" where failed.isEmpty:
            return finding(policy.tests == .passed ? .failed : .passed, "\(said): \(counts)\(Self.list(warned))")
        case "PASSED", "WARNED":
            return finding(.failed, "it says \(said) and lists tests that failed\(Self.list(failed))")
        case "FAILED":
            return finding(isFailing, "\(said): \(counts)\(Self.list(failed))")
        default:
            return finding(.failed, "its result '\(said)' is none of PASSED, WARNED, FAILED")
        }
    }

    private static func isResult(_ signed: Evidence.Signed) -> Bool {
        signed.statement.predicateType == PredicateType.testResult
    }

    /// Whether the name of a test in a statement is the one that is asked for: as it stands there, or, of reports over several
    /// platforms (`standards/linux/amd64/no-shell`), its end, for this platform.
    private static func isTest(_ name: String, _ wanted: String, platform: String?) -> Bool {
        name == wanted || platform.map { name.hasSuffix("/\($0)/\(wanted)") } ?? false
    }

    private static func names(_ member: String, in predicate: JSON) -> [String] {
        (predicate[member]?.elements ?? []).compactMap(\.text)
    }

    private static func list(_ names: [String]) -> String {
        guard !names.isEmpty else { return "" }
        let more = names.count > 5 ? " and \(names.count - 5) more" : ""
        return " (" + names.prefix(5).joined(separator: ", ") + more + ")"
    }
}
