// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import OCI
internal import Signing
internal import TestSupport
internal import Verification

/// Images of others: put together by a test, and signed as cosign 2 does.
struct SignedImage {
    var draft = LayoutDraft()

    /// One platform's image with one file.
    mutating func add(
        _ platform: ImagePlatform,
        says other: ImagePlatform? = nil,
        change: (inout Manifest) -> Void = { _ in }
    ) -> Descriptor {
        let tar = TarFixture.archive([("file-\(platform)".replacing("/", with: "-"), "content")])
        let layer = draft.add(tar, mediaType: "application/vnd.oci.image.layer.v1.tar")
        let configuration = ImageConfiguration(platform: platform, created: 0, diffIDs: [.of(tar)])
        let config = draft.add(configuration.json.compact, mediaType: MediaType.config)
        var manifest = Manifest(config: config, layers: [layer])
        change(&manifest)
        var descriptor = draft.add(manifest)
        descriptor.platform = other ?? platform
        return descriptor
    }

    /// Adds a document under another media type.
    mutating func add(_ json: JSON, as mediaType: String) -> Descriptor {
        var json = json
        json.change(["mediaType"]) { $0 = .string(mediaType) }
        return draft.add(json.compact, mediaType: mediaType)
    }

    /// What is found, where only a signature of the root is asked for.
    func verify(_ root: Descriptor, _ change: (inout TrustPolicy) -> Void = { _ in }) async throws -> VerificationReport
    {
        let key = try EvidenceFixture.key()
        var draft = draft
        draft.list(root.reference, tag: "1")
        let payload = SimpleSigning(reference: EvidenceFixture.repository, digest: root.digest).bytes
        let layer = draft.add(
            payload,
            mediaType: MediaType.simpleSigning,
            annotations: [Annotation.cosignSignature: Base64.encode(try key.sign(payload))]
        )
        let config = draft.add(Array("{}".utf8), mediaType: MediaType.config)
        draft.list(draft.add(Manifest(config: config, layers: [layer])), tag: root.digest.evidenceTag(".sig"))
        let directory = try TestSupport.TemporaryDirectory()
        try draft.write(to: directory.path("img"))
        var policy = TrustPolicy(roots: [.init(key: key.publicKey)])
        policy.signatures = .any
        policy.predicateTypes = []
        change(&policy)
        let source = try LayoutSource(directory: directory.path("img"), tag: "1")
        return try await ImageVerifier(source: source, policy: policy).verify()
    }
}
