// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Diagnostics
import Packages
import TestSupport
import Testing

@testable import Building
@testable import Fetching

@Suite struct MirroredAccessTests {
    private let directory: TemporaryDirectory
    private let store: Store
    private let debian = Repository(id: "debian", url: nil, suite: "trixie", components: ["main"])
    private let inRelease = "dists/trixie/InRelease"

    init() throws {
        directory = try TemporaryDirectory()
        store = try Store(at: directory.path("store"))
    }

    private func access(_ change: (inout MirroredAccess.Options) -> Void = { _ in }) throws -> MirroredAccess {
        let mirrors = try Mirrors(flags: ["debian=file://\(directory.path("mirror"))"])
        var options = MirroredAccess.Options(mirrors: mirrors, now: 1_700_000_000)
        change(&options)
        var settings = Downloader.Settings()
        settings.retries = RetrySchedule(sleep: { _ in })
        let transport = AnyTransport(http: try HTTPTransport())
        return MirroredAccess(
            downloader: Downloader(store: store, transport: transport, settings: settings),
            options: options
        )
    }

    private func error(_ work: () async throws -> some Any) async -> FetchError? {
        do {
            _ = try await work()
            return nil
        } catch {
            return error as? FetchError
        }
    }

    private func package(_ name: String, _ bytes: [UInt8], checksum: String? = nil) throws -> Package {
        try directory.write(bytes, to: "mirror/pool/\(name).deb")
        return Package(
            name: name,
            version: "1",
            architecture: "amd64",
            source: .init(name: name, version: "1"),
            sha256: checksum == nil ? .of(bytes) : nil,
            checksum: checksum,
            size: bytes.count,
            installedSize: 0,
            path: "pool/\(name).deb",
            repository: "debian"
        )
    }

    @Test func anIndexIsRememberedForOfflineRunsOnceItProvedGood() async throws {
        try directory.write(Array("good".utf8), to: "mirror/" + inRelease)
        let online = try access()
        #expect(try await online.index(inRelease, of: debian, limit: 100) == Array("good".utf8))
        let early = await error { try await access { $0.isOffline = true }.index(inRelease, of: debian, limit: 100) }
        #expect(early?.kind == .offline)
        #expect(early?.message.contains("dists/trixie/InRelease of debian") == true)
        try online.keepIndexes()
        let offline = try access { $0.isOffline = true }
        #expect(try await offline.index(inRelease, of: debian, limit: 100) == Array("good".utf8))

        // A tampered one is never shown to be good, and does not take its place.
        try directory.write(Array("tampered".utf8), to: "mirror/" + inRelease)
        #expect(try await access().index(inRelease, of: debian, limit: 100) == Array("tampered".utf8))
        #expect(try await offline.index(inRelease, of: debian, limit: 100) == Array("good".utf8))
    }

    @Test func anArchiveThatMovesOnGivesOneRunOneIndex() async throws {
        let run = FreshIndexes()
        try directory.write(Array("first".utf8), to: "mirror/" + inRelease)
        let amd64 = try access { $0.fresh = run }
        #expect(try await amd64.index(inRelease, of: debian, limit: 100) == Array("first".utf8))
        try directory.write(Array("second".utf8), to: "mirror/" + inRelease)
        let arm64 = try access { $0.fresh = run }
        #expect(try await arm64.index(inRelease, of: debian, limit: 100) == Array("first".utf8))
        #expect(arm64.record == amd64.record)
        // Another path and another run ask the mirror.
        #expect(try await arm64.index("dists/trixie/Release", of: debian, limit: 100) == nil)
        #expect(try await access().index(inRelease, of: debian, limit: 100) == Array("second".utf8))
    }

    @Test func fetchingWhatAnIndexListsShowsThatItIsGood() async throws {
        try directory.write(Array("good".utf8), to: "mirror/" + inRelease)
        try directory.write(Array("list".utf8), to: "mirror/dists/trixie/main/Packages.xz")
        let online = try access()
        _ = try await online.index(inRelease, of: debian, limit: 100)
        #expect(try await online.index("dists/trixie/none", of: debian, limit: 100) == nil)
        let path = "dists/trixie/main/by-hash/SHA256/x"
        _ = try await online.file(
            path,
            alternatives: ["dists/trixie/main/Packages.xz"],
            of: debian,
            sha256: .of("list"),
            size: 4
        )
        let offline = try access { $0.isOffline = true }
        #expect(try await offline.index(inRelease, of: debian, limit: 100) == Array("good".utf8))
        #expect(try await offline.index("dists/trixie/none", of: debian, limit: 100) == nil)
        #expect(
            try await offline.file(path, alternatives: [], of: debian, sha256: .of("list"), size: 4).isEmpty == false
        )
    }

    @Test func aLockDecidesWhichIndexIsUsed() async throws {
        try directory.write(Array("locked".utf8), to: "mirror/" + inRelease)
        let first = try access()
        _ = try await first.index(inRelease, of: debian, limit: 100)
        #expect(first.record.indexes == [.init(repository: "debian", path: inRelease, sha256: .of("locked"))])
        try directory.write(Array("newer".utf8), to: "mirror/" + inRelease)
        let locked = try access { $0.locked = first.record.indexes }
        #expect(locked.isLocked)
        #expect(try await locked.index(inRelease, of: debian, limit: 100) == Array("locked".utf8))
        #expect(try await locked.index("dists/trixie/Release", of: debian, limit: 100) == nil)
        let other = Repository(id: "debian-security", url: nil)
        #expect(await error { try await locked.index(inRelease, of: other, limit: 100) }?.kind == .lock)

        let lost = [MirroredAccess.LockedFile(repository: "debian", path: inRelease, sha256: .of("lost"))]
        let moved = await error { try await access { $0.locked = lost }.index(inRelease, of: debian, limit: 100) }
        #expect(moved?.kind == .lock)
        let offline = try access {
            $0.locked = lost
            $0.isOffline = true
        }
        #expect(await error { try await offline.index(inRelease, of: debian, limit: 100) }?.kind == .offline)
    }

    @Test func keysComeFromDirectoriesPathsAndURLs() async throws {
        let path = try directory.write([1], to: "keys/debian/archive.pgp")
        let access = try access { $0.keyDirectories = [directory.path("none"), directory.path("keys")] }
        #expect(try await access.key("debian/archive.pgp") == [1])
        #expect(try await access.key(path) == [1])
        #expect(try await access.key("file://" + path) == [1])
        #expect(await error { try await access.key("debian/other.pgp") }?.kind == .notFound)
        #expect(await error { try await access.key("../keys/debian/archive.pgp") }?.kind == .invalidURL)
        #expect(access.record.keys.map(\.name) == [path, "debian/archive.pgp", "file://" + path].sorted())
    }

    @Test func aDirectoryOfKeysIsOneKeyring() async throws {
        try directory.write(Array("b".utf8), to: "keys/debian/b.asc")
        try directory.write(Array("a".utf8), to: "keys/debian/a.gpg")
        try directory.write(Array("read me".utf8), to: "keys/debian/README.md")
        try directory.write(Array("one".utf8), to: "keys/alpine/one.rsa.pub")
        let access = try access { $0.keyDirectories = [directory.path("keys")] }
        #expect(try await access.key("debian") == Array("a\nb".utf8))
        #expect(try await access.key("alpine/one.rsa.pub") == Array("one".utf8))
        #expect(await error { try await access.key("alpine") }?.kind == .notFound)
    }

    @Test func aKeyOfTheWebIsKeptForOfflineRuns() async throws {
        let server = try LoopbackServer { _, client in client.answer(200, text: "key") }
        let url = server.url + "/key.asc"
        #expect(try await access().key(url) == Array("key".utf8))
        server.stop()
        #expect(try await access { $0.isOffline = true }.key(url) == Array("key".utf8))
        #expect(await error { try await access { $0.isOffline = true }.key(url + "2") }?.kind == .offline)
    }

    @Test func packagesAreFetchedInOrderAndOfflineRunsListAllThatIsMissing() async throws {
        let packages = try (0..<30).map { try package("p\($0)", [UInt8($0)]) }
        let offline = try access { $0.isOffline = true }
        let failure = await error { try await offline.fetch(packages, of: [debian]) { _, _ in } }
        #expect(failure?.kind == .offline)
        #expect(failure?.message.contains("p0 1 (pool/p0.deb of debian)") == true)
        #expect(failure?.message.contains("and 10 more") == true)
        let fetched = try await access().fetch(packages, of: [debian]) { _, _ in }
        #expect(fetched.map(\.package) == packages)
        #expect(try fetched.map { try Files.read($0.path, limit: 1) } == (0..<30).map { [$0] })
        #expect(try await offline.fetch(packages, of: [debian]) { _, _ in }.count == 30)
    }

    @Test func packagesWithoutADigestAreVerifiedByTheirEcosystem() async throws {
        struct Wrong: Error {}
        let package = try package("a", [1, 2, 3], checksum: "Q1abc")
        await #expect(throws: Wrong.self) {
            _ = try await access().fetch([package], of: [debian]) { _, _ in throw Wrong() }
        }
        let offline = try access { $0.isOffline = true }
        #expect(await error { try await offline.fetch([package], of: [debian]) { _, _ in } }?.kind == .offline)
        let fetched = try await access().fetch([package], of: [debian]) { _, _ in }
        #expect(fetched.first?.package.sha256 == .of([1, 2, 3]))
        #expect(try await offline.fetch([package], of: [debian]) { _, _ in }.count == 1)
        var short = package
        short.size = 2
        short.checksum = "Q1other"
        #expect(await error { try await access().fetch([short], of: [debian]) { _, _ in } }?.kind == .tooLarge)
    }

    @Test(arguments: ["../etc/passwd", "/etc/passwd", "pool//a", "pool/./a", "", "pool/a\nb", "pool/..", "a\\b"])
    func pathsThatLeadElsewhereAreRefused(_ path: String) async throws {
        let access = try access()
        #expect(await error { try await access.index(path, of: debian, limit: 1) }?.kind == .invalidURL)
        let file = await error {
            try await access.file(path, alternatives: [], of: debian, sha256: .of(path + "x"), size: 1)
        }
        #expect(file?.kind == .invalidURL)
    }
}
