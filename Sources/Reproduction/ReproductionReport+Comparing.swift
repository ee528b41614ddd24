// SPDX-License-Identifier: Apache-2.0

internal import Attestations
package import Building
internal import CanonicalJSON
internal import Comparison
internal import Cryptography
internal import Diagnostics
internal import FileTree
internal import Images
internal import Layers
internal import OCI
internal import Packages
internal import Verification

extension ReproductionReport {
    /// Compares an image with its rebuild, byte by byte; what differs is explained.
    package init(_ image: RecordedImage, _ rebuilt: RebuiltImage, version: String) async throws {
        let isZstd = image.build.compressor == LayerFormat.compressor(.zstd)
        self.init(
            name: image.source.name,
            isVerified: image.isVerified,
            image: image.root.digest,
            rebuilt: rebuilt.index.digest,
            build: image.build,
            compressor: LayerFormat.compressor(isZstd ? .zstd : .gzip),
            version: version
        )
        // Digests were taken of what was written and are checked by whoever reads: equal digests are equal bytes.
        try await compareImages(image, rebuilt)
        compareStatements(image, rebuilt)
        others = image.statements.filter { entry in
            !rebuilt.statements.contains { $0.predicateType == entry.statement.predicateType }
                || !Provenance.isReproducible(entry.statement)
        }
        .map { "\($0.subject) \($0.statement.predicateType)" }
        compareInputs(image, rebuilt)
    }

    // MARK: Images

    private mutating func compareImages(_ image: RecordedImage, _ rebuilt: RebuiltImage) async throws {
        let mine = try await rebuilt.source.images(of: rebuilt.index)
        func name(_ descriptor: Descriptor) -> String { descriptor.platform?.description ?? "image" }
        if image.root.digest != rebuilt.index.digest {
            let before = try JSON(parsing: await rebuilt.source.document(rebuilt.index))
            let after = try JSON(parsing: await image.source.document(image.root), depth: 32)
            index = DocumentDifference(before, after).fields.filter { !Self.isReference($0) }
        }
        for descriptor in mine {
            let other = image.images.first { name($0) == name(descriptor) }
            var outcome = PlatformOutcome(
                platform: name(descriptor),
                rebuilt: descriptor.digest,
                image: other?.digest
            )
            if let other, other.digest != descriptor.digest {
                do {
                    try await Self.explain(&outcome, image.source, other, rebuilt, descriptor)
                } catch let failure as any Failure {
                    outcome.problem = PlainText.of(failure.message, limit: 500)
                }
            }
            platforms.append(outcome)
        }
        for descriptor in image.images where !mine.contains(where: { name($0) == name(descriptor) }) {
            platforms.append(PlatformOutcome(platform: name(descriptor), rebuilt: nil, image: descriptor.digest))
        }
    }

    /// Whether a difference only says that what is referred to is different, which is explained where that is.
    private static func isReference(_ field: FieldDifference) -> Bool {
        field.before != nil && field.after != nil
            && (field.field.hasSuffix("].digest") || field.field.hasSuffix("].size") || field.field == "config.digest"
                || field.field == "config.size")
    }

    private static func explain(
        _ outcome: inout PlatformOutcome,
        _ source: any ImageSource,
        _ image: Descriptor,
        _ rebuilt: RebuiltImage,
        _ descriptor: Descriptor
    ) async throws {
        let before = try JSON(parsing: await rebuilt.source.document(descriptor))
        let after = try JSON(parsing: await source.document(image), depth: 32)
        outcome.manifest = DocumentDifference(before, after).fields.filter { !isReference($0) }
        let mine = try await OpenedImage(descriptor, in: rebuilt.source, keeps: FileOwners.holds)
        let other = try await OpenedImage(image, in: source, keeps: FileOwners.holds)
        outcome.configuration = DocumentDifference(mine.document, other.document).fields.filter {
            !$0.field.hasPrefix("rootfs.diff_ids")
        }
        let count = max(mine.manifest.layers.count, other.manifest.layers.count)
        outcome.layers = (0..<count).map { number in
            func layer(_ image: OpenedImage) -> (digest: Digest, diffID: Digest)? {
                guard image.manifest.layers.indices.contains(number) else { return nil }
                return (image.manifest.layers[number].digest, image.configuration.diffIDs[number])
            }
            let (a, b) = (layer(mine), layer(other))
            let verdict: LayerOutcome.Verdict
            switch (a, b) {
            case (let a?, let b?):
                verdict = a.digest == b.digest ? .equal : a.diffID == b.diffID ? .compression : .contents
            case (nil, _): verdict = .additional
            case (_, nil): verdict = .missing
            }
            return LayerOutcome(number: number, rebuilt: a?.digest, image: b?.digest, verdict: verdict)
        }
        let tree = rebuilt.trees.first { entry in
            entry.key.architecture == mine.configuration.platform.architecture
        }?.value
        var trees = TreeDifference(mine.contents, other.contents) { tree?[$0]?.origin.description }
        try trees.locate(in: mine, other)
        outcome.files = trees.files
    }

    // MARK: Statements

    private mutating func compareStatements(_ image: RecordedImage, _ rebuilt: RebuiltImage) {
        for statement in rebuilt.statements {
            for target in statement.targets {
                // A rebuilt manifest that the image does not have has the place of the platform's that it has.
                let place = counterpart(of: target)
                let candidates = image.statements.filter {
                    $0.target == place && $0.statement.predicateType == statement.predicateType
                        && Provenance.isReproducible($0.statement)
                }
                var outcome = StatementOutcome(
                    subject: place.map(image.name(of:)) ?? "\(target)",
                    predicateType: statement.predicateType,
                    rebuilt: .of(statement.bytes),
                    verdict: .missing
                )
                if candidates.contains(where: { $0.bytes == statement.bytes }) {
                    outcome.image = outcome.rebuilt
                    outcome.verdict = .equal
                } else if let other = candidates.first {
                    outcome.image = .of(other.bytes)
                    outcome.verdict = .different
                    // Of another image every digest differs: that is explained with the image.
                    if place == target, let before = try? JSON(parsing: statement.bytes),
                        let after = try? JSON(parsing: other.bytes)
                    {
                        outcome.fields = DocumentDifference(before, after, limit: 10).fields
                    }
                }
                statements.append(outcome)
            }
        }
    }

    private func counterpart(of digest: Digest) -> Digest? {
        digest == rebuilt ? image : platforms.first { $0.rebuilt == digest }?.image
    }

    // MARK: Inputs

    private mutating func compareInputs(_ image: RecordedImage, _ rebuilt: RebuiltImage) {
        if version != build.version { inputs.append(FieldDifference("basalt", version, build.version)) }
        if compressor != build.compressor { inputs.append(FieldDifference("compressor", compressor, build.compressor)) }
        let bytes = rebuilt.statements.first { $0.targets.contains(rebuilt.index.digest) && Self.isProvenance($0) }?
            .bytes
        guard let bytes, let mine = (try? JSON(parsing: bytes))?["predicate"]?["buildDefinition"],
            let other = build.predicate["buildDefinition"]
        else { return }
        for name in ["externalParameters", "internalParameters"] {
            inputs += DocumentDifference(mine[name] ?? .null, other[name] ?? .null).fields.filter {
                $0.field != "compressor"
            }
        }
        inputs += FieldDifference.between(Self.dependencies(mine), Self.dependencies(other)).prefix(50)
    }

    private static func isProvenance(_ statement: (predicateType: String, bytes: [UInt8], targets: [Digest])) -> Bool {
        statement.predicateType == PredicateType.provenance
    }

    /// Digests of inputs by name.
    private static func dependencies(_ definition: JSON) -> [String: String] {
        Dictionary(
            (definition["resolvedDependencies"]?.elements ?? []).map { entry in
                let digest = entry["digest"]?["sha256"] ?? entry["digest"]?["gitCommit"]
                return (entry["uri"]?.text ?? entry["name"]?.text ?? "?", digest?.text ?? "?")
            },
            uniquingKeysWith: { first, _ in first }
        )
    }
}
