// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TestSupport
import Testing

@testable import Fetching

/// Servers that use the protocol itself against their clients.
@Suite(.timeLimit(.minutes(1)))
struct HostileServerTests {
    private func answer(
        stall: Int = 30,
        to request: (Locator) -> TransportRequest = { TransportRequest(.get, $0) },
        _ handler: @escaping LoopbackServer.Handler
    ) async throws -> (status: Int, body: String) {
        let server = try LoopbackServer(handler)
        defer { server.stop() }
        var settings = HTTPTransport.Settings()
        settings.stallTimeout = stall
        let sink = MemorySink(name: "x", limit: 1 << 20, keepsErrors: true)
        let head = try await HTTPTransport(settings).send(request(try Locator(server.url + "/a")), into: sink)
        return (head.status, String(decoding: sink.bytes, as: UTF8.self))
    }

    @Test func aHeadWithoutEndIsRefused() async {
        let error = await failure {
            try await answer { _, client in
                client.send(Array("HTTP/1.1 200 OK\r\n".utf8))
                let line = Array("X-Filler: \(String(repeating: "x", count: 8_000))\r\n".utf8)
                while client.send(line) {}
            }
        }
        #expect(error?.kind == .unreachable)
        #expect(error?.message.contains("the head of its answer is too large") == true, "\(error?.message ?? "")")
    }

    @Test func aFieldWithoutEndIsRefused() async {
        let error = await failure {
            try await answer { _, client in
                client.send(Array("HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm=\"".utf8))
                while client.send([UInt8](repeating: 0x61, count: 65_536)) {}
            }
        }
        #expect(error?.message.contains("the head of its answer is too large") == true, "\(error?.message ?? "")")
    }

    @Test func aLongChallengeIsAnAnswer() async throws {
        let long = String(repeating: "x", count: 60_000)
        let (status, _) = try await answer { _, client in
            client.answer(401, headers: [("WWW-Authenticate", "Bearer realm=\"\(long)\"")], text: "no")
        }
        #expect(status == 401)
    }

    @Test func interimAnswersWithoutEndAreSilence() async {
        let error = await failure {
            try await answer(stall: 1) { _, client in
                let interim = Array("HTTP/1.1 102 Processing\r\n\r\n".utf8)
                while client.send(interim) {}
            }
        }
        #expect(error?.kind == .unreachable)
    }

    @Test func interimAnswersArePassedOver() async throws {
        let (status, body) = try await answer { _, client in
            for _ in 0..<3 { client.send(Array("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".utf8)) }
            client.answer(200, text: "final")
        }
        #expect(status == 200 && body == "final")
    }

    @Test(arguments: [
        "FFFFFFFFFFFFFFFFF\r\nabc", "-1\r\nabc", "zz\r\nabc", "5;\u{1}\r\nabc", "\r\n", "3\r\nabcdef\r\n0\r\n\r\n",
    ])
    func aChunkThatLiesIsFoundOut(_ body: String) async {
        let error = await failure {
            try await answer { _, client in
                client.send(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(body)".utf8))
                client.hangUp()
            }
        }
        #expect(error?.kind == .unreachable)
    }

    @Test func chunksWithoutEndAreCutOff() async {
        let error = await failure {
            try await answer { _, client in
                client.send(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
                let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 0, count: 65_536) + [0x0D, 0x0A]
                while client.send(chunk) {}
            }
        }
        #expect(error?.kind == .tooLarge)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nabcdef",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabcdef",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nabcdef",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX\u{0}: y\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\n: y\r\n\r\n",
        "HTTP/1.1 20x OK\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "\r\n\r\n\r\n\r\n", "",
    ])
    func whatIsNoAnswerIsAnError(_ text: String) async {
        let error = await failure {
            try await answer(stall: 2) { _, client in
                client.send(Array(text.utf8))
                client.hangUp()
            }
        }
        #expect(error?.kind == .unreachable, "\(text)")
        #expect(error?.message.contains("127.0.0.1:") == true)
    }

    /// A second answer behind the first belongs to nobody.
    @Test func anAnswerThatNobodyAskedForIsNotTheNextOnes() async throws {
        let count = Mutex(0)
        let server = try LoopbackServer { _, client in
            let number = count.withLock { count in
                count += 1
                return count
            }
            client.answer(200, text: "answer \(number)")
            client.answer(200, text: "smuggled")
        }
        defer { server.stop() }
        let transport = try HTTPTransport()
        for _ in 0..<5 {
            let sink = MemorySink(name: "x", limit: 100)
            do {
                _ = try await transport.send(TransportRequest(.get, try Locator(server.url)), into: sink)
                #expect(String(decoding: sink.bytes, as: UTF8.self).hasPrefix("answer"))
            } catch let error as FetchError {
                // Whoever finds the connection in disorder may close it.
                #expect(error.kind == .unreachable)
            }
        }
    }

    @Test(arguments: [
        "/a\u{1}b", "http://", "http://[::1", "javascript:alert(1)", "http://user@/",
        String(repeating: "a", count: 20_000),
    ])
    func aRedirectThatLeadsNowhereIsAnError(_ location: String) async {
        let error = await failure {
            try await answer { request, client in
                guard request.path == "/a" else { return client.answer(404) }
                client.answer(302, headers: [("Location", location)])
            }
        }
        // A name that is no URL is a path below the first one, and not there.
        #expect(error == nil || [.invalidURL, .redirect, .unreachable].contains(error?.kind))
    }

    @Test(arguments: ["gzip", "deflate", "br", "GZIP, identity"])
    func nothingIsDecompressed(_ coding: String) async {
        let error = await failure {
            try await answer { _, client in client.answer(200, headers: [("Content-Encoding", coding)], text: "x") }
        }
        #expect(error?.kind == .refused)
    }

    @Test func aHeadThatTricklesInIsSilence() async {
        let error = await failure {
            try await answer(stall: 1) { _, client in
                client.send(Array("HTTP/1.1 200 OK\r\n".utf8))
                for _ in 0..<100 {
                    client.pause(milliseconds: 50)
                    if !client.send(Array("X: y\r\n".utf8)) { break }
                }
            }
        }
        #expect(error?.kind == .unreachable)
        #expect(error?.message.contains("silent") == true)
    }

    /// Of an error's body as much is kept as a person reads, and the rest is not waited for.
    @Test func anErrorWithoutEndIsAnAnswer() async throws {
        let (status, body) = try await answer { _, client in
            client.send(Array("HTTP/1.1 500 No\r\n\r\n".utf8))
            while client.send([UInt8](repeating: 0x61, count: 65_536)) {}
        }
        #expect(status == 500)
        #expect(body == String(repeating: "a", count: 65_536))
    }

    @Test func aLongUnwantedBodyCostsTheConnectionAndNotTheAnswer() async throws {
        let server = try LoopbackServer { _, client in
            client.send(Array("HTTP/1.1 404 No\r\n\r\n".utf8))
            while client.send([UInt8](repeating: 0x20, count: 65_536)) {}
        }
        defer { server.stop() }
        let sink = MemorySink(name: "x", limit: 100)
        let head = try await HTTPTransport().send(TransportRequest(.get, try Locator(server.url)), into: sink)
        #expect(head.status == 404 && sink.bytes.isEmpty)
    }
}
