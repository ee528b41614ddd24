// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Diagnostics
import Synchronization
import TestSupport
import Testing

@testable import Fetching

/// What the tests of downloads share: a store, a server, a clock that does not wait, and what was observed.
final class DownloadBench: Sendable {
    let directory: TemporaryDirectory
    let store: Store
    let downloader: Downloader
    /// - Parameter stall: seconds without data after which a transfer is given up.
    init(stall: Int = 30, patience: Duration = .seconds(30), width: Int = 8) throws {
        directory = try TemporaryDirectory()
        store = try Store(at: directory.path("store"))
        var http = HTTPTransport.Settings()
        http.stallTimeout = stall
        let recorder = Recorder()
        var settings = Downloader.Settings()
        settings.width = width
        settings.patience = patience
        settings.retries = RetrySchedule(sleep: { duration in
            recorder.slept.withLock { $0.append(duration) }
            await Task.yield()
        })
        downloader = Downloader(
            store: store,
            transport: AnyTransport(http: try HTTPTransport(http)),
            settings: settings,
            observer: { event in recorder.events.withLock { $0.append(event) } }
        )
        self.recorder = recorder
    }

    private final class Recorder: Sendable {
        let slept = Mutex<[Duration]>([])
        let events = Mutex<[FetchProgress]>([])
    }
    private let recorder: Recorder

    var sleeps: [Duration] { recorder.slept.withLock { $0 } }
    var progress: [FetchProgress] { recorder.events.withLock { $0 } }

    func item(_ urls: String...) throws -> Downloader.Item {
        Downloader.Item(
            name: "pool/a.deb of debian",
            sources: try urls.map { (url) throws(FetchError) in try Locator(url) }
        )
    }

    /// The files of the store but locks and references.
    var files: [String] {
        directory.files(below: "store").filter { !$0.hasSuffix(".lock") && !$0.hasPrefix("refs/") }
    }
}

/// The error that work ends with.
func failure(of work: () async throws -> some Any) async -> FetchError? {
    do {
        _ = try await work()
        return nil
    } catch {
        return error as? FetchError
    }
}

/// Some bytes that no prefix repeats in.
func payload(_ count: Int) -> [UInt8] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

@Suite struct DownloaderTests {
    private let body = payload(300_000)
    private var digest: Digest { .of(body) }

    @Test func contentArrivesAndIsNotFetchedTwice() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { [body] _, client in client.answer(200, body: body) }
        defer { server.stop() }
        let item = try bench.item(server.url + "/debian/pool/a.deb")
        let path = try await bench.downloader.file(item, sha256: digest, size: body.count)
        #expect(try Files.read(path, limit: 1 << 20) == body)
        #expect(try await bench.downloader.file(item, sha256: digest, size: body.count) == path)
        #expect(server.requests.map(\.target) == ["/debian/pool/a.deb"])
        #expect(bench.files.count == 1)
        #expect(bench.progress.last?.state == .present)
        let finished = FetchProgress(item: "pool/a.deb of debian", received: 300_000, total: 300_000, state: .finished)
        #expect(bench.progress.contains(finished))
    }

    @Test func manyTasksShareOneDownload() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { [body] _, client in
            client.pause(milliseconds: 50)
            client.answer(200, body: body)
        }
        defer { server.stop() }
        let item = try bench.item(server.url + "/a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<12 {
                group.addTask { [digest] in _ = try await bench.downloader.file(item, sha256: digest, size: nil) }
            }
            try await group.waitForAll()
        }
        #expect(server.requests.count == 1)
    }

    @Test func noMoreThanTheWidthRunAtATimeAndConnectionsAreKept() async throws {
        let bench = try DownloadBench(width: 4)
        let running = Mutex((now: 0, most: 0))
        let server = try LoopbackServer { request, client in
            running.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            client.pause(milliseconds: 10)
            running.withLock { $0.now -= 1 }
            client.answer(200, text: request.target)
        }
        defer { server.stop() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                let item = try bench.item("\(server.url)/\(number)")
                group.addTask { _ = try await bench.downloader.file(item, sha256: .of("/\(number)"), size: nil) }
            }
            try await group.waitForAll()
        }
        #expect((2...4).contains(running.withLock { $0.most }))
        #expect(bench.files.count == 40)
        // A connection that the server closed at the wrong moment is made anew; forty would be one for each file.
        #expect(server.connections < 20)
    }

    @Test func wrongBytesNameThePathAndBothDigestsAndLeaveNothing() async throws {
        let bench = try DownloadBench()
        var wrong = body
        wrong[1_000] ^= 1
        let server = try LoopbackServer { [wrong] _, client in client.answer(200, body: wrong) }
        defer { server.stop() }
        let item = try bench.item(server.url + "/a")
        let error = await failure { try await bench.downloader.file(item, sha256: digest, size: body.count) }
        #expect(error?.kind == .hashMismatch)
        for part in ["pool/a.deb of debian", digest.hex, Digest.of(wrong).hex] {
            #expect(error?.message.contains(part) == true)
        }
        #expect(bench.files == [])
        #expect(server.requests.count == 1)
    }

    @Test func anotherMirrorHelpsOutOfWrongBytes() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { [body] request, client in
            client.answer(200, body: request.target == "/good" ? body : Array(body.reversed()))
        }
        defer { server.stop() }
        let item = try bench.item(server.url + "/bad", server.url + "/good")
        let path = try await bench.downloader.file(item, sha256: digest, size: body.count)
        #expect(try Files.read(path, limit: 1 << 20) == body)
        #expect(bench.sleeps == [])
    }

    @Test func troubleIsRetriedOnAFixedSchedule() async throws {
        let bench = try DownloadBench()
        let count = Mutex(0)
        let server = try LoopbackServer { [body] _, client in
            let number = count.withLock { count in
                count += 1
                return count
            }
            switch number {
            case 1: client.answer(500)
            case 2: client.answer(429, headers: [("Retry-After", "7")])
            case 3: client.answer(503, headers: [("Retry-After", "86400")])
            default: client.answer(200, body: body)
            }
        }
        defer { server.stop() }
        let item = try bench.item(server.url + "/a")
        _ = try await bench.downloader.file(item, sha256: digest, size: body.count)
        #expect(bench.sleeps == [.milliseconds(250), .seconds(7), .seconds(60)])
    }

    @Test func troubleWithoutEndIsAnErrorAfterSixAttempts() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { _, client in client.answer(502) }
        defer { server.stop() }
        let item = try bench.item(server.url + "/a")
        let error = await failure { try await bench.downloader.file(item, sha256: digest, size: nil) }
        #expect(error?.kind == .unreachable)
        #expect(error?.message.contains("502") == true)
        #expect(server.requests.count == 6)
    }

    @Test func whatIsNotThereIsToldFromWhoCannotBeReached() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { _, client in client.answer(404, text: "no") }
        let item = try bench.item(server.url + "/a")
        let absent = await failure { try await bench.downloader.file(item, sha256: digest, size: nil) }
        #expect(absent?.kind == .notFound)
        #expect(bench.sleeps == [])
        #expect(try await bench.downloader.bytes(item, limit: 100) == nil)
        server.stop()
        let silent = await failure { try await bench.downloader.file(item, sha256: digest, size: nil) }
        #expect(silent?.kind == .unreachable)
        #expect(await failure { try await bench.downloader.bytes(item, limit: 100) }?.kind == .unreachable)
        #expect(bench.files == [])
    }

    @Test(arguments: [(401, FetchError.Code.unauthorized), (403, .unauthorized), (400, .refused), (410, .notFound)])
    func otherAnswersAreNotRetried(_ status: Int, _ kind: FetchError.Code) async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { _, client in client.answer(status) }
        defer { server.stop() }
        let item = try bench.item(server.url + "/a")
        #expect(await failure { try await bench.downloader.file(item, sha256: digest, size: nil) }?.kind == kind)
        #expect(server.requests.count == 1)
    }

    /// Whoever states a size does not choose what is too large.
    @Test func aStatedSizeAboveTheLimitIsRefusedBeforeAnythingIsAskedFor() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { [body] _, client in client.answer(200, body: body) }
        defer { server.stop() }
        let item = try bench.item(server.url + "/a")
        let file = await failure {
            try await bench.downloader.file(item, sha256: digest, size: body.count, limit: body.count - 1)
        }
        #expect(file?.kind == .tooLarge)
        let unnamed = await failure {
            try await bench.downloader.unnamedFile(item, size: body.count, limit: body.count - 1)
        }
        #expect(unnamed?.kind == .tooLarge)
        #expect(server.requests.isEmpty)
        _ = try await bench.downloader.file(item, sha256: digest, size: body.count, limit: body.count)
    }

    @Test(arguments: [
        (401, ServerKind.repository, "netrc"), (401, .registry, "REGISTRY_AUTH_FILE"), (404, .repository, "suite"),
        (404, .registry, "push"), (503, .repository, "mirror"), (503, .registry, "later"), (407, .registry, "proxy"),
    ])
    func adviceFitsTheServer(_ status: Int, _ server: ServerKind, _ word: String) throws {
        let head = ResponseHead(status: status, headers: [], url: try Locator("https://h.example/a"))
        let hint = FetchError.status(head, "x", from: server).hint
        #expect(hint?.contains(word) == true)
        #expect(server == .repository || ["netrc", "suite", "mirror"].allSatisfy { hint?.contains($0) == false })
    }

    @Test func credentialsStayOutOfMessages() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { _, client in client.answer(500) }
        defer { server.stop() }
        let item = try bench.item("http://user:secret@127.0.0.1:\(server.port)/a?signature=secret")
        let error = await failure { try await bench.downloader.file(item, sha256: digest, size: nil) }
        #expect(error?.description.contains("secret") == false)
        // The server did get them: "user:secret" in base64 (RFC 4648).
        #expect(server.requests.first?.headers["authorization"] == "Basic dXNlcjpzZWNyZXQ=")
    }

    @Test func filesOfThisMachineAreCheckedLikeAnyOther() async throws {
        let bench = try DownloadBench()
        let good = try bench.directory.write(body, to: "mirror/pool/a+b.deb")
        let base = try Locator("file://" + bench.directory.path("mirror"))
        let item = Downloader.Item(name: "a", sources: [base.appending("pool/a+b.deb")])
        let path = try await bench.downloader.file(item, sha256: digest, size: body.count)
        #expect(path != good)
        #expect(try Files.read(path, limit: 1 << 20) == body)
        let other = await failure { try await bench.downloader.file(item, sha256: .of("x"), size: nil) }
        #expect(other?.kind == .hashMismatch)
        let short = await failure { try await bench.downloader.file(item, sha256: .of("y"), size: body.count + 1) }
        #expect(short?.kind == .sizeMismatch)
        let absent = Downloader.Item(name: "b", sources: [base.appending("none")])
        #expect(await failure { try await bench.downloader.file(absent, sha256: .of("z"), size: 1) }?.kind == .notFound)
        #expect(try await bench.downloader.bytes(absent, limit: 10) == nil)
        #expect(bench.files.count == 1)
    }

    @Test func contentOfUnknownDigestIsStoredUnderTheDigestThatItHas() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { [body] request, client in
            request.target == "/a" ? client.answer(200, body: body) : client.answer(404)
        }
        defer { server.stop() }
        #expect(try await bench.downloader.unnamedFile(bench.item(server.url + "/a"), size: body.count) == digest)
        #expect(bench.store.path(of: digest) != nil)
        let item = try bench.item(server.url + "/a")
        #expect(await failure { try await bench.downloader.unnamedFile(item, size: 5) }?.kind == .tooLarge)
        #expect(await failure { try await bench.downloader.unnamedFile(item, size: 300_001) }?.kind == .sizeMismatch)
        #expect(try await bench.downloader.unnamedFile(bench.item(server.url + "/none"), size: nil) == nil)
        #expect(bench.files.count == 1)
    }
}
