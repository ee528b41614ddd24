// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Cryptography
import Diagnostics
import Fetching
import Glibc
import OCI
import Synchronization
import TestSupport
import Testing

@testable import Registry

@Suite struct TransferTests {
    @Test func nothingIsWrittenBeforeWhatItNeedsAndNamesComeLast() async throws {
        let bench = try ImageBench()
        let registry = try FakeRegistry()
        defer { registry.stop() }
        let report = try await bench.push(registry)
        #expect(report.digest == bench.root)
        #expect(report.documents == 7)
        #expect(report.usedFallback == false)
        let log = registry.log
        func place(_ entry: String) throws -> Int { try #require(log.firstIndex(of: entry), "\(entry)") }
        let index = try place("manifest \(bench.root)")
        for child in bench.children { #expect(try place("manifest \(child)") < index) }
        for layer in bench.layers { #expect(try place("blob \(layer)") < index) }
        for evidence in bench.evidence { #expect(try place("manifest \(evidence)") > index) }
        #expect(log.suffix(2) == ["tag sha256-\(bench.root.hex).sig", "tag 1.0"])
        #expect(registry.repository("team/image").tags["1.0"] == bench.root.description)
    }

    @Test(arguments: [true, false])
    func pushingAgainChangesNothing(_ hasAPI: Bool) async throws {
        let bench = try ImageBench()
        var behaviour = FakeRegistry.Behaviour()
        behaviour.hasReferrersAPI = hasAPI
        let registry = try FakeRegistry(behaviour)
        defer { registry.stop() }
        _ = try await bench.push(registry)
        let log = registry.log
        let again = try await bench.push(registry)
        #expect(registry.log == log)
        #expect(again.uploaded == 0 && again.bytes == 0 && !again.usedFallback)
    }

    @Test func withoutAnAPIReferrersAreListedUnderTheFallbackTags() async throws {
        let bench = try ImageBench()
        var behaviour = FakeRegistry.Behaviour()
        behaviour.hasReferrersAPI = false
        let registry = try FakeRegistry(behaviour)
        defer { registry.stop() }
        #expect(try await bench.push(registry).usedFallback)
        let repository = registry.repository("team/image")
        for (subject, count) in [(bench.root, 2), (bench.children[0], 1), (bench.children[1], 1)] {
            let digest = try #require(repository.tags["sha256-\(subject.hex)"])
            let index = try Index(parsing: try #require(repository.manifests[digest]).bytes, name: "fallback")
            #expect(index.manifests.count == count)
            // distribution-spec: the artifact's type and all annotations are copied.
            let bundle = index.manifests.first { $0.artifactType == MediaType.bundle }
            #expect(bundle?.annotations == ["dev.sigstore.bundle.content": "dsse-envelope"])
        }
    }

    @Test func aRegistryThatHasTheAPIButDoesNotSaySoGetsNoFallbackTags() async throws {
        let bench = try ImageBench()
        var behaviour = FakeRegistry.Behaviour()
        behaviour.sendsSubject = false
        let registry = try FakeRegistry(behaviour)
        defer { registry.stop() }
        #expect(try await bench.push(registry).usedFallback == false)
        #expect(registry.repository("team/image").tags.keys.sorted() == ["1.0", "sha256-\(bench.root.hex).sig"])
    }

    @Test func aListThatOthersOverwriteIsWrittenAgain() async throws {
        let bench = try ImageBench()
        let stranger = Digest.of("another tool's evidence")
        let overwritten = Mutex(0)
        var behaviour = FakeRegistry.Behaviour()
        behaviour.hasReferrersAPI = false
        let fallback = "/v2/team/image/manifests/sha256-\(bench.root.hex)"
        behaviour.intercept = { request, client, registry in
            guard request.method == "PUT", request.path == fallback, overwritten.withLock({ $0 }) < 2 else {
                return false
            }
            overwritten.withLock { $0 += 1 }
            // Somebody who read the index before us writes it after us.
            let other = Index(manifests: [Descriptor(mediaType: MediaType.manifest, digest: stranger, size: 3)]).json
                .compact
            let digest = Digest.of(other).description
            registry.state.withLock { state in
                state.repositories["team/image"]?.manifests[digest] = (MediaType.index, other)
                state.repositories["team/image"]?.tags["sha256-\(bench.root.hex)"] = digest
            }
            client.answer(201)
            return true
        }
        let registry = try FakeRegistry(behaviour)
        defer { registry.stop() }
        _ = try await bench.push(registry)
        let repository = registry.repository("team/image")
        let digest = try #require(repository.tags["sha256-\(bench.root.hex)"])
        let index = try Index(parsing: try #require(repository.manifests[digest]).bytes, name: "fallback")
        #expect(Set(index.manifests.map(\.digest)) == Set([stranger, bench.evidence[0], bench.evidence[3]]))
        #expect(overwritten.withLock { $0 } == 2)
    }

    @Test(arguments: [true, false])
    func whatIsPulledIsWhatWasPushed(_ hasAPI: Bool) async throws {
        let bench = try ImageBench()
        var behaviour = FakeRegistry.Behaviour()
        behaviour.hasReferrersAPI = hasAPI
        let registry = try FakeRegistry(behaviour)
        defer { registry.stop() }
        _ = try await bench.push(registry)
        let target = bench.directory.path("pulled")
        let report = try await bench.transfer().copy(
            from: .init("\(registry.host)/team/image:1.0"),
            to: .layout(directory: target, tag: nil)
        )
        #expect(report.digest == bench.root)
        #expect(bench.directory.files(below: "pulled/blobs") == bench.directory.files(below: "image/blobs"))
        let original = try Layout(directory: bench.layout).index.manifests
        let pulled = try Layout(directory: target).index.manifests
        #expect(Set(pulled.map(\.digest)) == Set(original.map(\.digest)))
        func described(_ entries: [Descriptor]) -> [String] {
            entries.map { "\($0.digest) \($0.artifactType ?? "") \($0.annotations.sorted { $0.key < $1.key })" }
                .sorted()
        }
        #expect(described(pulled) == described(original))
    }

    @Test func withinARegistryBlobsAreMounted() async throws {
        let bench = try ImageBench()
        let registry = try FakeRegistry()
        defer { registry.stop() }
        _ = try await bench.push(registry)
        let report = try await bench.transfer().copy(
            from: .init("\(registry.host)/team/image:1.0"),
            to: .init("\(registry.host)/other/place:2.0")
        )
        #expect(report.uploaded == 0 && report.mounted > 0)
        #expect(registry.repository("other/place").tags["2.0"] == bench.root.description)
        #expect(registry.repository("other/place").manifests.count == registry.repository("team/image").manifests.count)
    }

    @Test func betweenRegistriesAndWithoutEvidence() async throws {
        let bench = try ImageBench()
        let first = try FakeRegistry()
        let second = try FakeRegistry()
        defer {
            first.stop()
            second.stop()
        }
        _ = try await bench.push(first)
        let report = try await bench.transfer { $0.withEvidence = false }.copy(
            from: .init("\(first.host)/team/image@\(bench.root)"),
            to: .init("\(second.host)/a:x")
        )
        #expect(report.documents == 3)
        #expect(second.repository("a").manifests.count == 3)
        #expect(second.repository("a").tags == ["x": bench.root.description])
    }

    @Test func aMissingOrChangedBlobIsFoundBeforeAnyManifestIsPut() async throws {
        let bench = try ImageBench()
        let registry = try FakeRegistry()
        defer { registry.stop() }
        let path = "\(bench.layout)/blobs/sha256/\(bench.layers[1].hex)"
        chmod(path, 0o644)
        var bytes = try Files.read(path, limit: 1 << 20)
        bytes[0] ^= 1
        try bench.directory.write(bytes, to: "image/blobs/sha256/\(bench.layers[1].hex)")
        let changed = await failure { try await bench.push(registry) } as? OCIError
        #expect(changed?.kind == .mismatch)
        unlink(path)
        let missing = await failure { try await bench.push(registry) } as? OCIError
        #expect(missing?.kind == .missing)
        #expect(registry.log.allSatisfy { $0.hasPrefix("blob ") })
    }

    @Test func aRegistryThatGivesOtherContentIsFoundOut() async throws {
        let bench = try ImageBench()
        let registry = try FakeRegistry()
        defer { registry.stop() }
        _ = try await bench.push(registry)
        let child = bench.children[0].description
        let layer = bench.layers[1].description
        let original = try #require(registry.repository("team/image").manifests[child])
        registry.state.withLock { (state: inout FakeRegistry.State) -> Void in
            state.repositories["team/image"]?.manifests[child] = (original.type, original.bytes + [0x20])
        }
        func pull() async throws -> TransferReport {
            try await bench.transfer().copy(
                from: .init("\(registry.host)/team/image:1.0"),
                to: .layout(directory: bench.directory.path("pulled"), tag: nil)
            )
        }
        #expect((await failure { try await pull() } as? RegistryError)?.kind == .mismatch)
        registry.state.withLock { state in
            state.repositories["team/image"]?.manifests[child] = original
            state.repositories["team/image"]?.blobs[layer]?[5] ^= 1
        }
        #expect((await failure { try await pull() } as? FetchError)?.kind == .hashMismatch)
        #expect(!Files.exists(bench.directory.path("pulled")))
        let absent = await failure {
            try await bench.transfer().copy(from: .init("\(registry.host)/none:1"), to: .init("oci:x"))
        }
        #expect((absent as? RegistryError)?.kind == .notFound)
    }

    @Test func aPushThatSomebodyElseOverwritesIsNoSuccess() async throws {
        let bench = try ImageBench()
        var behaviour = FakeRegistry.Behaviour()
        behaviour.intercept = { request, client, registry in
            guard request.method == "PUT", request.path == "/v2/team/image/manifests/1.0" else { return false }
            registry.state.withLock { (state: inout FakeRegistry.State) -> Void in
                state.repositories["team/image"]?.tags["1.0"] = bench.children[0].description
            }
            client.answer(201)
            return true
        }
        let registry = try FakeRegistry(behaviour)
        defer { registry.stop() }
        #expect((await failure { try await bench.push(registry) } as? RegistryError)?.kind == .mismatch)
    }
}

@Suite struct UploadTests {
    @Test func aBrokenUploadGoesOnWhereItStopped() async throws {
        let bench = try ImageBench(layerSize: 300_000)
        let cut = Mutex(0)
        var behaviour = FakeRegistry.Behaviour()
        behaviour.intercept = { request, client, registry in
            guard request.method == "PATCH", request.headers["content-range"]?.hasPrefix("100000-") == true,
                cut.withLock({ $0 < 2 })
            else { return false }
            let number = cut.withLock { count in
                count += 1
                return count
            }
            // Once nothing of the chunk arrives, once a part of it.
            let session = request.path.split(separator: "/").last.map(String.init) ?? ""
            if number == 2 {
                registry.state.withLock { (state: inout FakeRegistry.State) -> Void in
                    state.sessions[session]? += request.body.prefix(40_000)
                }
            }
            client.hangUp()
            return true
        }
        let registry = try FakeRegistry(behaviour)
        defer { registry.stop() }
        let report = try await bench.transfer { $0.client.chunk = 100_000 }.copy(
            from: .init(bench.layout),
            to: .init("\(registry.host)/a:1")
        )
        #expect(report.digest == bench.root)
        for layer in bench.layers { #expect(registry.repository("a").blobs[layer.description]?.count == 300_000) }
        let ranges = registry.requests.filter { $0.method == "PATCH" }.compactMap { $0.headers["content-range"] }
        #expect(ranges.contains("140000-239999"))
        #expect(cut.withLock { $0 } == 2)
        // Once for each break, and once before the last look at evidence's tags.
        #expect(bench.slept.count == 3)
    }

    @Test func troubleIsRetried() async throws {
        let bench = try ImageBench()
        let seen = Mutex<Set<String>>([])
        var behaviour = FakeRegistry.Behaviour()
        behaviour.intercept = { request, client, _ in
            // Each kind of request fails once.
            let kind = request.method + (request.path.contains("/manifests/") ? " manifest" : " blob")
            guard seen.withLock({ $0.insert(kind).inserted }) else { return false }
            if kind.hasPrefix("PUT") { client.hangUp() } else { client.answer(503) }
            return true
        }
        let registry = try FakeRegistry(behaviour)
        defer { registry.stop() }
        #expect(try await bench.push(registry).digest == bench.root)
        #expect(registry.repository("team/image").tags["1.0"] == bench.root.description)
        #expect(bench.slept.count >= 5)
    }

    @Test func progressIsTold() async throws {
        let bench = try ImageBench(layerSize: 200_000)
        let registry = try FakeRegistry()
        defer { registry.stop() }
        let events = Mutex<[FetchProgress]>([])
        let transfer = bench.transfer(observer: { event in events.withLock { $0.append(event) } })
        _ = try await transfer.copy(from: .init(bench.layout), to: .init("\(registry.host)/a:1"))
        let layer = bench.layers[0]
        let own = events.withLock { $0 }.filter { $0.item == "\(layer) to \(registry.host)/a" }
        #expect(
            own.last
                == FetchProgress(
                    item: "\(layer) to \(registry.host)/a",
                    received: 200_000,
                    total: 200_000,
                    state: .sent
                )
        )
        #expect(own.contains { $0.state == .running && $0.received > 0 })
    }
}

@Suite struct AuthenticationTests {
    private func push(login: String?, to behaviour: FakeRegistry.Behaviour) async throws -> (FakeRegistry, (any Error)?)
    {
        let bench = try ImageBench()
        let registry = try FakeRegistry(behaviour)
        let auth = login.map { Base64.encode(Array($0.utf8)) }
        let json = auth.map { #"{"auths":{"\#(registry.host)":{"auth":"\#($0)"}}}"# } ?? "{}"
        let file = try bench.directory.write(Array(json.utf8), to: "auth.json")
        let error = await failure {
            try await bench.transfer(environment: ["REGISTRY_AUTH_FILE": file]).copy(
                from: .init(bench.layout),
                to: .init("\(registry.host)/team/image:1.0")
            )
        }
        return (registry, error)
    }

    @Test(arguments: [true, false])
    func credentialsOpenTheDoor(_ usesTokens: Bool) async throws {
        var behaviour = FakeRegistry.Behaviour()
        behaviour.login = "user:secret"
        behaviour.usesTokens = usesTokens
        let (registry, error) = try await push(login: "user:secret", to: behaviour)
        defer { registry.stop() }
        #expect(error == nil)
        #expect(registry.repository("team/image").tags["1.0"] != nil)
        if usesTokens {
            let tokens = registry.state.withLock { Set($0.tokens.values) }
            #expect(tokens.contains("repository:team/image:pull,push"))
            // The password goes to the token server alone.
            let others = registry.requests.filter { $0.path != "/token" }
            #expect(others.allSatisfy { $0.headers["authorization"]?.hasPrefix("Basic") != true })
        }
    }

    @Test(arguments: [true, false], ["user:wrong", nil])
    func withoutThemItStaysShut(_ usesTokens: Bool, _ login: String?) async throws {
        var behaviour = FakeRegistry.Behaviour()
        behaviour.login = "user:secret"
        behaviour.usesTokens = usesTokens
        let (registry, error) = try await push(login: login, to: behaviour)
        defer { registry.stop() }
        let failure = error as? RegistryError
        #expect(failure?.kind == .unauthorized)
        #expect(failure?.hint != nil)
        #expect(failure?.description.contains("wrong") == false)
        #expect(registry.log == [])
    }

    @Test func aTokenServerElsewhereWithoutTLSGetsNoPassword() async throws {
        let other = try LoopbackServer { _, client in client.answer(200, text: #"{"token":"t"}"#) }
        defer { other.stop() }
        let asked = Mutex<[String?]>([])
        let http = RecordingTransport { request in
            asked.withLock { $0.append(request.url.host) }
            let value = "Bearer realm=\"\(other.url)/token\",service=\"x\""
            return ResponseHead(status: 401, headers: [("www-authenticate", value)], url: request.url)
        }
        let transport = RegistryTransport(
            http: http,
            base: try Locator("https://r.example"),
            repository: "a",
            credentials: .password(user: "u", password: "p"),
            isWriting: false
        )
        let sink = MemorySink(name: "x", limit: 10)
        let error = await failure {
            try await transport.send(
                TransportRequest(.get, try Locator("https://r.example/v2/a/manifests/1")),
                into: sink
            )
        }
        #expect((error as? RegistryError)?.kind == .unauthorized)
        #expect(asked.withLock { $0 } == ["r.example"])
        #expect(other.requests.isEmpty)
    }
}

/// Answers without a network.
private struct RecordingTransport: Transport {
    let answer: @Sendable (TransportRequest) -> ResponseHead

    func send(_ request: TransportRequest, into sink: any ResponseSink) async throws -> ResponseHead {
        let head = answer(request)
        _ = try sink.begin(head)
        return head
    }
}
