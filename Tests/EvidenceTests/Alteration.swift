// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import FileTree
internal import Foundation
internal import OCI
internal import Packages
internal import Signing
internal import TestSupport

/// What somebody who can write to a registry, or who holds a key for something else, could do to an image.
enum Alteration: String, CaseIterable {
    // The envelope of a bundle.
    case signaturePayload, provenancePayload, spdxPayload, cycloneDXPayload
    case bundleSignatureByte, bundleByAnotherKey, bundleOfAnotherImage, bundlePredicateAnnotation, bundleVersion
    case bundleMessageSignature, bundlePayloadType, bundleTwoSignatures, bundleSubjectSize
    // Leaving things out.
    case bundlesStripped, legacySignatureStripped, attestationsStripped, provenanceStripped, platformStripped
    case platformSignatureStripped, blobMissing
    // cosign's older form.
    case legacyPayload, legacySignature, legacyOfAnotherImage, legacyAttestation, legacyPredicateAnnotation
    // The image itself.
    case layerByte, layerReplaced, configuration, diffID, platformSwapped, tagTwice, indexIsManifest
    // Properly signed, and wrong.
    case unknownParameter, fileMissing, fileDigest, fileAdded, packageMissing, packageAdded, platformNotCovered
    case otherBuilder, otherBuildType, otherDefinition, otherRepository, otherSource
}

/// A signed image in a directory, and the means to alter it while keeping every digest chain intact.
struct Workbench {
    var draft: LayoutDraft
    let index: Descriptor
    let members: [(Descriptor, ImageInventory)]

    static func make(
        change: String = "",
        key: PrivateKey? = nil,
        signer: (any StatementSigner)? = nil,
        alter: (inout ImageEvidence) -> Void = { _ in }
    ) async throws -> Workbench {
        var (draft, members, index) = try EvidenceFixture.draft(change)
        if !change.isEmpty {
            let content = change
            for number in members.indices {
                members[number].1.files.append(
                    InventoryFile(
                        path: "usr/share/change",
                        sha256: .of(content),
                        sha1: .of(content, .sha1),
                        size: content.utf8.count,
                        mode: 0o644,
                        origin: .definition("paths")
                    )
                )
            }
        }
        var evidence = ImageEvidence(
            identity: EvidenceFixture.identity,
            record: EvidenceFixture.record(),
            execution: Execution(invocation: "urn:uuid:1", startedOn: 1, finishedOn: 2),
            members: members.map { .init(manifest: $0.0, inventory: $0.1) }
        )
        alter(&evidence)
        try await evidence.add(
            to: &draft,
            index: index,
            signer: try signer ?? KeySigner(key ?? EvidenceFixture.key())
        )
        return Workbench(draft: draft, index: index, members: members)
    }

    // MARK: Rewriting

    /// Replaces entries of index.json: nil removes, another descriptor replaces.
    mutating func rewrite(_ change: (Descriptor, inout LayoutDraft) throws -> Descriptor?) rethrows {
        let entries = draft.entries
        for entry in entries { draft.unlist(entry) }
        for entry in entries {
            if let kept = try change(entry, &draft) { draft.list(kept) }
        }
    }

    /// Changes the first bundle about `target` whose predicate is `type`.
    mutating func rewriteBundle(
        _ type: String,
        about target: Digest,
        _ change: (inout JSON, inout Manifest) throws -> Void
    ) throws {
        var isDone = false
        try rewrite { entry, draft in
            guard !isDone, entry.artifactType == MediaType.bundle,
                entry.annotations[Annotation.bundlePredicateType] == type, let bytes = draft.bytes(of: entry.digest)
            else { return entry }
            var manifest = try Manifest(parsing: bytes, name: "m")
            guard manifest.subject?.digest == target, let content = draft.bytes(of: manifest.layers[0].digest) else {
                return entry
            }
            isDone = true
            var json = try JSON(parsing: content)
            try change(&json, &manifest)
            manifest.layers = [draft.add(json.compact, mediaType: MediaType.bundle)]
            return draft.add(manifest, annotations: manifest.annotations)
        }
    }

    /// Changes the manifest that a `.sig` or `.att` tag names.
    mutating func rewriteTag(_ suffix: String, _ change: (inout Manifest, inout LayoutDraft) throws -> Void) throws {
        let tag = "sha256-\(index.digest.hex).\(suffix)"
        try rewrite { entry, draft in
            guard entry.annotations[Annotation.refName] == tag, let bytes = draft.bytes(of: entry.digest) else {
                return entry
            }
            var manifest = try Manifest(parsing: bytes, name: "m")
            try change(&manifest, &draft)
            return draft.add(manifest, annotations: entry.annotations)
        }
    }
}
