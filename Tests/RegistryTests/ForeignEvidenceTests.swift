// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Cryptography
import Fetching
import OCI
import Synchronization
import TestSupport
import Testing

@testable import Registry

/// Evidence under a tag that another program filed, in another form than ours.
@Suite struct ForeignEvidenceTests {
    /// Image manifest version 2, schema 2: what cosign writes with COSIGN_DOCKER_MEDIA_TYPES=1.
    private static let schema2 = "application/vnd.docker.distribution.manifest.v2+json"
    private let theirs = Array("their payload".utf8)

    private func manifest() -> [UInt8] {
        let config: JSON = [
            "mediaType": "application/vnd.docker.container.image.v1+json", "size": 2,
            "digest": .string(Digest.of("{}").description),
        ]
        let layer: JSON = [
            "mediaType": .string(MediaType.simpleSigning), "size": .integer(theirs.count),
            "digest": .string(Digest.of(theirs).description),
            "annotations": ["dev.cosignproject.cosign/signature": "dGhlaXJz"],
        ]
        return JSON.members([
            ("schemaVersion", 2), ("mediaType", .string(Self.schema2)), ("config", config), ("layers", .array([layer])),
        ]).compact
    }

    private func file(_ bytes: [UInt8], as type: String, of bench: ImageBench, in registry: FakeRegistry) {
        let digest = Digest.of(bytes).description
        registry.state.withLock { (state: inout FakeRegistry.State) -> Void in
            for content in [theirs, Array("{}".utf8)] {
                state.repositories["team/image"]?.blobs[Digest.of(content).description] = content
            }
            state.repositories["team/image"]?.manifests[digest] = (type, bytes)
            state.repositories["team/image"]?.tags[bench.root.evidenceTag(".sig")] = digest
        }
    }

    @Test func oursIsAddedToAnotherForm() async throws {
        let bench = try ImageBench()
        let registry = try FakeRegistry()
        defer { registry.stop() }
        _ = try await bench.push(registry)
        file(manifest(), as: Self.schema2, of: bench, in: registry)
        _ = try await bench.push(registry)
        let repository = registry.repository("team/image")
        let digest = try #require(repository.tags[bench.root.evidenceTag(".sig")])
        let filed = try #require(repository.manifests[digest])
        #expect(filed.type == MediaType.manifest)
        let layers = try Manifest(parsing: filed.bytes, name: "filed").layers
        #expect(layers.map(\.digest) == [.of(theirs), .of("payload")])
        #expect(layers[0].annotations == ["dev.cosignproject.cosign/signature": "dGhlaXJz"])
    }

    @Test func anotherFormIsCopiedAsItIs() async throws {
        let bench = try ImageBench()
        let first = try FakeRegistry()
        let second = try FakeRegistry()
        defer {
            first.stop()
            second.stop()
        }
        _ = try await bench.push(first)
        file(manifest(), as: Self.schema2, of: bench, in: first)
        func copy() async throws {
            _ = try await bench.transfer().copy(
                from: .init("\(first.host)/team/image:1.0"),
                to: .init("\(second.host)/team/image:1.0")
            )
        }
        try await copy()
        let repository = second.repository("team/image")
        let digest = try #require(repository.tags[bench.root.evidenceTag(".sig")])
        #expect(digest == Digest.of(manifest()).description)
        #expect(repository.manifests[digest]?.type == Self.schema2)
        #expect(repository.tags["1.0"] == bench.root.description)
        let log = second.log
        try await copy()
        #expect(second.log == log)
    }

    @Test(arguments: [
        "no JSON", "[]", #"{"schemaVersion":1,"name":"a","fsLayers":[]}"#,
        #"{"schemaVersion":2,"config":{"mediaType":"a/b","size":1,"digest":"sha256:0"},"layers":[]}"#,
        #"{"schemaVersion":2,"manifests":[]}"#,
    ])
    func whatCannotBeAddedToIsLeftAsItIs(_ text: String) async throws {
        let bench = try ImageBench()
        let registry = try FakeRegistry()
        defer { registry.stop() }
        _ = try await bench.push(registry)
        file(Array(text.utf8), as: MediaType.manifest, of: bench, in: registry)
        let error = await failure { try await bench.push(registry) } as? RegistryError
        let tag = bench.root.evidenceTag(".sig")
        #expect(error?.kind == .unreadable)
        #expect(error?.message.contains(tag) == true && error?.hint != nil)
        #expect(registry.repository("team/image").tags[tag] == Digest.of(text).description)
    }

    /// Without the API, the list of referrers is as disputed as evidence's tags are, and treated alike.
    @Test func aListThatOthersKeepOverwritingIsTriedAtVaryingTimes() async throws {
        let bench = try ImageBench()
        let written = Mutex(0)
        var behaviour = FakeRegistry.Behaviour()
        behaviour.hasReferrersAPI = false
        let fallback = bench.root.evidenceTag("")
        behaviour.intercept = { request, client, _ in
            guard request.method == "PUT", request.path == "/v2/team/image/manifests/\(fallback)" else { return false }
            written.withLock { $0 += 1 }
            client.answer(201)
            return true
        }
        let registry = try FakeRegistry(behaviour)
        defer { registry.stop() }
        let transfer = bench.transfer { $0.client.jitter = { 0.5 } }
        let error = await failure {
            try await transfer.copy(from: .init(bench.layout), to: .init("\(registry.host)/team/image:1.0"))
        }
        #expect((error as? RegistryError)?.kind == .contention)
        #expect((error as? RegistryError)?.message.contains(fallback) == true)
        #expect(written.withLock { $0 } == 12)
        // 50, 100, 200 ms … and at most 2 s, times the number that the clients do not share.
        #expect(bench.slept.prefix(3) == [.milliseconds(25), .milliseconds(50), .milliseconds(100)])
        #expect(bench.slept.count == 11 && bench.slept.max() == .seconds(1))
    }
}
