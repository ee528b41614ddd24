// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TestSupport
import Testing

@testable import Fetching

/// Bodies of requests, which come from files.
@Suite struct UploadBodyTests {
    private final class CountingSink: ResponseSink {
        let parts = Mutex<[Int]>([])
        func begin(_ head: ResponseHead) throws -> Bool { false }
        func write(_ bytes: UnsafeRawBufferPointer) throws {}
        func sent(_ count: Int) { parts.withLock { $0.append(count) } }
    }

    private func put(_ path: String, _ range: Range<Int>, to server: LoopbackServer) async throws -> [Int] {
        let sink = CountingSink()
        let request = TransportRequest(.put, try Locator(server.url + "/x"), body: .file(path: path, range: range))
        _ = try await HTTPTransport().send(request, into: sink)
        return sink.parts.withLock { $0 }
    }

    @Test(arguments: [0..<0, 0..<1, 5..<65_541, 100_000..<1_000_000])
    func aRangeOfAFileIsSent(_ range: Range<Int>) async throws {
        let directory = try TemporaryDirectory()
        let bytes = payload(1_000_000)
        let path = try directory.write(bytes, to: "file")
        let server = try LoopbackServer { _, client in client.answer(201) }
        defer { server.stop() }
        let parts = try await put(path, range, to: server)
        let request = try #require(server.requests.first)
        #expect(request.body == Array(bytes[range]))
        #expect(request.headers["content-length"] == "\(range.count)")
        #expect(request.headers["transfer-encoding"] == nil && request.headers["expect"] == nil)
        #expect(parts.reduce(0, +) == range.count)
    }

    @Test func aFileThatBecameShorterIsAnError() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(payload(100_000), to: "file")
        let server = try LoopbackServer { _, client in client.answer(201) }
        defer { server.stop() }
        let error = await failure { try await put(path, 0..<200_000, to: server) }
        #expect(error?.kind == .storage)
        #expect(error?.message.contains("shorter") == true)
        #expect(server.requests.isEmpty)
        let missing = await failure { try await put(directory.path("none"), 0..<1, to: server) }
        #expect(missing?.message.contains("none") == true)
    }
}
