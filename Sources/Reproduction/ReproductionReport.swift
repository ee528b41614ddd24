// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Comparison
package import Cryptography

/// What came of building an image again. In all differences `before` is the rebuild and `after` is the image.
package struct ReproductionReport: Sendable {
    /// One layer of a platform's image, by its place.
    package struct LayerOutcome: Sendable {
        package enum Verdict: String, Sendable {
            case equal
            /// The same tar, compressed otherwise.
            case compression
            case contents
            /// Only the rebuild has a layer here.
            case missing
            /// Only the image has.
            case additional
        }

        package var number: Int
        package var rebuilt: Digest?
        package var image: Digest?
        package var verdict: Verdict
    }

    package struct PlatformOutcome: Sendable {
        package var platform: String
        package var rebuilt: Digest?
        package var image: Digest?
        package var configuration: [FieldDifference] = []
        package var manifest: [FieldDifference] = []
        package var layers: [LayerOutcome] = []
        package var files: [FileDifference] = []
        /// Why the image's content could not be read.
        package var problem: String?

        package var isEqual: Bool { rebuilt != nil && rebuilt == image }
    }

    package struct StatementOutcome: Sendable {
        package enum Verdict: String, Sendable { case equal, different, missing }

        package var subject: String
        package var predicateType: String
        package var rebuilt: Digest
        package var image: Digest?
        package var verdict: Verdict
        package var fields: [FieldDifference] = []
    }

    package var name: String
    package var isVerified: Bool
    package var image: Digest
    package var rebuilt: Digest
    package var build: RecordedBuild
    /// The compressor here.
    package var compressor: String
    package var version: String
    /// How the index itself differs, besides the digests of what it lists.
    package var index: [FieldDifference] = []
    package var platforms: [PlatformOutcome] = []
    package var statements: [StatementOutcome] = []
    /// Trusted statements that no build makes: reviews, results of later tests. Nobody compared them.
    package var others: [String] = []
    /// Parameters and inputs of the two builds that differ.
    package var inputs: [FieldDifference] = []

    /// Whether index, manifests, configurations, layers and reproducible statements are the same bytes.
    package var isReproduced: Bool { image == rebuilt && statements.allSatisfy { $0.verdict == .equal } }

    /// The most files of a platform that are listed.
    private static let limit = 1000

    package var json: JSON {
        .members([
            ("image", .string(name)), ("digest", .string(image.description)), ("rebuilt", .string(rebuilt.description)),
            ("reproduced", .bool(isReproduced)), ("verified", .bool(isVerified)),
            (
                "build",
                [
                    "definition": .string(build.definition),
                    "definitionDigest": .string(build.definitionDigest.description),
                    "lock": .string(build.lock.description), "builder": .string(build.builder),
                    "version": .string(build.version), "compressor": .string(build.compressor),
                ]
            ),
            ("here", ["version": .string(version), "compressor": .string(compressor)]),
            ("inputs", .array(inputs.map(\.json))), ("index", .array(index.map(\.json))),
            ("platforms", .array(platforms.map(json(of:)))), ("statements", .array(statements.map(json(of:)))),
            ("notCompared", .strings(others)),
        ])
    }

    private func json(of platform: PlatformOutcome) -> JSON {
        .members([
            ("platform", .string(platform.platform)), ("digest", platform.image.map { .string($0.description) }),
            ("rebuilt", platform.rebuilt.map { .string($0.description) }), ("equal", .bool(platform.isEqual)),
            ("problem", platform.problem.map { .string($0) }),
            ("configuration", .array(platform.configuration.map(\.json))),
            ("manifest", .array(platform.manifest.map(\.json))),
            (
                "layers",
                .array(
                    platform.layers.map { layer in
                        .members([
                            ("layer", .integer(layer.number)), ("digest", layer.image.map { .string($0.description) }),
                            ("rebuilt", layer.rebuilt.map { .string($0.description) }),
                            ("verdict", .string(layer.verdict.rawValue)),
                        ])
                    }
                )
            ),
            ("files", .array(platform.files.prefix(Self.limit).map(\.json))),
            (
                "filesOmitted",
                platform.files.count > Self.limit ? .integer(platform.files.count - Self.limit) : nil
            ),
        ])
    }

    private func json(of statement: StatementOutcome) -> JSON {
        .members([
            ("subject", .string(statement.subject)), ("predicateType", .string(statement.predicateType)),
            ("sha256", statement.image.map { .string($0.hex) }), ("rebuilt", .string(statement.rebuilt.hex)),
            ("verdict", .string(statement.verdict.rawValue)),
            ("fields", statement.fields.isEmpty ? nil : .array(statement.fields.map(\.json))),
        ])
    }
}
