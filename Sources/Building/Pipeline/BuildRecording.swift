// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Definitions
internal import Layers
internal import Packages

/// What provenance says of a build: its inputs and parameters, all of them, and nothing of the machine.
struct BuildRecording {
    let environment: BuildEnvironment
    let options: BuildOptions
    let planned: PlannedDefinition
    let lock: Lock
    let statements: [VEXFile]
    let source: BuildRecord.Source?

    func record(_ built: [PlatformBuild.Built], epoch: Int) -> BuildRecord {
        let configuration = environment.configuration
        let compression = planned.plans.first?.plan.compression == .zstd ? LayerCompression.zstd : .gzip
        var external: [(name: String, value: JSON)] = [
            ("platforms", .strings(built.map(\.platform.rawValue))),
            ("suites", .strings(options.suites.map(\.rawValue).sorted())),
            ("strict", .bool(options.isStrict)),
            ("layerLimit", .integer(options.layerLimit)),
            (
                "vendor",
                .members([
                    ("name", .string(configuration.branding.vendor)),
                    ("labelPrefix", .string(configuration.branding.labelPrefix)),
                    ("url", configuration.branding.url.map { .string($0) }),
                    ("repository", configuration.branding.repository.map { .string($0) }),
                ])
            ),
        ]
        if !configuration.substitutions.isEmpty {
            external.append(("substitutions", .map(configuration.substitutions)))
        }
        if !configuration.acknowledgedScripts.isEmpty {
            external.append(("acknowledgedScripts", .strings(configuration.acknowledgedScripts.map(\.hex).sorted())))
        }
        if options.hasInIndexAttestations { external.append(("inIndexAttestations", true)) }
        if !configuration.acknowledgedChecks.isEmpty {
            external.append(("acknowledgedChecks", .strings(configuration.acknowledgedChecks.sorted())))
        }
        if configuration.vexAuthor != nil || configuration.vexRole != nil {
            external.append(
                (
                    "vex",
                    .members([
                        ("author", configuration.vexAuthor.map { .string($0) }),
                        ("role", configuration.vexRole.map { .string($0) }),
                    ])
                )
            )
        }
        if let limit = options.sizeLimit { external.append(("sizeLimit", .integer(limit))) }
        if let given = options.sourceDateEpoch { external.append(("sourceDateEpoch", .integer(given))) }
        let internals: [(name: String, value: JSON)] = [
            ("sourceDateEpoch", .integer(epoch)),
            ("layerFormat", .integer(LayerFormat.version)),
            ("compressor", .string(LayerFormat.compressor(compression))),
            (
                "dropped",
                .object(
                    lock.platforms.map { platform in
                        (
                            platform.platform.rawValue,
                            .strings(platform.resolution.dropped.map { "\($0.package): \($0.clause)" })
                        )
                    }
                )
            ),
        ]
        // Provenance sorts them, and has each once.
        var files = built.flatMap(\.signers)
        for file in Set(built.flatMap(\.contextFiles)).sorted(by: {
            $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }) {
            files.append(ResourceDescriptor(name: file.name, digest: file.sha256))
        }
        for file in statements { files.append(ResourceDescriptor(name: file.name, digest: file.digest)) }
        return BuildRecord(
            definition: .init(path: planned.relativePath, sha256: planned.digest, source: source),
            externalParameters: external,
            internalParameters: internals,
            platforms: built.map(\.platform),
            indexes: indexes,
            files: files,
            builder: environment.builder,
            namespace: environment.namespace,
            toolVersion: environment.version,
            lock: .of(lock.json.canonical),
            scripts: built.map { ($0.platform, $0.scripts) }
        )
    }

    /// Each signed index once, in byte order of repository and path.
    private var indexes: [SignedIndex] {
        var seen: [String: SignedIndex] = [:]
        for index in lock.platforms.flatMap(\.indexes) { seen["\(index.repository)\n\(index.path)"] = index }
        return seen.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
    }
}
