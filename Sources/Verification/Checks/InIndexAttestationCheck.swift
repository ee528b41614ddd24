// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import OCI
internal import Signing

/// Checks what an index holds beside its images: BuildKit's attestation manifests (moby/buildkit,
/// docs/attestations/attestation-storage.md), whose statements carry no signatures of their own.
///
/// They may say nothing that a signed statement about the same image does not say: readers that look nowhere else must not
/// be told something else.
struct InIndexAttestationCheck {
    let source: any ImageSource
    let policy: TrustPolicy
    /// Whether the signature of the index is enough: those who sign it so vouch for what BuildKit put there.
    let isCovered: Bool
    /// The signed statements about each image of the index.
    let statements: [Digest: [Evidence.Signed]]

    func findings(_ entry: Descriptor) async -> [Finding] {
        let reference = entry.annotations[Annotation.referenceDigest].flatMap { Digest($0) }
        let name = "in-index \(reference?.description.prefix(19) ?? entry.digest.description.prefix(19))"
        let evidence = await Evidence(of: entry, named: name, in: source, policy: policy)
        var findings = evidence.findings + evidence.signatureFindings(isCovered: isCovered)
        if isCovered { return findings }
        do {
            let types = try await types(entry, about: reference)
            findings.append(Finding(name, "in-index", .passed, "says what is signed: \(types.joined(separator: ", "))"))
        } catch let problem as Problem {
            findings.append(Finding(name, "in-index", .failed, problem.detail))
        } catch {
            findings.append(Finding(name, "in-index", .failed, Finding.text(error)))
        }
        return findings
    }

    private struct Problem: Error {
        var detail: String
    }

    /// - Returns: the predicate types that are in it.
    private func types(_ entry: Descriptor, about reference: Digest?) async throws -> [String] {
        guard entry.annotations[Annotation.referenceType] == "attestation-manifest", let reference else {
            throw Problem(detail: "the index has an entry, \(entry.digest), that is neither image nor attestation")
        }
        guard let signed = statements[reference] else {
            throw Problem(detail: "it is about \(reference), which is no image of this index")
        }
        let manifest = try await source.manifest(entry)
        if let subject = manifest.subject, subject.digest != reference {
            throw Problem(detail: "its subject is \(subject.digest), and not \(reference)")
        }
        var types: [String] = []
        for layer in manifest.layers {
            guard layer.mediaType == MediaType.inToto else {
                throw Problem(detail: "its layer \(layer.digest) is no statement but \(layer.mediaType)")
            }
            let statement = try Statement(
                parsing: await source.blob(layer, limit: EvidenceBudget.blobLimit),
                name: "the statement \(layer.digest)"
            )
            let type = statement.predicateType
            guard layer.annotations[Annotation.predicateType] == type else {
                throw Problem(detail: "the statement \(layer.digest) is annotated as another type than \(type)")
            }
            guard !statement.subjects.isEmpty, statement.subjects.allSatisfy({ $0.digest == reference }) else {
                throw Problem(detail: "the statement \(layer.digest) is not about \(reference) alone")
            }
            guard signed.contains(where: { Self.agrees(statement, with: $0.statement) }) else {
                throw Problem(detail: "what it says as \(type) is in no signed statement about \(reference)")
            }
            types.append(type)
        }
        return types
    }

    /// Provenance in an index names one platform's inputs, the signed one those of all; what they were made of and by whom
    /// has to be the same. All else is the same to the byte.
    private static func agrees(_ statement: Statement, with signed: Statement) -> Bool {
        guard statement.predicateType == signed.predicateType else { return false }
        guard statement.predicateType == PredicateType.provenance else {
            return statement.predicate.canonical == signed.predicate.canonical
        }
        let definition = statement.predicate["buildDefinition"]
        let other = signed.predicate["buildDefinition"]
        let known = Set((other?["resolvedDependencies"]?.elements ?? []).map(\.canonical))
        return definition?["buildType"] == other?["buildType"]
            && definition?["externalParameters"] == other?["externalParameters"]
            && (definition?["resolvedDependencies"]?.elements ?? []).allSatisfy { known.contains($0.canonical) }
            && statement.predicate["runDetails"]?["builder"] == signed.predicate["runDetails"]?["builder"]
    }
}
