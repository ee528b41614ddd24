// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Cryptography
internal import Definitions
internal import Fetching
internal import Layers
internal import OCI
internal import Packages
internal import Standards

/// An image's documents, from layers to index to evidence, before anything is written to disk.
struct ImageDraft {
    let environment: BuildEnvironment
    let planned: PlannedDefinition
    let record: BuildRecord
    let epoch: Int

    var draft = LayoutDraft()
    var members: [ImageEvidence.Member] = []
    private var inIndexAttestations: [Descriptor] = []
    var index: Descriptor?
    var checks: TestReport?
    var selection: VEXSelection?

    init(environment: BuildEnvironment, planned: PlannedDefinition, record: BuildRecord, epoch: Int) {
        self.environment = environment
        self.planned = planned
        self.record = record
        self.epoch = epoch
    }

    /// The plan whose metadata the index carries: the first platform's.
    var plan: Plan? { planned.plans.first?.plan }

    var tags: [String] {
        let tags = plan?.tags ?? []
        return tags.isEmpty ? ["latest"] : tags
    }

    var repository: String {
        plan?.image.map { environment.configuration.branding.image($0) } ?? "image"
    }

    var identity: ImageIdentity {
        ImageIdentity(
            repository: repository,
            tag: tags.first,
            created: epoch,
            namespace: environment.namespace,
            toolVersion: environment.version
        )
    }

    func metadata(_ plan: Plan) -> ImageMetadata {
        ImageMetadata(
            plan: plan,
            branding: environment.configuration.branding,
            created: epoch,
            version: environment.version
        )
    }

    /// Adds the platforms' manifests and the index over them.
    mutating func add(_ built: [PlatformBuild.Built], hasInIndexAttestations: Bool) throws {
        var manifests: [Descriptor] = []
        for (build, (_, plan)) in zip(built, planned.plans) {
            let metadata = metadata(plan)
            var layers: [InventoryLayer] = []
            for layer in build.layers {
                guard let path = environment.store.path(of: layer.digest) else {
                    throw BuildError(
                        "store-damaged",
                        "the layer \(layer.digest) vanished from the store during the build"
                    )
                }
                let descriptor = Descriptor(
                    mediaType: layer.compression.mediaType,
                    digest: layer.digest,
                    size: layer.size
                )
                draft.add(file: path, descriptor: descriptor)
                layers.append(InventoryLayer(descriptor: descriptor, diffID: layer.diffID, comment: layer.title))
            }
            let manifest = draft.add(
                image: metadata.configuration(build),
                layers: layers.map(\.descriptor),
                annotations: metadata.annotations
            )
            manifests.append(manifest)
            let scripts = Dictionary(grouping: build.scripts, by: \.package)
            let inventory = ImageInventory(
                platform: build.platform,
                distribution: build.distribution,
                layers: layers,
                packages: build.packages.map { entry in
                    var entry = entry
                    entry.scripts = scripts[entry.package.name] ?? []
                    return entry
                },
                files: build.inventory
            )
            members.append(ImageEvidence.Member(manifest: manifest, inventory: inventory))
        }
        if hasInIndexAttestations {
            let evidence = ImageEvidence(identity: identity, record: record, execution: nil, members: members)
            inIndexAttestations = evidence.addInIndexAttestations(to: &draft)
            manifests += inIndexAttestations
        }
        let annotations = plan.map { metadata($0).annotations } ?? [:]
        let index = draft.add(index: manifests, annotations: annotations)
        for tag in tags {
            draft.list(index, tag: tag, annotations: [Annotation.kind: Annotation.kindIndex])
        }
        self.index = index
    }

    /// Adds statements and signatures about what `add` made.
    mutating func addEvidence(
        execution: (invocation: String, started: Int, finished: Int)?
    ) async throws {
        guard let index, let signer = environment.signer else { return }
        let execution = execution.map {
            Execution(invocation: $0.invocation, startedOn: $0.started, finishedOn: $0.finished)
        }
        try await evidence(of: index, execution)
            .add(to: &draft, index: index, inIndex: inIndexAttestations, signer: signer)
    }

    /// What there is to say about the image.
    func evidence(of index: Descriptor, _ execution: Execution?) -> ImageEvidence {
        var evidence = ImageEvidence(identity: identity, record: record, execution: execution, members: members)
        if let checks {
            let definition = ResourceDescriptor(name: record.definition.path, digest: record.definition.sha256)
            let predicate = checks.predicate(namespace: environment.namespace, configuration: [definition])
            evidence.additional.append((PredicateType.testResult, predicate))
            evidence.additional.append((environment.namespace.ctrf, checks.ctrf))
        }
        if let document = vex(index) {
            // Some look for one name, some for the other.
            evidence.additional.append((PredicateType.openVEX, document.json))
            evidence.additional.append((PredicateType.openVEXVersioned, document.json))
        }
        return evidence
    }

    func result(_ built: [PlatformBuild.Built], layout: String, lock: String, isSigned: Bool) -> BuiltImage {
        BuiltImage(
            definition: planned.path,
            layout: layout,
            tag: tags[0],
            tags: tags,
            reference: repository,
            lock: lock,
            digest: index?.digest ?? .of(""),
            isSigned: isSigned,
            user: built.first?.user ?? "",
            platforms: zip(built, members).map { build, member in
                BuiltImage.PlatformSummary(
                    platform: build.platform,
                    digest: member.manifest.digest,
                    size: build.layers.reduce(0) { $0 + $1.size },
                    unpackedSize: build.layers.reduce(0) { $0 + $1.uncompressedSize },
                    packages: build.installed,
                    layers: build.layers.count,
                    dropped: [],
                    scripts: build.scripts,
                    notes: build.notes
                )
            },
            checks: checks?.results ?? [],
            vexStatements: selection?.entries.count ?? 0
        )
    }
}
