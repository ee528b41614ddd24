// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import OCI
internal import Signing
internal import TestSupport
internal import Testing
internal import Verification

/// BuildKit's attestations in the index (moby/buildkit, docs/attestations/attestation-storage.md).
@Suite("In-index attestations")
struct InIndexAttestationTests {
    /// A signed image whose index holds attestation manifests.
    ///
    /// - Parameters:
    ///   - alter: changes them before the index, and so the signature, is made over them.
    ///   - isSigned: whether they are signed themselves.
    private func report(
        isSigned: Bool = true,
        alter: (inout [Descriptor], inout LayoutDraft) throws -> Void = { _, _ in }
    ) async throws -> VerificationReport {
        var (draft, members, _) = try EvidenceFixture.draft()
        let evidence = ImageEvidence(
            identity: EvidenceFixture.identity,
            record: EvidenceFixture.record(),
            execution: nil,
            members: members.map { .init(manifest: $0.0, inventory: $0.1) }
        )
        var attachments = evidence.addInIndexAttestations(to: &draft)
        try alter(&attachments, &draft)
        let index = draft.add(index: members.map(\.0) + attachments)
        draft.unlist(tag: "1.0.0")
        draft.list(index, tag: "1.0.0")
        try await evidence.add(
            to: &draft,
            index: index,
            inIndex: isSigned ? attachments : [],
            signer: KeySigner(try EvidenceFixture.key())
        )
        let directory = try TemporaryDirectory()
        try draft.write(to: directory.path + "/img")
        let policy = TrustPolicy(roots: [.init(key: try EvidenceFixture.key().publicKey, builders: [])])
        return try await ImageVerifier(
            source: LayoutSource(directory: directory.path + "/img", tag: "1.0.0"),
            policy: policy
        )
        .verify()
    }

    private func failures(_ report: VerificationReport) -> Set<String> {
        Set(report.findings.filter { $0.outcome == .failed }.map(\.check))
    }

    /// Replaces the first attestation manifest by one with another content.
    private func replace(
        _ attachments: inout [Descriptor],
        _ draft: inout LayoutDraft,
        _ change: (inout Manifest, inout LayoutDraft) throws -> Void
    ) throws {
        let old = attachments[0]
        var manifest = try Manifest(parsing: try #require(draft.bytes(of: old.digest)), name: "m")
        try change(&manifest, &draft)
        var descriptor = draft.add(manifest, annotations: old.annotations)
        descriptor.artifactType = nil
        descriptor.platform = old.platform
        attachments[0] = descriptor
    }

    /// Replaces a statement of the first attestation manifest.
    private func restate(
        _ type: String,
        _ attachments: inout [Descriptor],
        _ draft: inout LayoutDraft,
        _ change: (inout Statement) -> Void
    ) throws {
        try replace(&attachments, &draft) { manifest, draft in
            let position = try #require(
                manifest.layers.firstIndex { $0.annotations[Annotation.predicateType] == type }
            )
            let layer = manifest.layers[position]
            var statement = try Statement(parsing: try #require(draft.bytes(of: layer.digest)), name: "s")
            change(&statement)
            manifest.layers[position] = draft.add(
                statement.bytes,
                mediaType: layer.mediaType,
                annotations: layer.annotations
            )
        }
    }

    @Test func haveTheFormOfBuildKits() async throws {
        var seen: [Descriptor] = []
        var manifests: [Manifest] = []
        let report = try await report { attachments, draft in
            seen = attachments
            manifests = try attachments.map { try Manifest(parsing: draft.bytes(of: $0.digest) ?? [], name: "m") }
        }
        #expect(report.findings.filter { $0.outcome == .failed } == [])
        #expect(report.findings.filter { $0.check == "in-index" }.count == 2)
        #expect(seen.count == 2)
        for (entry, manifest) in zip(seen, manifests) {
            #expect(entry.platform == ImagePlatform(architecture: "unknown", os: "unknown"))
            #expect(entry.annotations["vnd.docker.reference.type"] == "attestation-manifest")
            #expect(entry.annotations["vnd.docker.reference.digest"] == manifest.subject?.digest.description)
            #expect(manifest.artifactType == "application/vnd.docker.attestation.manifest.v1+json")
            #expect(manifest.layers.allSatisfy { $0.mediaType == "application/vnd.in-toto+json" })
            #expect(
                manifest.layers.map { $0.annotations["in-toto.io/predicate-type"] }
                    == ["https://slsa.dev/provenance/v1", "https://spdx.dev/Document"]
            )
        }
    }

    @Test func refusesOnesThatAreNotSigned() async throws {
        #expect(failures(try await report(isSigned: false)) == ["signature-bundle", "signature-legacy"])
    }

    /// Signed by the right key, and yet telling its readers something else than the signed statements tell theirs.
    @Test(arguments: [PredicateType.spdx, PredicateType.provenance])
    func refusesOnesThatSaySomethingElse(_ type: String) async throws {
        let report = try await report { attachments, draft in
            try restate(type, &attachments, &draft) { statement in
                if type == PredicateType.spdx {
                    statement.predicate.change(["name"]) { $0 = "another" }
                } else {
                    statement.predicate.change(["runDetails", "builder", "id"]) { $0 = "https://builder.example/other" }
                }
            }
        }
        #expect(failures(report) == ["in-index"])
    }

    @Test func refusesDependenciesThatNoSignedStatementHas() async throws {
        let report = try await report { attachments, draft in
            try restate(PredicateType.provenance, &attachments, &draft) { statement in
                statement.predicate.change(["buildDefinition", "resolvedDependencies", "0", "name"]) { $0 = "x" }
            }
        }
        #expect(failures(report) == ["in-index"])
    }

    @Test func refusesAnotherSubject() async throws {
        let report = try await report { attachments, draft in
            try restate(PredicateType.spdx, &attachments, &draft) { $0.subjects[0].digest = .of("another") }
        }
        #expect(failures(report) == ["in-index"])
    }

    @Test func refusesOnesAboutImagesThatAreNotThere() async throws {
        let report = try await report { attachments, _ in
            attachments[0].annotations[Annotation.referenceDigest] = Digest.of("another").description
        }
        #expect(failures(report) == ["in-index"])
    }

    @Test func refusesAnotherPredicateTypeThanAnnotated() async throws {
        let report = try await report { attachments, draft in
            try replace(&attachments, &draft) { manifest, _ in
                manifest.layers[0].annotations[Annotation.predicateType] = PredicateType.openVEX
            }
        }
        #expect(failures(report) == ["in-index"])
    }

    @Test func refusesEntriesOfNoKnownKind() async throws {
        let report = try await report { attachments, _ in attachments[0].annotations = [:] }
        #expect(failures(report).contains("in-index"))
    }
}
