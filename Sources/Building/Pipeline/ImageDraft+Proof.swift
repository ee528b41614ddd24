// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Cryptography
internal import Diagnostics
internal import Layers
internal import OCI
internal import Packages
internal import Standards

/// What is found out about an image before it is signed: whether it keeps the standards, and which authored VEX statements
/// are about it.
extension ImageDraft {
    /// Runs the standard checks on every platform, before anything is signed.
    ///
    /// - Parameter isRequired: whether a check that fails, and that the configuration does not acknowledge, stops the build.
    ///   Otherwise it is a warning, and the attested result says that it failed.
    /// - Throws: `failed-checks`; what reading the image throws.
    mutating func check(_ built: [PlatformBuild.Built], isRequired: Bool, sizeLimit: Int?) async throws {
        guard let index else { return }
        let acknowledged = environment.configuration.acknowledged(for: repository)
        let stage = StandardsStage(
            store: environment.store,
            options: StandardOptions(sizeLimit: sizeLimit),
            version: environment.version
        )
        let images = zip(built, planned.plans).map { ($0, metadata($1.plan).configuration($0)) }
        let results = try await concurrently(images) { build, configuration in
            Standards.results(
                try stage.outcomes(of: build, configuration: configuration),
                platform: configuration.platform.description,
                acknowledged: acknowledged
            )
        }
        .flatMap { $0 }
        let failed = results.filter { $0.outcome == .failed }
        if isRequired, let first = failed.first {
            let more = failed.count > 1 ? " (and \(failed.count - 1) more)" : ""
            throw BuildError(
                "failed-checks",
                "\(planned.path) fails the check '\(first.name)' for \(first.platform): \(first.detail)\(more)",
                hint: "mend the definition, or acknowledge the check below 'acknowledge-checks' (docs/testing.md)",
                outcome: .negative
            )
        }
        for result in results where result.outcome == .warned || result.outcome == .failed {
            let what = result.outcome == .warned ? "\(result.name), acknowledged" : "the check '\(result.name)' fails"
            environment.observer(.warning("\(planned.path): \(result.platform): \(what): \(result.detail)"))
        }
        checks = TestReport(
            digest: index.digest,
            results: results,
            toolVersion: environment.version,
            started: epoch * 1000,
            finished: epoch * 1000,
            isNormalised: true
        )
    }

    /// Takes the authored statements that are about this image; those about what it does not have are warned about.
    mutating func select(_ files: [VEXFile], of built: [PlatformBuild.Built]) {
        guard !files.isEmpty, let distribution = built.first?.distribution,
            let ecosystem = try? Ecosystems.serving(distribution)
        else { return }
        let image = VEXImage(
            repository: repository,
            tags: tags,
            distribution: distribution,
            platforms: built.map { ($0.platform, $0.packages.map(\.package)) },
            compare: { ecosystem.compare($0, $1) }
        )
        let found = VEXSelection(files, for: image)
        for problem in found.problems { environment.observer(.warning(problem)) }
        selection = found
    }

    /// The merged document; nil when no statement is about the image.
    func vex(_ index: Descriptor) -> VEXDocument? {
        guard let selection else { return nil }
        let authors = Set(selection.entries.map(\.author))
        let configuration = environment.configuration
        let author =
            configuration.vexAuthor ?? (authors.count == 1 ? authors.first : nil) ?? configuration.branding.vendor
        return VEXMerger(identity: identity, author: author, role: configuration.vexRole)
            .document(
                of: selection,
                index: index.digest,
                members: zip(planned.plans, members).map {
                    (platform: $0.platform, digest: $1.manifest.digest)
                }
            )
    }
}
