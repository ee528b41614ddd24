// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Cryptography
import Fetching
import OCI
import Synchronization
import TestSupport
import Testing

@testable import Registry

@Suite struct EvidenceTagTests {
    /// Files another signature manifest under the image's `.sig` tag, as somebody else's tool does.
    private func file(_ layers: [Descriptor], of bench: ImageBench, in registry: FakeRegistry) throws -> Digest {
        let tag = bench.root.evidenceTag(".sig")
        let ours = try #require(
            registry.repository("team/image").tags[tag].flatMap { registry.repository("team/image").manifests[$0] }
        )
        var manifest = try Manifest(parsing: ours.bytes, name: "ours")
        manifest.layers = layers.isEmpty ? manifest.layers : layers
        manifest.layers.append(
            Descriptor(
                mediaType: MediaType.simpleSigning,
                digest: .of("theirs"),
                size: 6,
                annotations: [Annotation.cosignSignature: "dGhlaXJz"]
            )
        )
        let bytes = manifest.json.compact
        let digest = Digest.of(bytes)
        registry.state.withLock { state in
            for content in ["other", "theirs"] {
                state.repositories["team/image"]?.blobs[Digest.of(content).description] = Array(content.utf8)
            }
            state.repositories["team/image"]?.manifests[digest.description] = (MediaType.manifest, bytes)
            state.repositories["team/image"]?.tags[tag] = digest.description
        }
        return digest
    }

    private func filed(of bench: ImageBench, in registry: FakeRegistry) throws -> Manifest {
        let repository = registry.repository("team/image")
        let digest = try #require(repository.tags[bench.root.evidenceTag(".sig")])
        return try Manifest(parsing: try #require(repository.manifests[digest]).bytes, name: "filed")
    }

    /// Somebody who read the tag before us writes it after us.
    @Test(arguments: [1, 3])
    func whatSomebodyOverwritesIsFiledAgainBesideTheirs(_ times: Int) async throws {
        let bench = try ImageBench()
        let written = Mutex(0)
        let tag = bench.root.evidenceTag(".sig")
        var behaviour = FakeRegistry.Behaviour()
        behaviour.intercept = { request, client, registry in
            guard request.method == "PUT", request.path == "/v2/team/image/manifests/\(tag)",
                let number = written.withLock({ count -> Int? in
                    count += 1
                    return count <= times ? count : nil
                }), var manifest = try? Manifest(parsing: request.body, name: "ours")
            else { return false }
            let theirs = Digest.of("stranger \(number)")
            manifest.layers = [Descriptor(mediaType: MediaType.simpleSigning, digest: theirs, size: 10)]
            let bytes = manifest.json.compact
            let digest = Digest.of(bytes).description
            registry.state.withLock { state in
                state.repositories["team/image"]?.blobs[theirs.description] = Array("stranger \(number)".utf8)
                state.repositories["team/image"]?.manifests[digest] = (MediaType.manifest, bytes)
                state.repositories["team/image"]?.tags[tag] = digest
            }
            client.answer(201)
            return true
        }
        let registry = try FakeRegistry(behaviour)
        defer { registry.stop() }
        _ = try await bench.push(registry)
        #expect(try filed(of: bench, in: registry).layers.map(\.digest) == [.of("stranger \(times)"), .of("payload")])
        // A pause for each time but the first, and one before the last look.
        #expect(bench.slept.count == times + 1)
    }

    @Test func whoeverIsAlwaysOverwrittenIsToldSo() async throws {
        let bench = try ImageBench()
        let tag = bench.root.evidenceTag(".sig")
        var behaviour = FakeRegistry.Behaviour()
        behaviour.intercept = { request, client, _ in
            guard request.method == "PUT", request.path == "/v2/team/image/manifests/\(tag)" else { return false }
            client.answer(201)
            return true
        }
        let registry = try FakeRegistry(behaviour)
        defer { registry.stop() }
        let error = await failure { try await bench.push(registry) }
        #expect((error as? RegistryError)?.kind == .contention)
        #expect((error as? RegistryError)?.message.contains(tag) == true)
    }

    /// Many clients that add to one tag, on a registry that does nothing to keep them apart.
    @Test func whatManyPushersAtOnceAddIsThereInTheEnd() async throws {
        let bench = try ImageBench()
        let registry = try FakeRegistry()
        defer { registry.stop() }
        _ = try await bench.push(registry)
        let ours = try filed(of: bench, in: registry)
        let names = (0..<12).map { "pusher \($0)" }
        @Sendable func push(_ name: String, seed: Int) async throws {
            var draft = LayoutDraft()
            let layer = draft.add(Array(name.utf8), mediaType: MediaType.simpleSigning)
            let empty = draft.addEmpty()
            var manifest = ours
            manifest.config = empty
            manifest.layers = [layer]
            draft.list(draft.add(manifest), tag: bench.root.evidenceTag(".sig"))
            let state = Mutex(UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
            let transfer = bench.transfer {
                $0.client.retries = RetrySchedule()
                $0.client.jitter = {
                    state.withLock { state in
                        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                        return 0.5 + Double(state >> 40) / Double(1 << 24)
                    }
                }
            }
            let reference = try RegistryReference("\(registry.host)/team/image")
            let root = Descriptor(mediaType: MediaType.index, digest: bench.root, size: ours.subject?.size ?? 0)
            _ = try await transfer.add(draft, about: root, to: reference)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, name) in names.enumerated() { group.addTask { try await push(name, seed: number + 1) } }
            try await group.waitForAll()
        }
        // Who was stopped between reading and writing for longer than the others look can still take something away, and a
        // process that runs many tests stops its tasks for long: then pushing again puts it back.
        for (number, name) in names.enumerated() {
            let there = Set(try filed(of: bench, in: registry).layers.map(\.digest))
            if !there.contains(.of(name)) { try await push(name, seed: number + 100) }
        }
        let layers = try filed(of: bench, in: registry).layers.map(\.digest)
        #expect(Set(layers) == Set(names.map { Digest.of($0) } + [.of("payload")]))
        #expect(layers.count == names.count + 1)
    }

    @Test func pushingAgainKeepsWhatOthersAdded() async throws {
        let bench = try ImageBench()
        let registry = try FakeRegistry()
        defer { registry.stop() }
        _ = try await bench.push(registry)
        let theirs = try file([], of: bench, in: registry)
        _ = try await bench.push(registry)
        #expect(registry.repository("team/image").tags[bench.root.evidenceTag(".sig")] == theirs.description)
    }

    @Test func pushingAgainRestoresWhatOthersReplaced() async throws {
        let bench = try ImageBench()
        let registry = try FakeRegistry()
        defer { registry.stop() }
        _ = try await bench.push(registry)
        let other = Descriptor(mediaType: MediaType.simpleSigning, digest: .of("other"), size: 5)
        _ = try file([other], of: bench, in: registry)
        _ = try await bench.push(registry)
        let layers = try filed(of: bench, in: registry).layers
        // What was there stays in front; ours is back.
        #expect(layers.map(\.digest) == [.of("other"), .of("theirs"), .of("payload")])
    }
}
