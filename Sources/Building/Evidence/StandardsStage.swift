// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Fetching
internal import Layers
internal import OCI
internal import Standards

/// Runs the standard checks on a platform's image, or finds what they came to when they ran on the same image before.
struct StandardsStage: Sendable {
    let store: Store
    let options: StandardOptions
    /// The program's version.
    let version: String
    /// `Standards.version` and `FileFacts.version`.
    var rules = [Standards.version, FileFacts.version]

    private static let form = "standards-1"

    /// What each check found, in the order of `Standards.all`.
    func outcomes(of build: PlatformBuild.Built, configuration: ImageConfiguration) throws -> [CheckOutcome] {
        let size = build.layers.reduce(0) { $0 + $1.size }
        let key = key(layers: build.layers.map(\.diffID), configuration: configuration, size: size)
        if let known = remembered(key) { return known }
        let image = TestedImage(
            tree: build.tree,
            contents: build.contents,
            configuration: configuration,
            size: size,
            facts: build.facts
        )
        let outcomes = Standards.outcomes(of: image, options: options)
        // A check that could not be carried out is asked again.
        if !outcomes.contains(where: \.isUnanswered) { try remember(outcomes, key) }
        return outcomes
    }

    /// Everything that the outcomes depend on. The layers are the tree: whoever unpacks them gets it, and nothing else of a
    /// tree is looked at.
    func key(layers: [Digest], configuration: ImageConfiguration, size: Int) -> Digest {
        .of(
            JSON.members([
                ("checks", .strings(Standards.all.map { $0.id })),
                ("configuration", .string(Digest.of(configuration.json.canonical).description)),
                ("layers", .strings(layers.map(\.description))), ("rules", .array(rules.map { .integer($0) })),
                ("size", .integer(size)), ("sizeLimit", options.sizeLimit.map { .integer($0) }),
                ("version", .string(version)),
            ]).canonical
        )
    }

    private func remember(_ outcomes: [CheckOutcome], _ key: Digest) throws {
        try store.keep(JSON.array(outcomes.map(\.json)).canonical, from: key, form: Self.form)
    }

    private func remembered(_ key: Digest) -> [CheckOutcome]? {
        guard let document = store.document(from: key, form: Self.form),
            let entries = (try? JSON(parsing: document))?.elements
        else { return nil }
        let outcomes = entries.compactMap { CheckOutcome($0) }
        return outcomes.count == Standards.all.count ? outcomes : nil
    }
}
