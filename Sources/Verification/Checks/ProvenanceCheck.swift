// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography

/// Compares a provenance with what the policy expects (slsa.dev v1.2, verifying-artifacts.md).
struct ProvenanceCheck {
    let policy: TrustPolicy
    /// The digests that the provenance has to cover: the index and every platform.
    let covered: [Digest]

    /// What the policy expects of provenance when there is none about the image: a registry that leaves it out must not have
    /// answered any of it. Where there is one, `problems` has said what is wrong with it.
    func missing(_ evidence: Evidence) -> [Finding] {
        if evidence.statements.contains(where: { $0.statement.predicateType == PredicateType.provenance }) { return [] }
        let isBuilderNamed = evidence.signers.contains {
            !$0.builders.isEmpty && $0.mayVouch(for: PredicateType.provenance)
        }
        let demands = [
            (policy.definition != nil, "definition", "from which definition it is made"),
            (policy.source != nil, "source", "from which repository its definition comes"),
            (!policy.buildTypes.isEmpty, "build-type", "how it was built"),
            (isBuilderNamed, "builder", "by which builder it was built"),
        ]
        return demands.filter(\.0).map { _, check, what in
            Finding(
                evidence.subject,
                check,
                .failed,
                "nothing trusted says \(what): there is no provenance by a trusted signer"
            )
        }
    }

    /// The highest level that the policy grants its signer for its builder.
    func level(_ signed: Evidence.Signed) -> Int {
        guard let builder = signed.statement.predicate["runDetails"]?["builder"]?["id"]?.text else { return 0 }
        return permitting(builder, signed).map(\.level).max() ?? 0
    }

    /// The builder that a sound statement confirms, and by whom: the first entry of the policy that permits it, so that a signer
    /// to whom several apply is one.
    func confirmed(by signed: Evidence.Signed) -> String? {
        guard let builder = signed.statement.predicate["runDetails"]?["builder"]?["id"]?.text else { return nil }
        return permitting(builder, signed).first.map { "\(builder), signed by \($0.name)" }
    }

    /// The entries that let the signer sign for a builder.
    private func permitting(_ builder: String, _ signed: Evidence.Signed) -> [TrustPolicy.Root] {
        signed.roots.filter { $0.builders.isEmpty || $0.builders.contains(builder) }
    }

    /// The reasons to refuse it; empty when there are none.
    func problems(_ signed: Evidence.Signed) -> [(check: String, detail: String)] {
        var problems: [(String, String)] = []
        let predicate = signed.statement.predicate
        let builder = predicate["runDetails"]?["builder"]?["id"]?.text
        if let builder {
            if permitting(builder, signed).isEmpty {
                problems.append(("builder", "the key may not sign for the builder '\(builder)'"))
            }
        } else {
            problems.append(("builder", "the provenance names no builder"))
        }
        let definition = predicate["buildDefinition"]
        if let type = definition?["buildType"]?.text {
            if !policy.buildTypes.isEmpty && !policy.buildTypes.contains(type) {
                problems.append(("build-type", "the build type is '\(type)'"))
            }
        } else {
            problems.append(("build-type", "the provenance names no build type"))
        }
        let parameters = definition?["externalParameters"]
        for (name, _) in parameters?.members ?? [] where !policy.externalParameters.contains(name) {
            problems.append(("parameters", "the external parameter '\(name)' is not known"))
        }
        if let expected = policy.definition {
            let actual = parameters?["definition"]?["sha256"]?.text
            if actual != expected.hex {
                let made = actual.map { "the definition sha256:\($0)" } ?? "no definition that is named"
                problems.append(("definition", "the image is made from \(made), expected \(expected)"))
            }
        }
        if let source = policy.source {
            let names = SourceRepository.names(in: parameters?["definition"])
            if !names.contains(source) {
                let actual = names.last ?? "no repository"
                problems.append(("source", "the definition comes from \(actual), expected \(source)"))
            }
        }
        // One about a run names the index only, and says so by its metadata.
        let isExecution = predicate["runDetails"]?["metadata"] != nil
        let subjects = Set(signed.statement.subjects.map(\.digest))
        if !isExecution, covered.count > 1 {
            for digest in covered where !subjects.contains(digest) {
                problems.append(("subject", "the provenance does not cover \(digest)"))
            }
            for digest in signed.statement.subjects.map(\.digest) where !covered.contains(digest) {
                problems.append(("platforms", "the provenance covers \(digest), which the index does not have"))
            }
        }
        return problems.map { (check: $0.0, detail: $0.1) }
    }
}
