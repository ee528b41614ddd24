// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Cryptography
internal import OCI

extension Evidence {
    /// Whether somebody trusted says that the manifest belongs to the policy's repository: by a simple signature, which names
    /// one, or by a statement whose subject does. A bundle that is a signature and nothing else names none.
    func repositoryFindings() -> [Finding] {
        guard let repository = policy.repository else { return [] }
        let named = references.union(statements.filter(isByPublisher).flatMap { repositories(in: $0.statement) })
        if named.contains(repository) { return [Finding(subject, "repository", .passed, "named as \(repository)")] }
        let detail =
            named.isEmpty
            ? "nothing trusted names the repository '\(repository)': neither a simple signature nor a statement's subject does"
                + (policy.signatures.readsLegacy ? "" : ", and only bundles are asked for")
                + "; bundles as cosign 3 signs images name none"
            : "what is trusted names \(named.sorted().joined(separator: ", ")), expected '\(repository)'"
        return [Finding(subject, "repository", .failed, detail)]
    }

    /// Not the word of those who may only say something about the image, such as how its tests went.
    private func isByPublisher(_ signed: Signed) -> Bool {
        signed.statement.predicateType == PredicateType.provenance
            || signed.roots.contains { $0.mayVouch(for: PredicateType.signature) }
    }

    /// The repositories in the purls that are the names of this manifest as a subject (purl-spec, types/oci).
    private func repositories(in statement: Statement) -> [String] {
        statement.subjects.compactMap { subject in
            guard subject.digest == target.digest, let purl = subject.name.flatMap({ PackageURL($0) }),
                purl.type == "oci", purl.version == nil || purl.version == target.digest.description
            else { return nil }
            return purl.qualifiers["repository_url"]
        }
    }
}
