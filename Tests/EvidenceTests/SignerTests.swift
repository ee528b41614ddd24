// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import Glibc
internal import OCI
internal import SignerService
internal import Signing
internal import TestSupport
internal import Testing
internal import Verification

@Suite("Signer")
struct SignerTests {
    private let directory: EvidenceTests.TemporaryDirectory
    private var socket: String { directory.path + "/s" }

    init() throws { directory = try EvidenceTests.TemporaryDirectory() }

    private func server(
        policy: SignerPolicy = SignerFixture.policy(),
        log: AuditLog? = nil,
        limits: (inout SignerServer.Limits) -> Void = { _ in }
    ) throws -> SignerServer {
        var all = SignerServer.Limits()
        limits(&all)
        return try SignerServer(
            SigningService(
                signer: KeySigner(EvidenceFixture.key()),
                policy: policy,
                log: log ?? SignerFixture.log(directory)
            ),
            path: socket,
            limits: all
        )
    }

    private func connect(pinned: PublicKey? = nil) async throws -> RemoteSigner {
        try await RemoteSigner(RemoteSigner.channel("unix:\(socket)"), pinned: pinned)
    }

    /// The error that a signer's work ends with.
    private func failure(_ work: () async throws -> some Any) async -> SigningError? {
        do {
            _ = try await work()
            return nil
        } catch {
            return error as? SigningError
        }
    }

    // MARK: Socket

    @Test func givesTheEvidenceThatTheKeyItselfGives() async throws {
        let server = try server()
        defer { server.stop() }
        let direct = try await Workbench.make()
        let signer = try await connect()
        #expect(signer.publicKey == (try EvidenceFixture.key().publicKey))
        // This very process listens: whoever builds could read the key, and no more is claimed.
        #expect(signer.isKeyAtHand)
        let asked = try await Workbench.make(signer: signer)
        #expect(asked.draft.entries == direct.draft.entries)
        let lines = try SignerFixture.lines(directory)
        #expect(lines.allSatisfy { $0["outcome"]?.text == "signed" && $0["uid"]?.int == Int(geteuid()) })
        // Three manifests, each with two signatures, and every statement once.
        let bundles = asked.draft.entries.filter { $0.artifactType == MediaType.bundle }
        #expect(lines.filter { $0["use"]?.text == "simple-signing" }.count == 3)
        #expect(lines.count > 6 && lines.count <= 3 + bundles.count)
    }

    @Test func refusesWithTheReasonAndWritesItDown() async throws {
        let server = try server()
        defer { server.stop() }
        let signer = try await connect()
        let statement = SignerFixture.provenance(builder: "https://builder.example/hosted/v1").bytes
        let error = await failure { try await signer.sign(.statement(statement)) }
        #expect(error?.kind == .refused)
        #expect(error?.message.contains("https://builder.example/hosted/v1") == true)
        let line = try #require(try SignerFixture.lines(directory).last)
        #expect(line["outcome"]?.text == "refused")
        #expect(line["payload"]?.text == Digest.of(statement).description)
    }

    @Test func answersOnlyUsersThatThePolicyNames() async throws {
        var policy = SignerFixture.policy()
        policy.peers = [geteuid() + 1]
        let server = try server(policy: policy)
        defer { server.stop() }
        let error = await failure { try await connect() }
        #expect(error?.kind == .refused)
        let big = [UInt8](repeating: 0x20, count: 8 << 20)
        let pinned = try EvidenceFixture.key().publicKey
        let signer = try await connect(pinned: pinned)
        // Also when there is more to send than a socket's buffers take.
        #expect(await failure { try await signer.sign(.statement(big)) }?.kind == .refused)
        let outcomes = try SignerFixture.lines(directory).map { $0["outcome"]?.text }
        #expect(!outcomes.isEmpty && outcomes.allSatisfy { $0 == "turned-away" })
    }

    @Test func believesNoOtherKeyThanThePinnedOne() async throws {
        let server = try server()
        defer { server.stop() }
        let signer = try await connect(pinned: PrivateKey.generate().publicKey)
        let error = await failure { try await signer.sign(.statement(SignerFixture.provenance().bytes)) }
        #expect(error?.kind == .unavailable && error?.message.contains("signature") == true)
    }

    @Test func givesNoSignatureThatIsNotWrittenDown() async throws {
        let server = try server(log: AuditLog(path: "/dev/full") { 0 })
        defer { server.stop() }
        let signer = try await connect()
        let error = await failure { try await signer.sign(.statement(SignerFixture.provenance().bytes)) }
        #expect(error?.kind == .unavailable)
    }

    @Test func appendsToItsLog() async throws {
        _ = try directory.write("{\"time\":\"before\"}\n", to: "log")
        let server = try server()
        defer { server.stop() }
        _ = try await connect().sign(.statement(SignerFixture.provenance().bytes))
        let lines = try SignerFixture.lines(directory)
        #expect(lines.count == 2 && lines[0]["time"]?.text == "before")
        #expect(lines[1]["builder"]?.text == Namespace().localBuilder)
        #expect(lines[1]["time"]?.text == "2025-01-01T00:00:00Z")
    }

    @Test func endsWaitingForThoseWhoSayNothing() async throws {
        let server = try server { $0.duration = .milliseconds(50) }
        defer { server.stop() }
        // More than there are threads, and all of them silent.
        let silent = try (0..<6).map { _ in try RawClient(socket) }
        #expect(try await connect().publicKey == EvidenceFixture.key().publicKey)
        for client in silent { #expect(await client.readAll().contains("too long")) }
    }

    @Test func refusesLongAndBrokenRequests() async throws {
        let server = try server { $0.request = 1000 }
        defer { server.stop() }
        for request in [
            String(repeating: " ", count: 1001), " ", "{", "[]", #"{"version":2,"operation":"public-key"}"#,
            #"{"version":1,"operation":"export-key"}"#, #"{"version":1,"operation":"public-key","more":1}"#,
            #"{"version":1,"operation":"sign"}"#,
        ] {
            let client = try RawClient(socket)
            client.send(request)
            #expect(await client.readAll().contains("\"error\""), "\(request.prefix(50))")
        }
    }

    /// The digests of a request are checked against what the signer computes itself.
    @Test func refusesDigestsOfSomethingElse() throws {
        let request = SignerRequest.sign(.statement(SignerFixture.provenance().bytes))
        #expect(try SignerRequest(parsing: request.bytes) == request)
        let text = String(decoding: request.bytes, as: UTF8.self)
        let digest = Digest.of(SignerFixture.provenance().bytes).hex
        let other = Digest.of("other").hex
        #expect(throws: SigningError.self) {
            try SignerRequest(parsing: Array(text.replacing(digest, with: other).utf8))
        }
        #expect(throws: SigningError.self) {
            try SignerRequest(parsing: Array(text.replacing("vnd.in-toto+json", with: "json").utf8))
        }
    }

    @Test func takesThePlaceOfADeadSignerAndOfNothingElse() throws {
        let first = try server()
        #expect(throws: SigningError.self) { try server() }
        first.stop()
        // A file is no socket; a socket that nobody listens at is what a killed signer leaves.
        _ = try directory.write("", to: "s")
        #expect(throws: SigningError.self) { try server() }
        try FileManager.default.removeItem(atPath: socket)
        RawClient.abandon(socket)
        try server().stop()
        #expect(!FileManager.default.fileExists(atPath: socket))
        #expect(throws: SigningError.self) { try SocketChannel(path: String(repeating: "x", count: 200)) }
    }
}

/// A client that does as it likes.
private final class RawClient: Sendable {
    private let descriptor: Int32

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    init(_ path: String) throws {
        descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let result = Self.withAddress(path) { connect(descriptor, $0, $1) }
        try #require(result == 0)
    }

    deinit { close(descriptor) }

    /// Leaves a socket behind that nobody listens at.
    static func abandon(_ path: String) {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        _ = withAddress(path) { bind(descriptor, $0, $1) }
        close(descriptor)
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Waits on a thread of its own: the server answers on those that tests share.
    func readAll() async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [descriptor] in
                var all: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                while true {
                    let count = read(descriptor, &buffer, buffer.count)
                    if count <= 0 { break }
                    all += buffer[..<count]
                }
                continuation.resume(returning: String(decoding: all, as: UTF8.self))
            }
        }
    }
}
