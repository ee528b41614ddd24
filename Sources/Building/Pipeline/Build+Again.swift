// SPDX-License-Identifier: Apache-2.0

package import Attestations
internal import OCI
internal import Packages
internal import Signing

extension Build {
    /// Builds a definition once more, from a lock and authored VEX statements that are given.
    package func again(
        _ planned: PlannedDefinition,
        lock: Lock,
        statements: [VEXFile]
    ) async throws -> RebuiltImage {
        var options = options
        options.statesEvidence = true
        let build = Build(environment: environment, options: options)
        environment.observer(.began(.plan, definition: planned.path, platform: nil))
        // What the record says: another checkout of it need not be one that git knows.
        let source = options.source.flatMap { location in
            options.sourceCommit.map { BuildSource(record: .init(location: location, commit: $0)) }
        }
        let (image, built) = try await build.make(planned, lock: lock, statements: statements, source: source)
        environment.observer(.began(.evidence, definition: planned.path, platform: nil))
        guard let index = image.index else { throw BuildError("no-platform", "there is nothing to build") }
        return RebuiltImage(
            source: DraftSource(image.draft, root: index, name: "the rebuilt image"),
            index: index,
            statements: try await image.evidence(of: index, nil).attestations(index: index).map {
                (predicateType: $0.predicateType, bytes: $0.statement, targets: $0.targets)
            },
            trees: Dictionary(built.map { ($0.platform, $0.tree) }, uniquingKeysWith: { first, _ in first })
        )
    }
}

extension ImageDraft {
    /// Attaches the lock to the index.
    mutating func attach(_ lock: Lock) {
        if let index { AttachedLock.add(lock, of: index, to: &draft) }
    }
}
