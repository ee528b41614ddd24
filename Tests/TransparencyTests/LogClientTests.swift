// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Fetching
internal import Signing
internal import Synchronization
internal import TestSupport
internal import Testing
internal import Transparency

/// The log's client against a log of the tests' own, which serves tiles by the specification (C2SP tlog-tiles), or trouble.
@Suite struct LogClientTests {
    private static func item(_ key: PrivateKey) throws -> SignedItem {
        let message = Array("message".utf8)
        return SignedItem(
            signature: try key.sign(message),
            verifier: .key(key.publicKey),
            envelope: nil,
            digests: [.of(message)]
        )
    }

    private static func body(_ item: SignedItem, _ key: PrivateKey) -> [UInt8] {
        let verifier: JSON = [
            "publicKey": ["rawBytes": .string(Base64.encode(key.publicKey.der))],
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
        ]
        let record: JSON = [
            "data": ["algorithm": "SHA2_256", "digest": .string(Base64.encode(item.digests[0].bytes))],
            "signature": ["content": .string(Base64.encode(item.signature)), "verifier": verifier],
        ]
        let json: JSON = ["apiVersion": "0.0.2", "kind": "hashedrekord", "spec": ["hashedRekordV002": record]]
        return json.canonical
    }

    private static let retries = RetrySchedule(delays: [.zero, .zero], sleep: { _ in })

    private static func client(_ server: LoopbackServer) throws -> LogClient {
        LogClient(try Locator(server.url), transport: try HTTPTransport(), retries: retries)
    }

    /// The files of a log, by path below `api/v2`.
    private static func files(_ entries: [[UInt8]]) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        func put(_ name: String, _ pieces: [[UInt8]]) {
            for start in stride(from: 0, to: pieces.count, by: 256) {
                let part = pieces[start..<min(start + 256, pieces.count)]
                let digits = String(start / 256)
                let number = String(repeating: "0", count: 3 - digits.count) + digits
                files["\(name)/\(number)" + (part.count < 256 ? ".p/\(part.count)" : "")] = Array(part.joined())
            }
        }
        put("tile/entries", entries.map { [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 })
        var level = entries.map { MerkleTree.leaf($0) }
        put("tile/0", level)
        for _ in 0..<8 {
            level = stride(from: 0, to: level.count - 1, by: 2).map { MerkleTree.node(level[$0], level[$0 + 1]) }
        }
        put("tile/1", level)
        return files
    }

    @Test(arguments: [
        (1, 0), (2, 1), (255, 254), (256, 0), (257, 256), (600, 0), (600, 255), (600, 511), (600, 599), (700, 300),
    ])
    func existingEntryIsProvenFromTiles(_ size: Int, _ index: Int) async throws {
        let key = try PrivateKey.generate()
        let item = try Self.item(key)
        var entries = (0..<size).map { Array("entry \($0)".utf8) }
        entries[index] = Self.body(item, key)
        let root = MerkleTreeTests.root(entries)
        let note = "log.example\n\(size)\n\(Base64.encode(root))\n\n\u{2014} log.example AAAAAAAA\n"
        var files = Self.files(entries)
        files["checkpoint"] = Array(note.utf8)
        let known = files
        let server = try LoopbackServer { request, connection in
            if request.method == "POST" {
                let text = "an equivalent entry already exists in the transparency log with index \(index)"
                return connection.answer(409, body: JSON.object([("code", 6), ("message", .string(text))]).compact)
            }
            let bytes = known[String(request.path.dropFirst("/api/v2/".count))]
            connection.answer(bytes == nil ? 404 : 200, body: bytes ?? [])
        }
        defer { server.stop() }
        let client = try Self.client(server)
        guard case .existing(let found) = try await client.submit(item) else {
            Issue.record("the log's answer was not understood")
            return
        }
        #expect(found == index)
        let entry = try await client.entry(at: found, about: item) { _ in [1, 2, 3, 4] }
        #expect(entry.entry.proof?.hashes == MerkleTreeTests.path(index, entries))
        #expect(entry.entry.body == entries[index])
        await #expect(throws: TransparencyError.self) { try await client.entry(at: found, about: item) { _ in nil } }
        if size > 1 {
            // Another entry than the one that was signed.
            await #expect(throws: TransparencyError.self) {
                try await client.entry(at: (index + 1) % size, about: item) { _ in [1, 2, 3, 4] }
            }
        }
        await #expect(throws: TransparencyError.self) { try await client.entry(at: size, about: item) { _ in [1] } }
    }

    @Test(arguments: [
        (200, "{}"), (201, "not JSON"), (201, #"{"logIndex":"0"}"#), (400, "dsse is not supported"), (404, ""),
        (409, #"{"message":"an equal entry"}"#), (409, #"{"message":"exists with index -3"}"#), (503, "later"),
    ])
    func uselessAnswerIsAnErrorThatNamesTheLog(_ status: Int, _ text: String) async throws {
        let server = try LoopbackServer { _, connection in connection.answer(status, text: text) }
        defer { server.stop() }
        let key = try PrivateKey.generate()
        let client = try Self.client(server)
        let error = await #expect(throws: TransparencyError.self) { try await client.submit(try Self.item(key)) }
        #expect(error?.kind == .log)
        #expect(error?.message.contains(server.url) == true)
        #expect(server.requests.count == (status == 503 ? 3 : 1))
    }

    @Test func endlessAnswerIsCutOff() async throws {
        let server = try LoopbackServer { _, connection in
            connection.answer(201, headers: [("Content-Length", "99999999999")])
        }
        defer { server.stop() }
        let key = try PrivateKey.generate()
        let client = try Self.client(server)
        await #expect(throws: TransparencyError.self) { try await client.submit(try Self.item(key)) }
    }

    @Test(arguments: [[], [0x30, 0x03, 0x02, 0x01, 0x02], [UInt8](repeating: 0x30, count: 100_000)])
    func uselessTimestampIsRefused(_ answer: [UInt8]) async throws {
        let server = try LoopbackServer { _, connection in connection.answer(200, body: answer) }
        defer { server.stop() }
        let client = TimestampClient(
            try Locator(server.url),
            transport: try HTTPTransport(),
            retries: Self.retries
        )
        let error = await #expect(throws: TransparencyError.self) { try await client.stamp([1, 2, 3]) }
        #expect(error?.kind == .authority)
    }
}
