// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Fetching

/// What a transfer holds, an open file above all, it lets go of when it is over.
@Suite struct ReleaseTests {
    private struct Weak {
        weak var sink: MemorySink?
    }

    /// Some of the last may be on their way out on the connection's thread; none of the others may be held.
    @Test func sinksAreLetGoOf() async throws {
        let server = try LoopbackServer { _, client in client.answer(200, body: Array("abc".utf8)) }
        defer { server.stop() }
        let transport = try HTTPTransport()
        let url = try Locator(server.url + "/a")
        var sinks: [Weak] = []
        for _ in 0..<100 {
            let sink = MemorySink(name: "a", limit: 10)
            sinks.append(Weak(sink: sink))
            #expect(try await transport.send(TransportRequest(.get, url), into: sink).status == 200)
        }
        #expect(sinks.count { $0.sink != nil } < 10)
    }
}
