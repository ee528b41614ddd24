// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography
package import OCI

/// Attaches signatures and attestations to manifests of a layout, in every form that verifiers look for:
/// cosign's `.sig` and `.att` tags, the same signature as an OCI 1.1 referrer, and sigstore bundles as referrers.
///
/// Signatures of one request are made once, so a signer that does not repeat itself still gives one image one evidence.
package struct EvidenceGraph: Sendable {
    /// A statement and the manifests that it is attached to.
    package struct Attestation: Sendable {
        package var predicateType: String
        /// Canonical bytes of the in-toto statement, whose subjects include every one of `targets`.
        package var statement: [UInt8]
        package var targets: [Digest]
        /// Left out of `.att`, whose digest every rebuild then repeats: for what is true of one run only.
        package var isReferrerOnly: Bool
        package init(predicateType: String, statement: [UInt8], targets: [Digest], isReferrerOnly: Bool = false) {
            self.predicateType = predicateType
            self.statement = statement
            self.targets = targets
            self.isReferrerOnly = isReferrerOnly
        }
    }

    /// The canonical repository, which containers/image's policy compares.
    package var repository: String
    /// RFC 3339: the image's own time, never the clock's.
    package var created: String

    package init(repository: String, created: String) {
        self.repository = repository
        self.created = created
    }

    /// Signs `root` (an index, or a single manifest) and `manifests`, and attaches the attestations.
    ///
    /// The root's evidence is marked for cosign's `--local-image`, which follows marks and not tags.
    package func attach(
        to draft: inout LayoutDraft,
        root: Descriptor,
        manifests: [Descriptor],
        attestations: [Attestation],
        signer: any StatementSigner
    ) async throws {
        let targets = [root] + manifests
        let statements = attestations.map(\.statement) + targets.map { EvidenceGraph.signatureStatement($0.digest) }
        let bundles = try await signer.bundles(of: statements)
        // Each statement is written once, however many manifests it is attached to, and all at the same time: SBOMs have
        // megabytes.
        let written = await EvidenceGraph.written(Array(zip(attestations, bundles)))
        let signatures = try await simpleSignatures(of: targets, signer)
        let proofs = try await OlderProofs(of: signer) {
            written.compactMap(\.envelope?.bytes) + signatures.map(\.signature)
        }
        let contents = zip(attestations, written).map { attestation, blobs in
            (
                layer: blobs.envelope.map { add(envelope: $0, of: attestation, proofs, to: &draft) },
                bundle: draft.add(blobs.bundle, mediaType: MediaType.bundle)
            )
        }
        for (index, target) in targets.enumerated() {
            let isRoot = target.digest == root.digest
            file(signatures[index], of: target, isRoot: isRoot, proofs, in: &draft)
            add(
                bundles[attestations.count + index],
                predicateType: EvidenceGraph.signaturePredicate,
                subject: target,
                to: &draft
            )
            var layers: [Descriptor] = []
            for (attestation, content) in zip(attestations, contents)
            where attestation.targets.contains(target.digest) {
                if let layer = content.layer { layers.append(layer) }
                refer(content.bundle, predicateType: attestation.predicateType, subject: target, to: &draft)
            }
            if layers.isEmpty { continue }
            listAttestations(layers, of: target, isRoot: isRoot, in: &draft)
        }
    }

    /// Attaches one more statement to an image that has evidence already, in `source`.
    package func append(
        _ attestation: Attestation,
        to draft: inout LayoutDraft,
        source: any ImageSource,
        root: Descriptor,
        manifests: [Descriptor],
        signer: any StatementSigner
    ) async throws {
        guard let bundle = try await signer.bundles(of: [attestation.statement]).first else { return }
        let envelope = LayoutDraft.Blob(EvidenceGraph.envelope(of: attestation, bundle))
        let proofs = try await OlderProofs(of: signer) { attestation.isReferrerOnly ? [] : [envelope.bytes] }
        for target in [root] + manifests where attestation.targets.contains(target.digest) {
            add(bundle, predicateType: attestation.predicateType, subject: target, to: &draft)
            if attestation.isReferrerOnly { continue }
            let tag = target.digest.evidenceTag(".att")
            var layers: [Descriptor] = []
            if let entry = try await source.tagged(tag) { layers = try await source.manifest(entry).layers }
            draft.unlist(tag: tag)
            let layer = add(envelope: envelope, of: attestation, proofs, to: &draft)
            // Equal statements by one key have equal signatures: said again, nothing is added.
            if !layers.contains(layer) { layers.append(layer) }
            listAttestations(layers, of: target, isRoot: target.digest == root.digest, in: &draft)
        }
    }

    private typealias Written = (envelope: LayoutDraft.Blob?, bundle: LayoutDraft.Blob)

    /// The envelopes, where there is to be one, and the bundles.
    private static func written(_ statements: [(Attestation, Bundle)]) async -> [Written] {
        await withTaskGroup(of: (Int, Written).self) { group in
            for (position, (attestation, bundle)) in statements.enumerated() {
                group.addTask {
                    let isReferrerOnly = attestation.isReferrerOnly
                    return (
                        position,
                        (
                            isReferrerOnly ? nil : LayoutDraft.Blob(envelope(of: attestation, bundle)),
                            LayoutDraft.Blob(bundle.json.compact)
                        )
                    )
                }
            }
            var written = [Written?](repeating: nil, count: statements.count)
            for await (position, blobs) in group { written[position] = blobs }
            return written.compactMap { $0 }
        }
    }

    /// The same signature in cosign's older form.
    private static func envelope(of attestation: Attestation, _ bundle: Bundle) -> [UInt8] {
        Envelope(payload: attestation.statement, signatures: [.init(bytes: bundle.signature)])
            .json(withKeyID: true).compact
    }

    private func add(
        envelope: LayoutDraft.Blob,
        of attestation: Attestation,
        _ proofs: OlderProofs,
        to draft: inout LayoutDraft
    ) -> Descriptor {
        var annotations = proofs.annotations(over: envelope.bytes)
        annotations[Annotation.cosignSignature] = ""
        annotations[Annotation.cosignPredicateType] = attestation.predicateType
        return draft.add(envelope, mediaType: MediaType.dsse, annotations: annotations)
    }

    private func listAttestations(
        _ layers: [Descriptor],
        of target: Descriptor,
        isRoot: Bool,
        in draft: inout LayoutDraft
    ) {
        let config = draft.add(EvidenceGraph.configuration(layers.map(\.digest)), mediaType: MediaType.config)
        let manifest = draft.add(Manifest(config: config, layers: layers))
        list(manifest, of: target, suffix: "att", kind: isRoot ? Annotation.kindAttestations : nil, in: &draft)
    }

    private struct SimpleSignature {
        var payload: [UInt8]
        var signature: [UInt8]
    }

    private func simpleSignatures(
        of targets: [Descriptor],
        _ signer: any StatementSigner
    ) async throws -> [SimpleSignature] {
        var signatures: [SimpleSignature] = []
        for target in targets {
            let payload = SimpleSigning(reference: repository, digest: target.digest).bytes
            signatures.append(
                SimpleSignature(payload: payload, signature: try await signer.sign(.simpleSigning(payload)))
            )
        }
        return signatures
    }

    /// The older signature of one manifest: simple signing in a manifest that is a tag for old clients and a referrer for
    /// new ones.
    private func file(
        _ signature: SimpleSignature,
        of target: Descriptor,
        isRoot: Bool,
        _ proofs: OlderProofs,
        in draft: inout LayoutDraft
    ) {
        var annotations = proofs.annotations(over: signature.signature)
        annotations[Annotation.cosignSignature] = Base64.encode(signature.signature)
        let layer = draft.add(signature.payload, mediaType: MediaType.simpleSigning, annotations: annotations)
        let config = draft.add(EvidenceGraph.configuration([layer.digest]), mediaType: MediaType.cosignSignature)
        let manifest = draft.add(
            Manifest(
                artifactType: MediaType.cosignSignature,
                config: config,
                layers: [layer],
                subject: target.reference
            )
        )
        list(manifest, of: target, suffix: "sig", kind: isRoot ? Annotation.kindSignatures : nil, in: &draft)
    }

    package static let signaturePredicate = "https://sigstore.dev/cosign/sign/v1"

    /// The statement whose bundle is an image's signature.
    package static func signatureStatement(_ digest: Digest) -> [UInt8] {
        JSON.object([
            ("_type", "https://in-toto.io/Statement/v1"),
            ("subject", .array([.object([("digest", .object([("sha256", .string(digest.hex))]))])])),
            ("predicateType", .string(signaturePredicate)), ("predicate", .object([])),
        ]).canonical
    }

    private func add(_ bundle: Bundle, predicateType: String, subject: Descriptor, to draft: inout LayoutDraft) {
        let bundle = draft.add(bundle.json.compact, mediaType: MediaType.bundle)
        refer(bundle, predicateType: predicateType, subject: subject, to: &draft)
    }

    /// Lists a bundle as a referrer of `subject`.
    private func refer(
        _ bundle: Descriptor,
        predicateType: String,
        subject: Descriptor,
        to draft: inout LayoutDraft
    ) {
        let annotations = [
            Annotation.bundleContent: "dsse-envelope", Annotation.bundlePredicateType: predicateType,
            // Trivy looks for this one; cosign for the one above.
            Annotation.predicateType: predicateType, Annotation.created: created,
        ]
        let manifest = draft.add(
            Manifest(
                artifactType: MediaType.bundle,
                config: draft.addEmpty(),
                layers: [bundle],
                subject: subject.reference,
                annotations: annotations
            )
        )
        draft.list(manifest, annotations: annotations)
    }

    private func list(
        _ manifest: Descriptor,
        of target: Descriptor,
        suffix: String,
        kind: String?,
        in draft: inout LayoutDraft
    ) {
        draft.list(
            manifest,
            tag: target.digest.evidenceTag(".\(suffix)"),
            annotations: kind.map { [Annotation.kind: $0] } ?? [:]
        )
    }

    /// The image configuration that cosign gives its artifacts: nothing but the layers' digests.
    private static func configuration(_ digests: [Digest]) -> [UInt8] {
        let epoch = JSON.string("0001-01-01T00:00:00Z")
        return JSON.object([
            ("architecture", ""), ("created", epoch),
            ("history", .array(digests.map { _ in .object([("created", epoch)]) })), ("os", ""),
            ("rootfs", .object([("type", "layers"), ("diff_ids", .strings(digests.map(\.description)))])),
            ("config", .object([])),
        ]).compact
    }
}
