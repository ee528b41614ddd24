// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Cryptography
internal import Definitions
internal import Fetching
internal import FileTree
internal import Layers
internal import OCI
internal import Packages
internal import Standards

/// One platform's image on its way: from the lock to layers and an inventory.
struct PlatformBuild {
    let environment: BuildEnvironment
    let options: BuildOptions
    let planned: PlannedDefinition
    let platform: Platform
    let plan: Plan
    let lock: Lock.PlatformLock

    /// The packages, decoded.
    struct Prepared: Sendable {
        var ecosystem: any Ecosystem
        var distribution: Distribution
        var repositories: [Repository]
        /// Public keys that may have signed packages.
        var keys: [String: [UInt8]]
        var installed: [InstalledPackage]
        var payloads: [Digest: String]
        /// The newest time of any file in any package.
        var newest: Int
    }

    /// What the image is made of.
    struct Built: Sendable {
        var platform: Platform
        var layers: [Layer]
        var inventory: [InventoryFile]
        var packages: [InventoryPackage]
        var installed: Int
        var scripts: [ScriptReport]
        var notes: [String]
        var hardening: [Hardening.Change]
        var contextFiles: [PathEntries.ContextFile]
        /// Keys that signed the indexes.
        var signers: [ResourceDescriptor]
        var user: String
        var distribution: Distribution
        var fileBytes: Int
        var tree: Tree
        var contents: any ContentSource
        /// What the standards ask of the contents; nil where nothing is checked.
        var facts: (any FactSource)?
    }

    private func tell(_ stage: BuildEvent.Stage) {
        environment.observer(.began(stage, definition: planned.path, platform: platform.rawValue))
    }

    private func advance(_ stage: BuildEvent.Stage, _ done: Int, of total: Int) {
        environment.observer(
            .advanced(stage, definition: planned.path, platform: platform.rawValue, done: done, total: total)
        )
    }

    /// Fetches and decodes the locked packages.
    func prepare() async throws -> Prepared {
        let distribution = try planned.distribution(of: plan)
        let ecosystem = try Ecosystems.serving(distribution)
        let resolving = Resolving(environment: environment, options: options)
        let repositories = try resolving.repositories(of: plan, distribution: distribution, ecosystem: ecosystem)
        let packages = lock.resolution.packages
        let access = environment.access(keys: [plan.root.path])

        tell(.fetch)
        let fetched = try await access.fetch(packages, of: repositories) { package, path in
            try ecosystem.verify(path, is: package)
        }
        tell(.unpack)
        let stage = PackageStage(store: environment.store, ecosystem: ecosystem, width: environment.width)
        let unpacked = try await stage.unpack(packages, files: fetched.map { ($0.path, $0.sha256) }) { done in
            advance(.unpack, done, of: packages.count)
        }
        let newest = unpacked.packages.lazy.flatMap(\.contents.nodes).filter { !$0.isDirectory }.map(\.mtime).max()
        let keys = try await ecosystem.keys(for: repositories, access: access)
        return Prepared(
            ecosystem: ecosystem,
            distribution: distribution,
            repositories: repositories,
            keys: keys,
            installed: unpacked.packages,
            payloads: unpacked.payloads,
            newest: newest ?? 0
        )
    }

    /// The keys that signed the locked indexes, as provenance names them: equal keys give equal bytes, wherever they lie.
    private func signers(_ prepared: Prepared) -> [ResourceDescriptor] {
        Set(lock.indexes.map(\.signer)).map { signer in
            ResourceDescriptor(
                name: "key \(signer)",
                uri: prepared.ecosystem.uri(ofSigner: signer),
                digest: prepared.keys[signer].map { .of($0) }
            )
        }
    }

    /// Puts the tree together and writes its layers.
    ///
    /// - Parameter epoch: the time of what is generated, and the latest that any file may have.
    func build(_ prepared: Prepared, epoch: Int) async throws -> Built {
        let contents = StoreContents(paths: prepared.payloads)
        tell(.assemble)
        let installation = Installation(
            platform: platform,
            distribution: prepared.distribution,
            packages: prepared.installed,
            contents: contents,
            variant: plan.variant == .dev ? .dev : .runtime,
            epoch: epoch,
            acknowledgedScripts: environment.configuration.acknowledgedScripts,
            requested: lock.resolution.selected.filter { $0.reason == .requested }.map(\.package.name),
            repositories: prepared.repositories,
            keys: prepared.keys,
            declaredUsers: Dictionary(
                plan.accounts.users.map { ($0.name, (uid: $0.uid, gid: $0.gid)) },
                uniquingKeysWith: { $1 }
            ),
            declaredGroups: Dictionary(plan.accounts.groups.map { ($0.name, $0.gid) }, uniquingKeysWith: { $1 })
        )
        let assembly = try prepared.ecosystem.assemble(installation)
        let composition = Composition(
            plan: plan,
            branding: environment.configuration.branding,
            epoch: epoch,
            contents: contents
        )
        var outcome = try composition.apply(to: assembly.tree)
        try prepared.ecosystem.settle(&outcome.tree, contents: contents)

        let facts = facts(prepared, contents)
        // Whoever waits for blocks to be written leaves a processor to this, and the other way round.
        async let known: Void? = facts?.prepare(width: environment.width)

        tell(.layers)
        var sources: [String: String] = [:]
        for package in prepared.installed {
            sources[try prepared.ecosystem.identity(of: package)] = package.package.source.name
        }
        let limit = plan.output == .squashed ? 1 : options.layerLimit
        let planned = LayerPlan.layers(of: outcome.tree, limit: limit) { sources[$0] }
        let writer = LayerWriter(
            contents: contents,
            store: StoreLayers(store: environment.store),
            epoch: epoch,
            compression: plan.compression == .zstd ? .zstd : .gzip,
            width: environment.width
        )
        var layers: [Layer] = []
        for layer in planned {
            layers.append(try await writer.write(layer))
            advance(.layers, layers.count, of: planned.count)
        }

        let requested = Set(lock.resolution.selected.filter { $0.reason == .requested }.map(\.package.name))
        let packages = try ImageInventory.packages(
            installed: prepared.installed,
            requested: requested,
            contents: contents
        )
        let files = try ImageInventory.files(of: outcome.tree, packages: packages) { content in
            if let sha1 = content.sha1 { return sha1 }
            return try ImageInventory.sha1(of: content, in: contents)
        }
        _ = try await known
        return Built(
            platform: platform,
            layers: layers,
            inventory: files,
            packages: packages,
            installed: prepared.installed.count,
            scripts: assembly.scripts,
            notes: assembly.notes,
            hardening: outcome.hardening,
            contextFiles: outcome.contextFiles,
            signers: signers(prepared),
            user: outcome.user,
            distribution: prepared.distribution,
            fileBytes: outcome.tree.unordered.reduce(0) { $0 + ($1.content?.size ?? 0) },
            tree: outcome.tree,
            contents: contents,
            facts: facts
        )
    }

    private func facts(_ prepared: Prepared, _ contents: any ContentSource) -> StoreFacts? {
        guard environment.checksStandards(options) else { return nil }
        return StoreFacts(
            store: environment.store,
            contents: contents,
            packages: prepared.installed.map(\.contents),
            ecosystem: prepared.ecosystem
        )
    }
}
