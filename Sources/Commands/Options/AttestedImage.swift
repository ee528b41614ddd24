// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Building
internal import Cryptography
internal import OCI
internal import Registry
internal import Signing

/// An image that statements are attached to, in a layout or in a registry.
///
/// It is the image that its reader has opened and judged, by its digest: a tag may lead elsewhere by now, and what was said of
/// one image must not be signed of another.
struct AttestedImage {
    private let options: ImageOptions
    private let progress: ProgressRenderer
    private let config: String?
    private let location: ImageLocation
    private let source: any ImageSource
    private let root: Descriptor
    private let platforms: [Descriptor]

    /// - Parameters:
    ///   - source: as it was opened for what the statements say.
    ///   - digest: of the image that they are about; nil to take what the source has.
    ///   - config: the configuration file, if another than the default one is given.
    /// - Throws: `other-image` when the source has another one.
    init(
        _ options: ImageOptions,
        in source: any ImageSource,
        about digest: Digest? = nil,
        config: String? = nil,
        _ progress: ProgressRenderer
    ) async throws {
        self.options = options
        self.progress = progress
        self.config = config
        self.source = source
        location = try options.location()
        root = try await source.root()
        if let digest, digest != root.digest { throw Self.other(options.image, expected: digest) }
        platforms = MediaType.isIndex(root.mediaType) ? try await source.images(of: root) : []
    }

    private static func other(_ image: String, expected: Digest) -> BuildError {
        BuildError(
            "other-image",
            "'\(image)' is not the image \(expected) any more that the statement is about: nothing was attached",
            hint: "somebody has replaced it meanwhile: run the command again"
        )
    }

    /// The index and every platform's manifest.
    var targets: [Descriptor] { [root] + platforms }

    /// Signs a statement about the image and all its platforms, and adds it in every form that verifiers look for.
    func attach(_ statement: Statement, signer: any StatementSigner) async throws {
        try await add([statement], to: targets, signer: signer, isReferrerOnly: false)
    }

    /// Signs statements that are true of one run only, and adds them together: they stay out of cosign's older form.
    ///
    /// - Parameter targets: the manifests that they are about, of the image's; nil for all of them.
    func refer(_ statements: [Statement], to targets: [Descriptor]? = nil, signer: any StatementSigner) async throws {
        try await add(statements, to: targets ?? self.targets, signer: signer, isReferrerOnly: true)
    }

    /// A layout is replaced whole; to a registry only what is new is pushed.
    private func add(
        _ statements: [Statement],
        to targets: [Descriptor],
        signer: any StatementSigner,
        isReferrerOnly: Bool
    ) async throws {
        switch location {
        case .layout(let directory, _):
            // Read, signed and written in one go: others add to the layout, too.
            let observer = progress.observer
            let lock = try await LayoutLock.acquire(directory) { observer(.fetch($0)) }
            defer { lock.release() }
            let layout = try Layout(directory: directory)
            guard layout.index.manifests.contains(where: { $0.digest == root.digest }) else {
                throw Self.other(options.image, expected: root.digest)
            }
            var draft = LayoutDraft(layout)
            let current = LayoutSource(layout, tag: root.digest.description)
            do {
                try await append(statements, about: targets, to: &draft, of: current, signer, isReferrerOnly)
            } catch {
                // Of a layout that is gone, what was still to be read is missing: that is not what went wrong.
                throw lock.isCurrent ? error : Self.other(options.image, expected: root.digest)
            }
            guard lock.isCurrent else { throw Self.other(options.image, expected: root.digest) }
            try draft.write(to: directory)
        case .registry(let reference):
            var draft = LayoutDraft()
            try await append(statements, about: targets, to: &draft, of: source, signer, isReferrerOnly)
            _ = try await options.transfer(progress, config: config).add(draft, about: root, to: reference)
        }
    }

    private func append(
        _ statements: [Statement],
        about targets: [Descriptor],
        to draft: inout LayoutDraft,
        of source: any ImageSource,
        _ signer: any StatementSigner,
        _ isReferrerOnly: Bool
    ) async throws {
        let created = try await source.configuration(platforms.first ?? root).created
        let graph = EvidenceGraph(repository: "", created: Timestamp.text(created))
        for statement in statements {
            try await graph.append(
                EvidenceGraph.Attestation(
                    predicateType: statement.predicateType,
                    statement: statement.bytes,
                    targets: targets.map(\.digest),
                    isReferrerOnly: isReferrerOnly
                ),
                to: &draft,
                source: source,
                root: root,
                manifests: platforms,
                signer: signer
            )
        }
    }
}
