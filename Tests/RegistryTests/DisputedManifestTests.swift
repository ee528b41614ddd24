// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Synchronization
import TestSupport
import Testing

@testable import Registry

@Suite struct DisputedManifestTests {
    /// Docker's registry answers so while somebody else writes the same manifest to its file system.
    @Test func aManifestWhoseDigestIsDisputedIsSentAgain() async throws {
        let bench = try ImageBench()
        let refused = Mutex<Set<String>>([])
        var behaviour = FakeRegistry.Behaviour()
        behaviour.intercept = { request, client, _ in
            guard request.method == "PUT", request.path.contains("/manifests/"),
                refused.withLock({ $0.insert(request.path).inserted })
            else { return false }
            client.answer(400, body: Array(#"{"errors":[{"code":"DIGEST_INVALID"}]}"#.utf8))
            return true
        }
        let registry = try FakeRegistry(behaviour)
        defer { registry.stop() }
        _ = try await bench.push(registry)
        #expect(registry.repository("team/image").tags["1.0"] == bench.root.description)
        #expect(refused.withLock { $0.count } == 9)
    }

    @Test func oneThatStaysDisputedIsAnError() async throws {
        let bench = try ImageBench()
        var behaviour = FakeRegistry.Behaviour()
        behaviour.intercept = { request, client, _ in
            guard request.method == "PUT", request.path.contains("/manifests/") else { return false }
            client.answer(400, body: Array(#"{"errors":[{"code":"DIGEST_INVALID"}]}"#.utf8))
            return true
        }
        let registry = try FakeRegistry(behaviour)
        defer { registry.stop() }
        let error = await #expect(throws: RegistryError.self) { try await bench.push(registry) }
        #expect(error?.kind == .refused)
    }
}
