// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Cryptography
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
            state.repositories["team/image"]?.manifests[digest.description] = (MediaType.manifest, bytes)
            state.repositories["team/image"]?.tags[tag] = digest.description
        }
        return digest
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
        #expect(registry.repository("team/image").tags[bench.root.evidenceTag(".sig")] == bench.evidence[3].description)
    }
}
