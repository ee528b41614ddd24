// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import FileTree
internal import Foundation
internal import OCI
internal import Packages
internal import Signing
internal import TestSupport
internal import Testing

@Suite("Evidence")
struct GraphTests {
    /// The config blob of cosign 2.5's own signature, whose form ours has to have.
    @Test(.enabled(if: Shared.exists, Comment(rawValue: Shared.reason)))
    func writesTheReferenceGraph() async throws {
        // The statements and the image of a layout that all the clients accepted, made by another program.
        let source = try Layout(directory: Shared.path("cosign-examples/handcrafted-full-layout"))
        let root = try source.resolve("1.0.0")
        let index = try source.imageIndex(root)
        let key = try PrivateKey(pem: Shared.bytes("cosign-examples/keys/p256.pem"))
        var draft = LayoutDraft()
        var attestations: [EvidenceGraph.Attestation] = []
        for manifest in [root] + index.images {
            for (entry, artifact) in try source.referrers(of: manifest.digest)
            where entry.artifactType == MediaType.bundle {
                let bundle = try Signing.Bundle(parsing: source.blob(artifact.layers[0]), name: "bundle")
                let envelope = try bundle.attachedEnvelope(name: "bundle")
                let statement = try Statement(parsing: envelope.payload, name: "statement")
                if statement.predicateType == PredicateType.signature { continue }
                attestations.append(
                    .init(
                        predicateType: statement.predicateType,
                        statement: envelope.payload,
                        targets: [manifest.digest]
                    )
                )
            }
        }
        #expect(attestations.count == 12)
        let graph = EvidenceGraph(repository: "registry.example.org/lab/img", created: "2025-01-01T00:00:00Z")
        try await graph.attach(
            to: &draft,
            root: root,
            manifests: index.manifests,
            attestations: attestations,
            signer: KeySigner(key)
        )
        // That program sorts all members; compared as values, every document must be the same.
        func documents(_ entries: [Descriptor], _ read: (Descriptor) throws -> [UInt8]) throws -> Set<[UInt8]> {
            var out: Set<[UInt8]> = []
            for entry in entries {
                let manifest = try Manifest(parsing: read(entry), name: "m")
                out.insert(try JSON(parsing: read(manifest.config)).canonical)
                for layer in manifest.layers { out.insert(try JSON(parsing: read(layer)).canonical) }
            }
            return out
        }
        let expected = try documents(source.index.manifests.filter { $0.digest != root.digest }) { try source.blob($0) }
        let actual = try documents(draft.entries) { try #require(draft.bytes(of: $0.digest)) }
        #expect(expected.count > 20)
        #expect(expected.subtracting(actual).isEmpty)
        #expect(actual.subtracting(expected).isEmpty)
    }

    @Test func isTheSameTwice() async throws {
        func make() async throws -> [Descriptor] {
            var (draft, members, index) = try EvidenceFixture.draft()
            let images = members.map { PlatformImage(digest: $0.0.digest, inventory: $0.1) }
            let statement = Statement(
                subjects: [Subject(digest: index.digest)],
                predicateType: PredicateType.spdx,
                predicate: SPDXDocument.index(index.digest, images: images, identity: EvidenceFixture.identity)
            )
            try await EvidenceGraph(repository: EvidenceFixture.repository, created: EvidenceFixture.identity.time)
                .attach(
                    to: &draft,
                    root: index,
                    manifests: members.map(\.0),
                    attestations: [
                        .init(predicateType: PredicateType.spdx, statement: statement.bytes, targets: [index.digest])
                    ],
                    signer: KeySigner(try EvidenceFixture.key())
                )
            return draft.entries
        }
        let first = try await make()
        let second = try await make()
        #expect(first == second)
        // Index: .sig, its bundle, .att, the SBOM's bundle; two platforms: .sig and its bundle; and the image itself.
        let expected: Int = 1 + 4 + 2 * 2
        #expect(first.count == expected)
    }

    /// Two runs at different times differ in the one statement that says so, and in nothing else.
    @Test func keepsTimesOutOfEverythingElse() async throws {
        let first = try await Workbench.make()
        let second = try await Workbench.make {
            $0.execution = Execution(invocation: "urn:uuid:2", startedOn: 3, finishedOn: 4)
        }
        let only = first.draft.entries.filter { !second.draft.entries.contains($0) }
        #expect(only.count == 1)
        #expect(only.first?.annotations[Annotation.bundlePredicateType] == PredicateType.provenance)
    }

    @Test func accountsForEveryFile() throws {
        var tree = Tree()
        try tree.put(Node("usr/bin/a", .file(FileContent("a")), mode: 0o755, origin: .package("a:amd64")))
        try tree.put(Node("usr/bin/b", .hardLink("usr/bin/a"), mode: 0o755, origin: .package("a")))
        try tree.put(Node("etc/c", .file(FileContent("c")), mode: 0o644, origin: .effect("x")))
        let inventory = EvidenceFixture.inventory(
            .amd64,
            layer: Descriptor(mediaType: MediaType.layerGzip, digest: .of("l"), size: 1),
            diffID: .of("d")
        )
        func sha1(_ content: FileContent) throws -> Digest {
            try ImageInventory.sha1(of: content, in: InlineContents())
        }
        #expect(throws: AttestationError.self) {
            try ImageInventory.files(of: tree, packages: inventory.packages, sha1: sha1)
        }
        var owner = inventory.packages[0]
        owner.package.name = "a"
        let files = try ImageInventory.files(of: tree, packages: [owner], sha1: sha1)
        #expect(files.map(\.path) == ["etc/c", "usr/bin/a", "usr/bin/b"])
        // sha1("a"), FIPS 180-4 by sha1sum(1).
        #expect(files[2].sha1.hex == "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8")
    }

    @Test func readsCosignsEncryptedKey() throws {
        let key = try EvidenceFixture.key()
        let sealed = try EncryptedKey.seal(key, password: Array("secret".utf8))
        let again = try PrivateKey.read(Array(sealed.utf8)) { Array("secret".utf8) }
        #expect(again.der == key.der)
        #expect(throws: KeyError.self) { try PrivateKey.read(Array(sealed.utf8)) { Array("wrong".utf8) } }
        #expect(throws: KeyError.self) { try PrivateKey.read(Array(sealed.utf8)) { nil } }
    }

    @Test func listsEveryDependencyOnce() throws {
        let layer = Descriptor(mediaType: MediaType.layerGzip, digest: .of("l"), size: 1)
        let inventories = [
            EvidenceFixture.inventory(.amd64, layer: layer, diffID: .of("d")),
            EvidenceFixture.inventory(.arm64, layer: layer, diffID: .of("d")),
        ]
        let names = Provenance.dependencies(EvidenceFixture.record(), inventories: inventories).map { $0.name ?? "" }
        #expect(
            names == ["img.yaml", "debian dists/trixie/InRelease", "bar_all", "libfoo++1_amd64", "libfoo++1_arm64"]
        )
        let predicate = Provenance.reproducible(EvidenceFixture.record(), inventories: inventories)
        #expect(predicate["runDetails"]?["metadata"] == nil)
        let execution = Provenance.execution(
            Execution(invocation: "urn:uuid:1", startedOn: 0, finishedOn: 1),
            record: EvidenceFixture.record(),
            inventories: inventories
        )
        #expect(execution["runDetails"]?["metadata"]?["startedOn"]?.text == "1970-01-01T00:00:00Z")
        #expect(execution["buildDefinition"] == predicate["buildDefinition"])
    }

    /// Leaves a signed image for other programs to judge; `Tests/Interop/run` does so with an image that was built.
    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["BASALT_INTEROP_OUTPUT"] != nil,
            "BASALT_INTEROP_OUTPUT names no directory"
        )
    )
    func leavesAnImageForOthers() async throws {
        let output = try #require(ProcessInfo.processInfo.environment["BASALT_INTEROP_OUTPUT"])
        let bench = try await Workbench.make()
        try bench.draft.write(to: output + "/img")
        let key = try EvidenceFixture.key()
        try key.publicKey.pem.write(toFile: output + "/key.pub", atomically: true, encoding: .utf8)
        try EncryptedKey.seal(key, password: Array("secret".utf8))
            .write(toFile: output + "/encrypted.key", atomically: true, encoding: .utf8)
    }
}
