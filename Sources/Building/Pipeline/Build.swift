// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Definitions
internal import Fetching
internal import Layers
internal import OCI
package import Packages

/// The pipeline: definition → plan → lock → packages → trees → layers → image → evidence → layout.
package struct Build: Sendable {
    let environment: BuildEnvironment
    let options: BuildOptions

    package init(environment: BuildEnvironment, options: BuildOptions) {
        self.environment = environment
        self.options = options
    }

    /// Builds one definition. Either the whole layout is there afterwards, or nothing has changed.
    package func run(
        _ path: String,
        execution: (@Sendable () -> (invocation: String, started: Int, finished: Int))? = nil
    )
        async throws -> BuiltImage
    {
        try environment.checkBuilder(hasStatements: options.hasInIndexAttestations)
        environment.observer(.began(.plan, definition: path, platform: nil))
        let planned = try PlannedDefinition(path: path, platforms: options.platforms)
        let statements = try VEXFolder(beside: planned).validFiles()
        let source = try await BuildSource.find(
            planned,
            statements: statements,
            environment: environment,
            options: options
        )
        let lock = try await lock(for: planned)
        var (image, built) = try await make(planned, lock: lock, statements: statements, source: source)
        environment.observer(.began(.evidence, definition: path, platform: nil))
        try await image.addEvidence(execution: execution?())
        if environment.signer != nil { image.attach(lock) }

        environment.observer(.began(.write, definition: path, platform: nil))
        let location = OutputLocation(output: options.output, definition: path, plans: planned.plans.map(\.plan))
        try image.draft.write(to: location.layout)
        try location.write(lock: lock.json.pretty)
        return image.result(built, layout: location.layout, lock: location.lock, isSigned: environment.signer != nil)
    }

    /// Everything but signatures: the image's documents and what is known about it, nothing of it on disk.
    ///
    /// - Parameters:
    ///   - statements: authored VEX.
    ///   - source: what provenance says of where the definition comes from.
    func make(
        _ planned: PlannedDefinition,
        lock: Lock,
        statements: [VEXFile],
        source: BuildSource?
    ) async throws -> (image: ImageDraft, built: [PlatformBuild.Built]) {
        let path = planned.path
        let builds = try platformBuilds(planned, lock)
        var prepared: [PlatformBuild.Prepared] = []
        for build in builds { prepared.append(try await build.prepare()) }
        let epoch = epoch(prepared, lock: lock)
        let built = try await concurrently(Array(zip(builds, prepared))) { build, packages in
            try await build.build(packages, epoch: epoch)
        }
        let copied = Set(built.flatMap(\.contextFiles)).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        try source?.checkout?.check(copied.map { SourceCheckout.Input(path: $0.name, sha256: $0.sha256) })

        environment.observer(.began(.image, definition: path, platform: nil))
        let record = BuildRecording(
            environment: environment,
            options: options,
            planned: planned,
            lock: lock,
            statements: statements,
            source: source?.record
        )
        .record(built, epoch: epoch)
        var image = ImageDraft(environment: environment, planned: planned, record: record, epoch: epoch)
        try image.add(built, hasInIndexAttestations: options.hasInIndexAttestations)
        if environment.checksStandards(options) {
            environment.observer(.began(.check, definition: path, platform: nil))
            try await image.check(built, isRequired: options.requiresStandards, sizeLimit: options.sizeLimit)
        }
        image.select(statements, of: built)
        return (image, built)
    }

    /// Brings everything into the store that a build from the lock needs.
    ///
    /// - Returns: the number of packages of each platform.
    package func fetch(_ path: String) async throws -> [(platform: Platform, packages: Int)] {
        let planned = try PlannedDefinition(path: path, platforms: options.platforms)
        let lock = try await lock(for: planned)
        var counts: [(platform: Platform, packages: Int)] = []
        for build in try platformBuilds(planned, lock) {
            counts.append((build.platform, try await build.prepare().installed.count))
        }
        return counts
    }

    /// The lock to build from: a given one that is this definition's, or a new one.
    private func lock(for planned: PlannedDefinition) async throws -> Lock {
        let path: String
        switch options.locking {
        case .resolve:
            let resolving = Resolving(environment: environment, options: options)
            return try await resolving.complete(try await resolving.resolve(planned), of: planned)
        case .lock(let given): path = given
        case .beside: path = Lock.path(beside: planned.path)
        }
        let lock = try Lock(parsing: try Files.read(path, limit: 1 << 28), path: path)
        guard lock.definitionDigest == planned.digest else {
            throw BuildError(
                "stale-lock",
                "the lock '\(path)' is not for '\(planned.path)' as it is now",
                hint: "lock the definition again with 'basalt lock \(planned.path)'"
            )
        }
        return lock
    }

    private func platformBuilds(_ planned: PlannedDefinition, _ lock: Lock) throws -> [PlatformBuild] {
        try planned.plans.map { platform, plan in
            guard let locked = lock[platform] else {
                throw BuildError(
                    "stale-lock",
                    "the lock has no packages for \(platform.rawValue)",
                    hint: "lock the definition again with 'basalt lock \(planned.path)'"
                )
            }
            return PlatformBuild(
                environment: environment,
                options: options,
                planned: planned,
                platform: platform,
                plan: plan,
                lock: locked
            )
        }
    }

    /// The image's time: `SOURCE_DATE_EPOCH`, or the newest file time of all packages, but not later than the newest
    /// signed index says that it was made.
    private func epoch(_ prepared: [PlatformBuild.Prepared], lock: Lock) -> Int {
        if let given = options.sourceDateEpoch { return given }
        let newest = max(prepared.map(\.newest).max() ?? 0, 0)
        guard let signed = lock.platforms.flatMap(\.indexes).compactMap(\.date).max() else { return newest }
        return min(newest, signed)
    }
}
