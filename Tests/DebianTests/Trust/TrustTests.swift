// SPDX-License-Identifier: Apache-2.0

import Debian
import Diagnostics
import Foundation
import Packages
import TestSupport
import Testing

@Suite(
    "A signed archive",
    .enabled(if: FakeSigningKey.isAvailable, "gpg or gpgv is not installed (Debian packages gnupg and gpgv)")
)
struct TrustTests {
    /// An archive of one suite in a directory of its own.
    private struct Archive {
        var repository: FakeDebianRepository
        let directory: TemporaryDirectory
        var keys: [FakeSigningKey]
        var trusted: [UInt8]
        var now = FakeDebianPackage.time + 3_600
        var isLocked = false
        var components = ["main"]

        init() throws {
            repository = FakeDebianRepository(
                suite: "trixie",
                packages: [
                    FakeDebianPackage("hello", "1.0-1", depends: "libhello (>= 1)"),
                    FakeDebianPackage("libhello", "1:0.5-2"),
                ]
            )
            directory = try TemporaryDirectory()
            keys = [try FakeSigningKey.shared()]
            trusted = try FakeSigningKey.shared().publicKey
        }

        func write() throws { try repository.write(to: directory.path, signedBy: keys) }

        func open(_ platform: Platform = .amd64) async throws -> DebianUniverse {
            let access = try DirectoryAccess(
                bases: ["debian": directory.path],
                keys: ["debian": trusted],
                now: now,
                isLocked: isLocked
            )
            return try await DebianIndexes.universe(
                of: [Repository(id: "debian", url: nil, suite: "trixie", components: components)],
                for: platform,
                access: access
            )
        }

        /// Writes, opens and answers.
        func names() async throws -> [String] {
            try write()
            return try await open().resolve(Request(entries: ["hello"])).packages.map { "\($0.name)=\($0.version)" }
        }

        func edit(_ path: String, _ change: (inout [UInt8]) -> Void) throws {
            let url = URL(filePath: directory.path(path))
            var bytes = Array(try Data(contentsOf: url))
            change(&bytes)
            try Data(bytes).write(to: url)
        }

        /// The code of the failure that opening it gives.
        func code() async -> String {
            do {
                _ = try await open()
                return "none"
            } catch let failure as any Failure {
                #expect(!failure.message.isEmpty)
                return failure.code
            } catch { return "\(error)" }
        }
    }

    @Test func isAcceptedWithAGoodSignature() async throws {
        let archive = try Archive()
        #expect(try await archive.names() == ["hello=1.0-1", "libhello=1:0.5-2"])
        let index = try #require(try await archive.open().indexes.first)
        #expect(index.signer == archive.keys[0].fingerprint)
        #expect(index.path == "dists/trixie/InRelease")
        #expect(index.date == FakeDebianPackage.time)
        #expect(index.suite == "trixie")
    }

    @Test func isReadWithADetachedSignature() async throws {
        var archive = try Archive()
        archive.repository.isDetached = true
        #expect(try await archive.names() == ["hello=1.0-1", "libhello=1:0.5-2"])
        #expect(try await archive.open().indexes.first?.path == "dists/trixie/Release")
    }

    @Test func isReadWithAnArmouredKey() async throws {
        var archive = try Archive()
        archive.trusted =
            Array("a comment\n".utf8) + (try FakeSigningKey.other().armoured())
            + (try FakeSigningKey.shared().armoured())
        #expect(try await archive.names().count == 2)
    }

    @Test func needsOnlyOneTrustedSignatureOfSeveral() async throws {
        var archive = try Archive()
        archive.keys = [try FakeSigningKey.other(), try FakeSigningKey.shared()]
        #expect(try await archive.names().count == 2)
    }

    @Test func isReadByHashAlone() async throws {
        var archive = try Archive()
        archive.repository.hasPlainNames = false
        #expect(try await archive.names().count == 2)
    }

    @Test("is read without by-hash and with plain indexes", arguments: [[""], [".gz"]])
    func plain(_ compressions: [String]) async throws {
        var archive = try Archive()
        archive.repository.acquiresByHash = false
        archive.repository.compressions = compressions
        #expect(try await archive.names().count == 2)
    }

    @Test func servesBothPlatforms() async throws {
        let archive = try Archive()
        try archive.write()
        let arm = try await archive.open(.arm64).resolve(Request(entries: ["hello"]))
        #expect(arm.packages.allSatisfy { $0.architecture == "arm64" })
    }

    @Test func ofAnUnknownKeyIsRefused() async throws {
        var archive = try Archive()
        archive.keys = [try FakeSigningKey.other()]
        try archive.write()
        #expect(await archive.code() == "unknown-signer")
    }

    @Test func thatWasChangedIsRefused() async throws {
        let archive = try Archive()
        try archive.write()
        try archive.edit("dists/trixie/InRelease") { bytes in
            let text = String(decoding: bytes, as: UTF8.self).replacingOccurrences(
                of: "Label: Test",
                with: "Label: Best"
            )
            bytes = Array(text.utf8)
        }
        #expect(await archive.code() == "bad-signature")
    }

    @Test func isRefusedWhenOneTrustedSignatureIsBad() async throws {
        // The detached signature of one key over other bytes, next to a good one of the other key.
        var archive = try Archive()
        archive.trusted += try FakeSigningKey.other().publicKey
        archive.repository.isDetached = true
        try archive.write()
        let release = Array(try Data(contentsOf: URL(filePath: archive.directory.path("dists/trixie/Release"))))
        func binary(_ key: FakeSigningKey, _ bytes: [UInt8]) throws -> [UInt8] {
            try FakeSigningKey.sign(bytes, by: [key], detached: true)
        }
        let good = try binary(try FakeSigningKey.shared(), release)
        let bad = try binary(try FakeSigningKey.other(), release + [0x0A])
        try archive.edit("dists/trixie/Release.gpg") { $0 = bad }
        #expect(await archive.code() == "bad-signature")
        try archive.edit("dists/trixie/Release.gpg") { $0 = good }
        #expect(await archive.code() == "none")
    }

    @Test func withUnsignedLinesIsRefused() async throws {
        let archive = try Archive()
        try archive.write()
        try archive.edit("dists/trixie/InRelease") { $0 += Array("Suite: evil\n".utf8) }
        #expect(await archive.code() == "unsigned-content")
        try archive.write()
        try archive.edit("dists/trixie/InRelease") { $0 = Array("Suite: evil\n".utf8) + $0 }
        #expect(await archive.code() == "not-signed")
        try archive.write()
        try archive.edit("dists/trixie/InRelease") { $0.removeLast($0.count / 2) }
        #expect(await archive.code() == "not-signed")
    }

    @Test func withoutAnySignatureIsRefused() async throws {
        var archive = try Archive()
        archive.keys = []
        try archive.write()
        #expect(await archive.code() == "unsigned")
    }

    @Test func thatIsAbsentIsNamed() async throws {
        #expect(await (try Archive()).code() == "missing-release")
    }

    @Test func ofAnExpiredKeyIsRefusedUnlessLocked() async throws {
        var archive = try Archive()
        let key = try FakeSigningKey(isExpired: true)
        archive.keys = [key]
        archive.trusted = key.publicKey
        try archive.write()
        #expect(await archive.code() == "expired-key")
        archive.isLocked = true
        #expect(await archive.code() == "none")
    }

    @Test func ofARevokedKeyIsRefused() async throws {
        var archive = try Archive()
        let key = try FakeSigningKey(isRevoked: true)
        archive.keys = [key]
        archive.trusted = key.publicKey
        try archive.write()
        #expect(await archive.code() == "revoked-key")
        archive.isLocked = true
        #expect(await archive.code() == "revoked-key")
    }

    @Test func overAWeakDigestIsRefused() async throws {
        let archive = try Archive()
        try archive.write()
        let release = try FakeSigningKey.sign(
            Array("Suite: trixie\n".utf8),
            by: archive.keys,
            detached: false,
            digest: "SHA1"
        )
        try archive.edit("dists/trixie/InRelease") { $0 = release }
        // Newer versions of gpgv refuse it themselves.
        #expect(["weak-signature", "unsigned", "bad-signature"].contains(await archive.code()))
    }

    @Test func ofAnotherSuiteIsRefused() async throws {
        var archive = try Archive()
        archive.repository.suite = "oldstable"
        archive.repository.codename = "bookworm"
        try archive.write()
        try FileManager.default.moveItem(
            atPath: archive.directory.path("dists/bookworm"),
            toPath: archive.directory.path("dists/trixie")
        )
        #expect(await archive.code() == "suite-mismatch")
    }

    @Test func thatIsPastItsTimeIsRefusedUnlessLocked() async throws {
        var archive = try Archive()
        archive.repository.validUntil = FakeDebianPackage.time + 600
        try archive.write()
        #expect(await archive.code() == "expired-release")
        archive.now = FakeDebianPackage.time + 600
        #expect(await archive.code() == "none")
        archive.now = FakeDebianPackage.time + 86_400
        archive.isLocked = true
        #expect(await archive.code() == "none")
    }

    @Test func fromTheFutureIsRefused() async throws {
        var archive = try Archive()
        try archive.write()
        archive.now = FakeDebianPackage.time - 200
        #expect(await archive.code() == "none")
        archive.now = FakeDebianPackage.time - 3_600
        #expect(await archive.code() == "release-in-future")
    }

    @Test func saysWhatItLacks() async throws {
        var archive = try Archive()
        archive.repository.architectures = ["arm64"]
        try archive.write()
        #expect(await archive.code() == "missing-architecture")
        archive = try Archive()
        archive.components = ["contrib"]
        try archive.write()
        #expect(await archive.code() == "missing-component")
        archive = try Archive()
        archive.repository.components = ["main", "contrib"]
        archive.components = ["main", "contrib"]
        try archive.write()
        #expect(await archive.code() == "missing-index")
    }

    @Test func withoutStrongSumsIsRefused() async throws {
        var archive = try Archive()
        archive.repository.editRelease = { $0.replacingOccurrences(of: "SHA256:", with: "MD5Sum:") }
        try archive.write()
        #expect(await archive.code() == "weak-release")
    }

    @Test func whoseReleaseIsNonsenseIsRefused() async throws {
        var archive = try Archive()
        archive.repository.editRelease = { $0.replacingOccurrences(of: "Date: ", with: "Date: some ") }
        try archive.write()
        #expect(await archive.code() == "malformed-release")
    }
}
