// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import OCI
internal import Registry
internal import Signing

/// An image that statements are attached to, in a layout or in a registry.
struct AttestedImage {
    private let options: ImageOptions
    private let progress: ProgressRenderer
    private let location: ImageLocation
    private let source: any ImageSource
    private let root: Descriptor
    private let platforms: [Descriptor]

    init(_ options: ImageOptions, _ progress: ProgressRenderer) async throws {
        self.options = options
        self.progress = progress
        location = try options.location()
        source = try await options.source(progress)
        root = try await source.root()
        platforms = MediaType.isIndex(root.mediaType) ? try await source.images(of: root) : []
    }

    /// The index and every platform's manifest.
    var targets: [Descriptor] { [root] + platforms }

    /// Signs a statement about the image and all its platforms, and adds it: a layout is replaced whole; to a registry only
    /// what is new is pushed.
    ///
    /// - Parameter isReferrerOnly: kept out of cosign's older form, for what is true of one run only.
    func attach(_ statement: Statement, signer: any StatementSigner, isReferrerOnly: Bool = false) async throws {
        let created = try await source.configuration(platforms.first ?? root).created
        let graph = EvidenceGraph(repository: "", created: Timestamp.text(created))
        let attestation = EvidenceGraph.Attestation(
            predicateType: statement.predicateType,
            statement: statement.bytes,
            targets: targets.map(\.digest),
            isReferrerOnly: isReferrerOnly
        )
        switch location {
        case .layout(let directory, _):
            var draft = LayoutDraft(try Layout(directory: directory))
            try await graph.append(
                attestation,
                to: &draft,
                source: source,
                root: root,
                manifests: platforms,
                signer: signer
            )
            try draft.write(to: directory)
        case .registry(let reference):
            var draft = LayoutDraft()
            try await graph.append(
                attestation,
                to: &draft,
                source: source,
                root: root,
                manifests: platforms,
                signer: signer
            )
            _ = try await options.transfer(progress).add(draft, about: root, to: reference)
        }
    }
}
