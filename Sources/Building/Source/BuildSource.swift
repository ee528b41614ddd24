// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Definitions

/// What a build's evidence says of where its definition comes from.
struct BuildSource: Sendable {
    var record: BuildRecord.Source
    /// Nil where the caller says which commit it is.
    var checkout: SourceCheckout?

    /// - Parameter statements: authored VEX.
    /// - Returns: nil when nobody names a source, or when nothing is made that would.
    /// - Throws: when no commit is found, or the one that is checked out does not hold the definition.
    static func find(
        _ planned: PlannedDefinition,
        statements: [VEXFile],
        environment: BuildEnvironment,
        options: BuildOptions
    ) async throws -> BuildSource? {
        guard let location = options.source, environment.signer != nil || options.hasInIndexAttestations else {
            return nil
        }
        if let commit = options.sourceCommit { return BuildSource(record: .init(location: location, commit: commit)) }
        guard let root = planned.plans.first?.plan.root.path else { return nil }
        let checkout = try await SourceCheckout(root: root, location: location)
        try checkout.check(
            planned.inputs + statements.map { SourceCheckout.Input(path: $0.name, sha256: $0.digest) }
        )
        if let file = environment.configuration.file { try checkout.check(configuration: file) }
        return BuildSource(record: .init(location: location, commit: checkout.commit), checkout: checkout)
    }
}
