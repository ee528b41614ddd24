// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Foundation
import TestSupport
import Testing

/// The same lock gives the same bytes, whatever else changes.
@Suite(.enabled(if: FakeSigningKey.isAvailable && Tool.exists("openssl"), "gpg, gpgv or openssl is not installed"))
struct ReproducibilityTests {
    @Test(arguments: EndToEnd.Family.allCases)
    func nothingOfTheMachineOrTheMomentEnters(_ family: EndToEnd.Family) throws {
        let world = try family.world()
        let lock = world.directory.path("hello.lock.json")
        let locked = try world.run(["lock", world.definitionPath, "--output", lock] + world.mirrors)
        try #require(locked.status == 0, "\(locked.stderr)")
        let first = try world.build(["--lock", lock])
        let digest = try #require(first["digest"]?.text)

        // Another time, time zone, locale, user's home and umask, one processor, another directory, a cold store, and an
        // archive whose files were touched and whose clock has moved on.
        for file in world.directory.files(below: "mirror") {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)],
                ofItemAtPath: world.directory.path("mirror/" + file)
            )
        }
        let elsewhere = try TemporaryDirectory()
        let environment = [
            "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "tr_TR.UTF-8", "HOME": elsewhere.path,
            "BASALT_STORE": elsewhere.path("cold"), "TMPDIR": elsewhere.path,
        ]
        let script = "umask 077; exec taskset -c 0 \"$@\""
        let arguments = [
            "-c", script, "sh", Basalt.path, "build", world.definitionPath, "--lock", lock, "--format", "json", "--key",
            world.directory.path("sign.key"), "-o", elsewhere.path("results"), "--as-of", "2031-05-05T05:05:05Z",
        ]
        let second = try Tool.run("sh", arguments + world.mirrors, environment: environment, directory: elsewhere.path)
        try #require(second.status == 0, "\(second.stderr)")
        #expect(try JSON(parsing: second.stdout)["images"]?[0]?["digest"]?.text == digest)

        // The definitions in another place.
        let moved = elsewhere.path("other place")
        try FileManager.default.copyItem(atPath: world.directory.path("project"), toPath: moved)
        let third = try Tool.run(
            Basalt.path,
            ["build", "image/hello/1.yaml", "--lock", lock, "--format", "json", "-o", elsewhere.path("third")]
                + world.mirrors,
            environment: ["BASALT_STORE": elsewhere.path("warm")],
            directory: moved
        )
        try #require(third.status == 0, "\(third.stderr)")
        #expect(try JSON(parsing: third.stdout)["images"]?[0]?["digest"]?.text == digest)

        // A warm store, where everything is remembered.
        #expect(try world.build(["--lock", lock], output: "again")["digest"]?.text == digest)
        // Resolved afresh instead of locked.
        #expect(try world.build(output: "fresh")["digest"]?.text == digest)
    }

    @Test(
        .enabled(if: getuid() == 0 && Tool.exists("setpriv"), "only root can become another user"),
        arguments: EndToEnd.Family.allCases
    )
    func theUserDoesNotMatter(_ family: EndToEnd.Family) throws {
        let world = try family.world()
        let digest = try #require(try world.build()["digest"]?.text)
        let chmod = try Tool.run("chmod", ["-R", "a+rX", world.directory.path])
        try #require(chmod.status == 0)
        let home = try TemporaryDirectory()
        _ = try Tool.run("chown", ["65534:65534", home.path])
        // The program and its libraries may lie where another user cannot reach them: a copy lies where it can.
        let copy = home.path("basalt")
        try FileManager.default.copyItem(atPath: Basalt.path, toPath: copy)
        _ = try Tool.run("chmod", ["755", copy])
        let arguments = [
            "--reuid=65534", "--regid=65534", "--clear-groups", copy, "build", world.definitionPath, "--format", "json",
            "-o",
            home.path("out"),
        ]
        let result = try Tool.run(
            "setpriv",
            arguments + world.mirrors,
            environment: ["BASALT_STORE": home.path("store"), "HOME": home.path],
            directory: home.path
        )
        try #require(result.status == 0, "\(result.stderr)")
        #expect(try JSON(parsing: result.stdout)["images"]?[0]?["digest"]?.text == digest)
    }

    @Test(arguments: EndToEnd.Family.allCases)
    func theSameStatementsAreSignedAlike(_ family: EndToEnd.Family) throws {
        let world = try family.world()
        let lock = world.directory.path("hello.lock.json")
        _ = try world.run(["lock", world.definitionPath, "--output", lock] + world.mirrors)
        _ = try world.build(["--lock", lock], output: "a")
        _ = try world.build(["--lock", lock], store: "other", output: "b")
        let a = Set(world.directory.files(below: "a").filter { $0.contains("/blobs/") })
        let b = Set(world.directory.files(below: "b").filter { $0.contains("/blobs/") })
        // Only the statement of the execution itself, which has the real times, may differ: its envelope, its bundle's
        // manifest and the list of attestations that names it.
        #expect(a.symmetricDifference(b).count <= 10)
        #expect(a.intersection(b).count > 20)
    }
}
