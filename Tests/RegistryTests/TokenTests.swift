// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Fetching
import OCI
import Synchronization
import TestSupport
import Testing

@testable import Registry

/// Registries that want a token for everything.
@Suite struct TokenTests {
    private func registry(
        _ intercept: @escaping @Sendable (LoopbackServer.Request, LoopbackServer.Connection) -> Bool = { _, _ in false }
    ) throws -> FakeRegistry {
        var behaviour = FakeRegistry.Behaviour()
        behaviour.login = "user:secret"
        behaviour.usesTokens = true
        behaviour.intercept = { request, client, _ in intercept(request, client) }
        return try FakeRegistry(behaviour)
    }

    @Test(arguments: [408, 425, 429, 500, 503])
    func aTokenServersTroubleIsRetried(_ status: Int) async throws {
        let bench = try ImageBench()
        let hasFailed = Mutex(false)
        let registry = try registry { request, client in
            let isFirst = hasFailed.withLock { hasFailed in
                defer { hasFailed = hasFailed || request.path == "/token" }
                return !hasFailed && request.path == "/token"
            }
            if isFirst { client.answer(status, headers: [("Retry-After", "7")]) }
            return isFirst
        }
        defer { registry.stop() }
        let transfer = bench.transfer(environment: try bench.login("user:secret", at: registry))
        _ = try await transfer.copy(from: .init(bench.layout), to: .init("\(registry.host)/team/image:1.0"))
        #expect(registry.repository("team/image").tags["1.0"] == bench.root.description)
        #expect(bench.slept.contains(.seconds(7)))
    }

    /// A registry's own wish to be left alone counts as well.
    @Test func aRegistryIsAskedAgainWhenItWantsToBe() async throws {
        let bench = try ImageBench()
        let count = Mutex(0)
        var behaviour = FakeRegistry.Behaviour()
        behaviour.intercept = { request, client, _ in
            let isFirst = count.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { client.answer(429, headers: [("Retry-After", "9")]) }
            return isFirst
        }
        let registry = try FakeRegistry(behaviour)
        defer { registry.stop() }
        _ = try await bench.push(registry)
        #expect(bench.slept.first == .seconds(9))
    }

    /// No right to the other repository is no reason to give up on this one.
    @Test func withoutATokenForTheOriginBlobsAreSent() async throws {
        let bench = try ImageBench()
        let registry = try registry { request, client in
            let isForBoth = request.path == "/token" && request.target.split(separator: "scope=").count > 2
            if isForBoth { client.answer(403) }
            return isForBoth
        }
        defer { registry.stop() }
        let transfer = bench.transfer(environment: try bench.login("user:secret", at: registry))
        _ = try await transfer.copy(from: .init(bench.layout), to: .init("\(registry.host)/team/image:1.0"))
        let report = try await transfer.copy(
            from: .init("\(registry.host)/team/image:1.0"),
            to: .init("\(registry.host)/other/place:2.0")
        )
        #expect(report.mounted == 0 && report.uploaded > 0)
        #expect(registry.repository("other/place").tags["2.0"] == bench.root.description)
    }

    /// Names that are words of the protocol, too.
    @Test(arguments: ["blobs", "referrers", "tags"])
    func theTokenIsForTheRepositoryWhateverTheTagIsCalled(_ name: String) async throws {
        let bench = try ImageBench()
        let registry = try registry()
        defer { registry.stop() }
        let transfer = bench.transfer(environment: try bench.login("user:secret", at: registry))
        _ = try await transfer.copy(from: .init(bench.layout), to: .init("\(registry.host)/team/image:\(name)"))
        #expect(registry.state.withLock { Set($0.tokens.values) } == ["repository:team/image:pull,push"])
        #expect(registry.repository("team/image").tags[name] == bench.root.description)
    }
}
