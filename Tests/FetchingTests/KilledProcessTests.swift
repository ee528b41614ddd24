// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Fetching

/// What happens to a store when processes die, compete, or may not write.
@Suite struct KilledProcessTests {
    private let body = payload(500_000)
    private var digest: Digest { .of(body) }

    @Test func theNextRunGoesOnWhereAKilledOneStopped() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { [body] request, client in
            let start = request.headers["range"].flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0
            let range = ("Content-Range", "bytes \(start)-\(body.count - 1)/\(body.count)")
            if start > 0 { return client.answer(206, headers: [range], body: Array(body[start...])) }
            client.send(Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8))
            client.send(Array(body.prefix(200_000)))
            client.pause(milliseconds: 10_000)
            client.hangUp()
        }
        defer { server.stop() }
        let root = bench.store.root
        let url = server.url + "/a"
        let text = digest.description
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [root = root as String, url = url as String, text = text as String] in
            let store = try Store(at: root)
            let writer = try store.writer()
            try writer.write([1, 2, 3])
            let downloader = Downloader(store: store, transport: try HTTPTransport()) { event in
                if event.received >= 200_000 { kill(getpid(), SIGKILL) }
            }
            let digest = try #require(Digest(text))
            _ = try await downloader.file(.init(name: "a", sources: [Locator(url)]), sha256: digest, size: 500_000)
        }
        #expect(bench.files.contains("partial/\(digest.hex)"))
        #expect(bench.files.contains { $0.hasPrefix("tmp/") })
        #expect(bench.store.path(of: digest) == nil)

        let store = try Store(at: root)
        let downloader = Downloader(store: store, transport: try HTTPTransport())
        let path = try await downloader.file(bench.item(url), sha256: digest, size: body.count)
        #expect(try Files.read(path, limit: 1 << 20) == body)
        #expect(server.requests.map { $0.headers["range"] } == [nil, "bytes=200000-"])
        #expect(bench.files.count == 1)
    }

    @Test func processesShareOneDownload() async throws {
        let bench = try DownloadBench()
        let server = try LoopbackServer { [body] _, client in
            client.send(Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8))
            client.send(Array(body.prefix(250_000)))
            client.pause(milliseconds: 1_500)
            client.send(Array(body.dropFirst(250_000)))
        }
        defer { server.stop() }
        let root = bench.store.root
        let url = server.url + "/a"
        let text = digest.description
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    await #expect(processExitsWith: .success) {
                        [root = root as String, url = url as String, text = text as String] in
                        let downloader = Downloader(store: try Store(at: root), transport: try HTTPTransport())
                        let digest = try #require(Digest(text))
                        let item = Downloader.Item(name: "a", sources: [try Locator(url)])
                        _ = try await downloader.file(item, sha256: digest, size: 500_000)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(bench.store.path(of: digest) != nil)
        #expect(bench.files.count == 1)
        // How far the processes overlap is the system's choice; who comes later finds the object or waits for it.
        #expect(server.requests.count == 1)
    }

    @Test func aPartialFileThatSomeoneSitsOnIsGoneRound() async throws {
        let bench = try DownloadBench(patience: .milliseconds(500))
        let server = try LoopbackServer { [body] _, client in client.answer(200, body: body) }
        defer { server.stop() }
        let path = try bench.directory.write([1], to: "store/partial/\(digest.hex)")
        let other = try OpenFile(path, flags: O_RDWR, action: "lock")
        #expect(other.tryLock())
        _ = try await bench.downloader.file(bench.item(server.url + "/a"), sha256: digest, size: body.count)
        #expect(bench.store.path(of: digest) != nil)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become someone who may not write"))
    func aReadOnlyStoreServesReadingAndSaysWhatElseItIs() async throws {
        let bench = try DownloadBench()
        _ = try bench.store.put(Array("abc".utf8))
        let root = bench.store.root
        chmod(bench.directory.path, 0o755)
        await #expect(processExitsWith: .success) { [root = root as String] in
            try #require(setgid(65_534) == 0 && setuid(65_534) == 0)
            let store = try Store(at: root)
            #expect(try store.bytes(of: .of("abc")) == Array("abc".utf8))
            #expect(try store.put(Array("abc".utf8)) == .of("abc"))
            let error = await failure { try store.put(Array("other".utf8)) }
            #expect(error?.kind == .readOnly)
            #expect(error?.hint?.contains("BASALT_STORE") == true)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can mount a small file system"))
    func aFullDiskIsSaidAndNothingHalfWrittenStays() async throws {
        let bench = try DownloadBench()
        let place = try TemporaryDirectory()
        let directory = place.path
        guard mount("tmpfs", directory, "tmpfs", 0, "size=256k") == 0 else {
            withKnownIssue("a file system cannot be mounted here") { Issue.record("mount: errno \(errno)") }
            return
        }
        defer { umount2(directory, Int32(MNT_DETACH)) }
        let server = try LoopbackServer { [body] _, client in client.answer(200, body: body) }
        defer { server.stop() }
        let store = try Store(at: directory + "/store")
        let downloader = Downloader(store: store, transport: try HTTPTransport())
        let item = try bench.item(server.url + "/a")
        let download = await failure { try await downloader.file(item, sha256: digest, size: body.count) }
        #expect(download?.kind == .diskFull)
        #expect(await failure { try store.put(body) }?.kind == .diskFull)
        let derived = await failure {
            try await store.derived(from: digest, form: "a") { try OpenFile.creating($0).write(body) }
        }
        #expect(derived?.kind == .diskFull)
        #expect(place.files(below: "store").filter { !$0.hasSuffix(".lock") } == [])
        #expect(try store.put(Array("small".utf8)) == .of("small"))
    }
}
