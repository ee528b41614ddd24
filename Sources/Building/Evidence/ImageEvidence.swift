// SPDX-License-Identifier: Apache-2.0

package import Attestations
package import CanonicalJSON
internal import Cryptography
package import OCI
internal import Packages
package import Signing

/// Makes the evidence of one image and adds it to the image's layout.
///
/// In the order in which digests allow it: statements about platform manifests may go into the index; statements that name
/// the index, and all signatures, are referrers that no image digest depends on.
package struct ImageEvidence: Sendable {
    /// One platform's manifest, as the index lists it, and what is in the image.
    package struct Member: Sendable {
        package var manifest: Descriptor
        package var inventory: ImageInventory
        package init(manifest: Descriptor, inventory: ImageInventory) {
            self.manifest = manifest
            self.inventory = inventory
        }
    }

    package var identity: ImageIdentity
    package var record: BuildRecord
    /// The run, for the statement that is not reproduced; nil leaves that statement out.
    package var execution: Execution?
    package var members: [Member]
    /// Statements that others made about the image: merged VEX, test results.
    package var additional: [(predicateType: String, predicate: JSON)] = []

    package init(identity: ImageIdentity, record: BuildRecord, execution: Execution?, members: [Member]) {
        self.identity = identity
        self.record = record
        self.execution = execution
        self.members = members
    }

    private var images: [PlatformImage] {
        members.map { PlatformImage(digest: $0.manifest.digest, inventory: $0.inventory) }
    }

    private func subject(_ member: Member) -> Subject {
        let architecture = member.inventory.platform.architecture
        return Subject(
            name: identity.purl(member.manifest.digest, architecture: architecture).description,
            digest: member.manifest.digest
        )
    }

    /// BuildKit's in-index attestation manifests: for readers that look nowhere else. They become part of the index, so they
    /// are made before it and name only their own platform.
    ///
    /// - Returns: the descriptors to put behind the images in the index.
    package func addInIndexAttestations(to draft: inout LayoutDraft) -> [Descriptor] {
        members.map { member in
            let image = PlatformImage(digest: member.manifest.digest, inventory: member.inventory)
            let predicates = [
                (PredicateType.provenance, Provenance.reproducible(record, inventories: [member.inventory])),
                (PredicateType.spdx, SPDXDocument.image(image, identity: identity)),
            ]
            let layers = predicates.map { type, predicate in
                draft.add(
                    Statement(subjects: [subject(member)], predicateType: type, predicate: predicate).bytes,
                    mediaType: MediaType.inToto,
                    annotations: [Annotation.predicateType: type]
                )
            }
            var config = draft.addEmpty()
            config.data = Array("{}".utf8)
            var descriptor = draft.add(
                Manifest(
                    artifactType: MediaType.attestationManifest,
                    config: config,
                    layers: layers,
                    subject: member.manifest.reference
                ),
                annotations: [
                    Annotation.referenceType: "attestation-manifest",
                    Annotation.referenceDigest: member.manifest.digest.description,
                ]
            )
            descriptor.artifactType = nil
            descriptor.platform = .unknown
            return descriptor
        }
    }

    /// What a statement will say, and of what.
    private struct Claim: Sendable {
        var predicateType: String
        var subjects: [Subject]
        var isReferrerOnly = false
        var predicate: @Sendable () -> JSON
    }

    /// All statements, unsigned, each with the manifests that it is attached to.
    package func attestations(index: Descriptor) async throws -> [EvidenceGraph.Attestation] {
        // Bills of materials have megabytes: they are written at the same time.
        try await concurrently(claims(index: index)) { claim in
            let statement = Statement(
                subjects: claim.subjects,
                predicateType: claim.predicateType,
                predicate: claim.predicate()
            )
            return EvidenceGraph.Attestation(
                predicateType: claim.predicateType,
                statement: statement.bytes,
                targets: claim.subjects.map(\.digest),
                isReferrerOnly: claim.isReferrerOnly
            )
        }
    }

    private func claims(index: Descriptor) -> [Claim] {
        let (identity, record, images) = (identity, record, images)
        let inventories = members.map(\.inventory)
        let all =
            [Subject(name: identity.purl(index.digest).description, digest: index.digest)] + members.map(subject)
        var claims: [Claim] = []
        func add(_ type: String, about subjects: [Subject], _ predicate: @escaping @Sendable () -> JSON) {
            claims.append(Claim(predicateType: type, subjects: subjects, predicate: predicate))
        }
        add(PredicateType.provenance, about: all) { Provenance.reproducible(record, inventories: inventories) }
        add(PredicateType.spdx, about: [all[0]]) {
            SPDXDocument.index(index.digest, images: images, identity: identity)
        }
        add(PredicateType.cycloneDX, about: [all[0]]) {
            CycloneDXDocument.index(index.digest, images: images, identity: identity)
        }
        for (member, image) in zip(members, images) {
            add(PredicateType.spdx, about: [subject(member)]) { SPDXDocument.image(image, identity: identity) }
            add(PredicateType.cycloneDX, about: [subject(member)]) {
                CycloneDXDocument.image(image, identity: identity)
            }
        }
        add(record.namespace.scripts, about: all) { Provenance.scripts(record) }
        for (type, predicate) in additional { add(type, about: all) { predicate } }
        if let execution {
            claims.append(
                Claim(predicateType: PredicateType.provenance, subjects: [all[0]], isReferrerOnly: true) {
                    Provenance.execution(execution, record: record, inventories: inventories)
                }
            )
        }
        return claims
    }

    /// Signs the index and every manifest in it, and attaches all statements.
    ///
    /// - Parameter inIndex: the attestation manifests that the index holds: containers/image asks of every manifest of an
    ///   index that it is signed, of those too.
    package func add(
        to draft: inout LayoutDraft,
        index: Descriptor,
        inIndex: [Descriptor] = [],
        signer: any StatementSigner
    ) async throws {
        let graph = EvidenceGraph(repository: identity.repository, created: identity.time)
        try await graph.attach(
            to: &draft,
            root: index,
            manifests: members.map(\.manifest) + inIndex,
            attestations: try await attestations(index: index),
            signer: signer
        )
    }
}
