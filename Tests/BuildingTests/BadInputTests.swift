// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Cryptography
import Foundation
import TestSupport
import Testing

/// Hostile and broken input ends in a clear message, and leaves nothing behind.
@Suite(.enabled(if: FakeSigningKey.isAvailable && Tool.exists("openssl"), "gpg, gpgv or openssl is not installed"))
struct BadInputTests {
    /// Runs a build that must fail, and checks that it left nothing.
    private func failure(_ world: EndToEnd, _ more: [String] = []) throws -> (
        code: String, message: String, status: Int32
    ) {
        let result = try world.run(
            [
                "build", world.definitionPath, "--format", "json", "-o", world.directory.path("out"), "--key",
                world.directory.path("sign.key"),
            ]
                + world.mirrors + more
        )
        let error = try JSON(parsing: result.stdout)["error"]
        #expect(world.directory.files(below: "out").isEmpty, "nothing partial is left in the output")
        try everyObjectMatchesItsName(world)
        return (error?["code"]?.text ?? "", (error?["message"]?.text ?? "") + result.stderr, result.status)
    }

    private func everyObjectMatchesItsName(_ world: EndToEnd) throws {
        for file in world.directory.files(below: "store/blobs") {
            let name = file.split(separator: "/").last.map(String.init) ?? ""
            let bytes = Array(try Data(contentsOf: URL(filePath: world.directory.path("store/blobs/" + file))))
            #expect(Digest.of(bytes).hex == name)
        }
    }

    private func package(_ name: String, in world: EndToEnd) throws -> String {
        let file = world.directory.files(below: "mirror/debian/pool").first {
            $0.contains("/\(name)_") && !$0.contains("arm64")
        }
        return "mirror/debian/pool/" + (try #require(file))
    }

    @Test func aSwappedPackage() throws {
        let world = try EndToEnd()
        let path = try package("hello", in: world)
        var bytes = Array(try Data(contentsOf: URL(filePath: world.directory.path(path))))
        bytes[bytes.count / 2] ^= 1
        try world.directory.write(bytes, to: path)
        let failure = try failure(world)
        #expect(failure.code == "hash-mismatch")
        #expect(failure.status == 3)
        #expect(failure.message.contains("hello_"))
    }

    @Test func aTruncatedPackage() throws {
        let world = try EndToEnd()
        let path = try package("hello", in: world)
        let bytes = Array(try Data(contentsOf: URL(filePath: world.directory.path(path))))
        try world.directory.write(Array(bytes.prefix(bytes.count / 2)), to: path)
        let failure = try failure(world)
        #expect(failure.status == 3)
        #expect(failure.message.contains("hello_"))
    }

    @Test func aMissingPackage() throws {
        let world = try EndToEnd()
        try FileManager.default.removeItem(atPath: world.directory.path(try package("libhello", in: world)))
        let failure = try failure(world)
        #expect(failure.code == "not-found")
        #expect(failure.status == 3)
        #expect(failure.message.contains("libhello_"))
    }

    @Test func aTamperedRelease() throws {
        let world = try EndToEnd()
        let path = "mirror/debian/dists/trixie/InRelease"
        let text = String(decoding: try Data(contentsOf: URL(filePath: world.directory.path(path))), as: UTF8.self)
        try world.directory.write(Array(text.replacing("Origin: Test", with: "Origin: Evil").utf8), to: path)
        let failure = try failure(world)
        #expect(failure.status == 3)
        for part in ["InRelease", "trixie"] { #expect(failure.message.contains(part)) }
    }

    @Test(arguments: ["usr/../../../etc/evil", "usr/bin/../../../evil"])
    func aPathThatClimbsOut(_ path: String) throws {
        let world = try EndToEnd(
            packages: EndToEnd.packages + [FakeDebianPackage("evil", files: [path: .text("x")])],
            definition: EndToEnd.definition.replacing("- hello", with: "- evil")
        )
        let failure = try failure(world)
        #expect(failure.code == "deb-unsafe")
        for part in ["evil_", ".."] { #expect(failure.message.contains(part)) }
        #expect(failure.status == 3)
    }

    @Test func aPackageThatWritesThroughItsOwnLink() throws {
        let world = try EndToEnd(
            packages: [
                FakeDebianPackage("evil", files: ["usr/share/x": .symlink("/etc"), "usr/share/x/passwd": .text("x")])
            ],
            definition: EndToEnd.definition.replacing("- hello", with: "- evil")
        )
        let failure = try failure(world)
        #expect(failure.status == 3)
        #expect(failure.message.contains("usr/share/x"))
    }

    @Test func twoPackagesWithOneFile() throws {
        let both = ["a", "b"].map { FakeDebianPackage($0, files: ["usr/share/same": .text("from \($0)")]) }
        let world = try EndToEnd(
            packages: both,
            definition: EndToEnd.definition.replacing("- hello", with: "- a\n    - b")
        )
        let failure = try failure(world)
        #expect(failure.status == 3)
        for part in ["usr/share/same", "a 1.0-1", "b 1.0-1"] { #expect(failure.message.contains(part)) }
    }

    @Test func anUnknownPackage() throws {
        let world = try EndToEnd(definition: EndToEnd.definition.replacing("- hello", with: "- no-such-package"))
        let failure = try failure(world)
        #expect(failure.code == "unsatisfiable")
        #expect(failure.status == 1)
        #expect(failure.message.contains("no-such-package"))
    }

    @Test func aDefinitionWithAMistake() throws {
        let world = try EndToEnd(definition: EndToEnd.definition.replacing("run-as:", with: "run-is:"))
        let failure = try failure(world)
        #expect(failure.status == 3)
        for part in ["run-is", "1.yaml"] { #expect(failure.message.contains(part)) }
    }

    @Test func offlineWithAnEmptyStoreListsWhatIsMissing() throws {
        let world = try EndToEnd()
        let failure = try failure(world, ["--offline"])
        #expect(failure.code == "not-in-store")
        #expect(failure.status == 3)
    }

    @Test func offlineFromAFilledStore() throws {
        let world = try EndToEnd()
        let digest = try world.build()["digest"]?.text
        try FileManager.default.removeItem(atPath: world.directory.path("mirror"))
        #expect(try world.build(["--offline"], output: "offline")["digest"]?.text == digest)
    }

    @Test func wrongFlagsAreUsageErrors() throws {
        let world = try EndToEnd()
        for arguments in [
            ["build"], ["build", "--no-such-flag", "x"], ["build", "x", "--platform", "linux/riscv64"], ["nonsense"],
        ] {
            let result = try world.run(arguments)
            #expect(result.status == 2, "\(arguments): \(result.stderr)")
            #expect(result.stdout.isEmpty)
        }
    }

    @Test func aKilledBuildLeavesNothingPartialAndTheNextOneFinishes() throws {
        let world = try EndToEnd()
        // Killed at several moments; whatever the moment, the next run completes and agrees with an undisturbed one.
        for delay in ["0.05", "0.15", "0.4"] {
            _ = try Tool.run(
                "timeout",
                ["--signal=KILL", delay, Basalt.path, "build", world.definitionPath, "-o", world.directory.path("out")]
                    + world.mirrors,
                environment: ["BASALT_STORE": world.directory.path("store")]
            )
            try everyObjectMatchesItsName(world)
        }
        let digest = try world.build()["digest"]?.text
        #expect(try world.build(store: "undisturbed", output: "other")["digest"]?.text == digest)
    }
}
