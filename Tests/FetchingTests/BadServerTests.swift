// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Synchronization
import TestSupport
import Testing

@testable import Fetching

/// Servers that break off, lie, dawdle, or never end.
@Suite struct BadServerTests {
    private let body = payload(400_000)
    private var digest: Digest { .of(body) }

    /// The first byte that a request asks for.
    private static func start(_ request: LoopbackServer.Request) -> Int? {
        request.headers["range"].flatMap { Int($0.dropFirst("bytes=".count).dropLast()) }
    }

    @Test func aBrokenDownloadGoesOnWhereItStopped() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { [body] request, client in
            let start = Self.start(request) ?? 0
            let end = min(start + 150_000, body.count)
            var head =
                start == 0
                ? "HTTP/1.1 200 OK\r\n"
                : "HTTP/1.1 206 Partial\r\nContent-Range: bytes \(start)-\(body.count - 1)/\(body.count)\r\n"
            head += "ETag: \"one\"\r\nContent-Length: \(body.count - start)\r\n\r\n"
            client.send(Array(head.utf8))
            client.send(Array(body[start..<end]))
            client.hangUp()
        }
        defer { server.stop() }
        let item = try bench.item(server.url + "/a")
        let path = try await bench.downloader.file(item, sha256: digest, size: body.count)
        #expect(try Files.read(path, limit: 1 << 20) == body)
        #expect(server.requests.map { $0.headers["range"] } == [nil, "bytes=150000-", "bytes=300000-"])
        #expect(server.requests.map { $0.headers["if-range"] } == [nil, "\"one\"", "\"one\""])
        // Each attempt brought something, so none counts as a failure in a row.
        #expect(bench.sleeps == [.milliseconds(250), .milliseconds(250)])
        #expect(bench.files.count == 1)
    }

    @Test func aServerWithoutRangesStartsAnew() async throws {
        let bench = try DownloadBench()
        let count = Mutex(0)
        let server = try LoopbackServer { [body] _, client in
            let number = count.withLock { count in
                count += 1
                return count
            }
            client.send(Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8))
            client.send(number < 3 ? Array(body.prefix(100_000)) : body)
            if number < 3 { client.hangUp() }
        }
        defer { server.stop() }
        let path = try await bench.downloader.file(bench.item(server.url + "/a"), sha256: digest, size: body.count)
        #expect(try Files.read(path, limit: 1 << 20) == body)
        #expect(server.requests.count == 3)
    }

    @Test func aWrongBeginningIsThrownAwayAndFetchedAgain() async throws {
        let bench = try DownloadBench()
        try bench.directory.write([UInt8](repeating: 7, count: 1_000), to: "store/partial/\(digest.hex)")
        let server = try LoopbackServer { [body] request, client in
            guard let start = Self.start(request) else { return client.answer(200, body: body) }
            let range = ("Content-Range", "bytes \(start)-\(body.count - 1)/\(body.count)")
            client.answer(206, headers: [range], body: Array(body[start...]))
        }
        defer { server.stop() }
        let path = try await bench.downloader.file(bench.item(server.url + "/a"), sha256: digest, size: body.count)
        #expect(try Files.read(path, limit: 1 << 20) == body)
        #expect(server.requests.map { $0.headers["range"] } == ["bytes=1000-", nil])
    }

    @Test func aPartThatWasNotAskedForIsNotTaken() async throws {
        let bench = try DownloadBench()
        try bench.directory.write(Array(body.prefix(1_000)), to: "store/partial/\(digest.hex)")
        let server = try LoopbackServer { [body] request, client in
            guard request.headers["range"] != nil else { return client.answer(200, body: body) }
            client.answer(206, headers: [("Content-Range", "bytes 0-9/\(body.count)")], body: Array(body[..<10]))
        }
        defer { server.stop() }
        let item = try bench.item(server.url + "/a")
        #expect(
            await failure { try await bench.downloader.file(item, sha256: digest, size: body.count) }?.kind
                == .unreachable
        )
        #expect(bench.files.allSatisfy { $0.hasPrefix("partial/") })
    }

    @Test func aPartialFileThatIsCompleteNeedsNoServer() async throws {
        let bench = try DownloadBench()
        try bench.directory.write(body, to: "store/partial/\(digest.hex)")
        let path = try await bench.downloader.file(bench.item("http://127.0.0.1:9/"), sha256: digest, size: body.count)
        #expect(try Files.read(path, limit: 1 << 20) == body)
    }

    @Test(.timeLimit(.minutes(1)))
    func anEndlessAnswerIsCutOff() async throws {
        let bench = try DownloadBench()
        let ended = Mutex(0)
        let server = try LoopbackServer { _, client in
            client.send(Array("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".utf8))
            // Ends only when the client hangs up.
            while client.send([UInt8](repeating: 0, count: 65_536)) {}
            ended.withLock { $0 += 1 }
        }
        defer { server.stop() }
        let item = try bench.item(server.url + "/a")
        let file = await failure { try await bench.downloader.file(item, sha256: digest, size: body.count) }
        #expect(file?.kind == .sizeMismatch)
        #expect(await failure { try await bench.downloader.bytes(item, limit: 1_000) }?.kind == .tooLarge)
        #expect(bench.files == [])
        while ended.withLock({ $0 }) < 2 { try await Task.sleep(for: .milliseconds(20)) }
    }

    @Test func anAnnouncedSizeThatIsWrongEndsTheDownloadAtOnce() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { [body] _, client in client.answer(200, body: body) }
        defer { server.stop() }
        let item = try bench.item(server.url + "/a")
        let error = await failure { try await bench.downloader.file(item, sha256: digest, size: body.count - 1) }
        #expect(error?.kind == .sizeMismatch)
        #expect(error?.message.contains("399999") == true && error?.message.contains("400000") == true)
    }

    @Test(arguments: [399_000, 401_000])
    func aLengthThatLiesIsFoundOut(_ length: Int) async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { [body] _, client in
            client.send(Array("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n".utf8))
            client.send(body)
            client.hangUp()
        }
        defer { server.stop() }
        let item = try bench.item(server.url + "/a")
        // A length beyond the end looks like a broken connection, one before it like another file.
        let expected: FetchError.Code = length < body.count ? .hashMismatch : .unreachable
        #expect(await failure { try await bench.downloader.file(item, sha256: digest, size: nil) }?.kind == expected)
        #expect(bench.store.path(of: digest) == nil)
    }

    @Test(arguments: [true, false])
    func aServerThatGetsNowhereIsGivenUp(_ trickles: Bool) async throws {
        let bench = try DownloadBench(stall: 1)
        let server = try LoopbackServer { [body] request, client in
            if request.target == "/good" { return client.answer(200, body: body) }
            client.send(Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8))
            for _ in 0..<50 {
                client.pause(milliseconds: 100)
                if trickles && !client.send([0]) { break }
            }
            client.hangUp()
        }
        defer { server.stop() }
        let item = try bench.item(server.url + "/slow", server.url + "/good")
        let path = try await bench.downloader.file(item, sha256: digest, size: body.count)
        #expect(try Files.read(path, limit: 1 << 20) == body)
    }

    @Test func redirectsAreFollowedButNotForEver() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { [body] request, client in
            switch request.path {
            case "/loop": client.answer(302, headers: [("Location", "/loop")])
            case "/file": client.answer(302, headers: [("Location", "file:///etc/passwd")])
            case "/nowhere": client.answer(302)
            case "/a": client.answer(301, headers: [("Location", "b?x=1")], text: "moved")
            case "/b": client.answer(200, body: body)
            default: client.answer(404)
            }
        }
        defer { server.stop() }
        let good = try bench.item(server.url + "/a")
        #expect(try await bench.downloader.file(good, sha256: digest, size: body.count).isEmpty == false)
        let loop = try bench.item(server.url + "/loop")
        #expect(await failure { try await bench.downloader.bytes(loop, limit: 10) }?.kind == .redirect)
        let file = try bench.item(server.url + "/file")
        #expect(await failure { try await bench.downloader.bytes(file, limit: 10) }?.kind == .redirect)
        let nowhere = try bench.item(server.url + "/nowhere")
        #expect(await failure { try await bench.downloader.bytes(nowhere, limit: 10) }?.kind == .refused)
    }

    @Test func credentialsAreNotTakenToAnotherHost() async throws {
        let other = try LoopbackServer { request, client in
            client.answer(200, text: request.headers["authorization"] ?? "none")
        }
        defer { other.stop() }
        let server = try LoopbackServer { request, client in
            let target = request.target == "/away" ? other.url + "/x" : "/same"
            if request.target == "/same" { return client.answer(200, text: request.headers["authorization"] ?? "none") }
            client.answer(307, headers: [("Location", target)])
        }
        defer { server.stop() }
        let transport = try HTTPTransport()
        for (path, expected) in [("/away", "none"), ("/stay", "Bearer x")] {
            let sink = MemorySink(name: "x", limit: 100)
            let request = TransportRequest(
                .get,
                try Locator(server.url + path),
                headers: [("Authorization", "Bearer x")]
            )
            _ = try await transport.send(request, into: sink)
            #expect(String(decoding: sink.bytes, as: UTF8.self) == expected)
        }
    }

    @Test func aCodedAnswerIsRefused() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { [body] _, client in
            client.answer(200, headers: [("Content-Encoding", "gzip")], body: body)
        }
        defer { server.stop() }
        let item = try bench.item(server.url + "/a")
        let error = await failure { try await bench.downloader.file(item, sha256: digest, size: body.count) }
        #expect(error?.kind == .refused)
        #expect(error?.message.contains("gzip") == true)
        #expect(server.requests.first?.headers["accept-encoding"] == "identity")
    }

    @Test func aCancelledTaskStopsItsTransfer() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { _, client in
            client.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n".utf8))
            while client.send([UInt8](repeating: 0, count: 1_024)) { client.pause(milliseconds: 5) }
        }
        defer { server.stop() }
        let item = try bench.item(server.url + "/a")
        let task = Task { try await bench.downloader.file(item, sha256: digest, size: 1_000_000_000) }
        while bench.progress.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        let result = await task.result
        #expect(throws: CancellationError.self) { try result.get() }
    }
}
