// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Cryptography
import Fetching
import OCI
import Synchronization
import TestSupport

@testable import Registry

/// What the tests of transfers share: a store, an image with evidence in a layout, and a clock that does not wait.
final class ImageBench: Sendable {
    let directory: TemporaryDirectory
    let store: Store
    /// The image's own layout.
    let layout: String
    let root: Digest
    let children: [Digest]
    let evidence: [Digest]
    let layers: [Digest]
    private let sleeps = Mutex<[Duration]>([])

    /// - Parameter layerSize: bytes of each of the two layers.
    init(layerSize: Int = 2_000) throws {
        directory = try TemporaryDirectory()
        store = try Store(at: directory.path("store"))
        layout = directory.path("image")
        var draft = LayoutDraft()
        var children: [Descriptor] = []
        var layers: [Digest] = []
        for (number, architecture) in ["amd64", "arm64"].enumerated() {
            let layer = draft.add(
                (0..<layerSize).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) },
                mediaType: MediaType.layerGzip
            )
            layers.append(layer.digest)
            let config = draft.add(
                Array("{\"architecture\":\"\(architecture)\",\"os\":\"linux\"}".utf8),
                mediaType: MediaType.config
            )
            var child = draft.add(Manifest(config: config, layers: [layer]))
            child.platform = ImagePlatform(architecture: architecture)
            children.append(child)
        }
        let root = draft.add(index: children)
        draft.list(root, tag: "1.0", annotations: [Annotation.kind: Annotation.kindIndex])
        let empty = draft.addEmpty()
        var evidence: [Digest] = []
        for subject in [root] + children {
            let statement = draft.add(Array("statement about \(subject.digest)".utf8), mediaType: MediaType.bundle)
            let bundle = Manifest(
                artifactType: MediaType.bundle,
                config: empty,
                layers: [statement],
                subject: subject.reference,
                annotations: ["dev.sigstore.bundle.content": "dsse-envelope"]
            )
            let descriptor = draft.add(bundle)
            evidence.append(descriptor.digest)
            draft.list(descriptor.annotated(bundle.annotations))
        }
        let payload = draft.add(Array("payload".utf8), mediaType: MediaType.simpleSigning)
        let signature = draft.add(
            Manifest(artifactType: MediaType.cosignSignature, config: empty, layers: [payload], subject: root.reference)
        )
        evidence.append(signature.digest)
        draft.list(
            signature,
            tag: "sha256-\(root.digest.hex).sig",
            annotations: [Annotation.kind: Annotation.kindSignatures]
        )
        try draft.write(to: layout)
        self.root = root.digest
        self.children = children.map(\.digest)
        self.evidence = evidence
        self.layers = layers
    }

    var slept: [Duration] { sleeps.withLock { $0 } }

    func transfer(
        environment: [String: String] = [:],
        change: (inout ImageTransfer.Options) -> Void = { _ in },
        observer: @escaping FetchObserver = { _ in }
    ) -> ImageTransfer {
        let sleep: @Sendable (Duration) async throws -> Void = { [weak self] duration in
            self?.sleeps.withLock { $0.append(duration) }
            await Task.yield()
        }
        var options = ImageTransfer.Options()
        options.isPlain = true
        options.client.retries = RetrySchedule(sleep: sleep)
        options.download.retries = RetrySchedule(sleep: sleep)
        change(&options)
        return ImageTransfer(store: store, environment: environment, options: options, observer: observer)
    }

    /// The environment of somebody who has logged in.
    func login(_ text: String, at registry: FakeRegistry) throws -> [String: String] {
        let json = #"{"auths":{"\#(registry.host)":{"auth":"\#(Base64.encode(Array(text.utf8)))"}}}"#
        return ["REGISTRY_AUTH_FILE": try directory.write(Array(json.utf8), to: "auth.json")]
    }

    func push(_ registry: FakeRegistry, _ name: String = "team/image:1.0") async throws -> TransferReport {
        try await transfer().copy(from: .init(layout), to: .init("\(registry.host)/\(name)"))
    }
}

/// The error that work ends with.
func failure(of work: () async throws -> some Any) async -> (any Error)? {
    do {
        _ = try await work()
        return nil
    } catch {
        return error
    }
}
