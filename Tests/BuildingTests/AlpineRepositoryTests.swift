// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Foundation
import TestSupport
import Testing

/// Where an image's Alpine repositories and keys may come from, seen from outside.
@Suite(.enabled(if: Tool.exists("openssl"), "openssl is not installed"))
struct AlpineRepositoryTests {
    private func failure(_ world: EndToEnd, _ more: [String] = [], store: String = "store") throws -> (
        code: String, message: String
    ) {
        let arguments = ["build", world.definitionPath, "--format", "json", "-o", world.directory.path("out")]
        let result = try world.run(arguments + world.mirrors + more, store: store)
        #expect(result.status != 0)
        #expect(world.directory.files(below: "out").isEmpty, "nothing partial is left in the output")
        let error = try JSON(parsing: result.stdout)["error"]
        return (error?["code"]?.text ?? "", error?["message"]?.text ?? "")
    }

    /// Name and version of what a lock holds for the first platform.
    private func locked(_ world: EndToEnd) throws -> [String: JSON] {
        let lock = world.directory.path("lock.json")
        let result = try world.run(["lock", world.definitionPath, "--output", lock] + world.mirrors)
        try #require(result.status == 0, "\(result.stderr)")
        let json = try JSON(parsing: Array(Data(contentsOf: URL(filePath: lock))))
        let packages = json["platforms"]?[0]?["packages"]?.elements ?? []
        return Dictionary(packages.map { ($0["name"]?.text ?? "", $0) }) { first, _ in first }
    }

    @Test("Packages are chosen and locked with a SHA-256 of their own, which holds the build afterwards")
    func lock() throws {
        let world = try EndToEnd.alpine()
        let packages = try locked(world)
        #expect(packages.keys.sorted() == ["base", "daemon", "docs", "hello", "hello-doc", "libhello"])
        let file = Array(
            try Data(contentsOf: URL(filePath: world.directory.path("mirror/alpine/main/x86_64/hello-2.0-r1.apk")))
        )
        let sum = try Tool.run("sha256sum", [], input: file)
        #expect(packages["hello"]?["sha256"]?.text == String(sum.text.prefix(64)))
        // One bit of a file's padding, which neither signature nor index covers otherwise.
        for architecture in ["x86_64", "aarch64"] {
            var bytes = file
            bytes[9] ^= 1
            try world.directory.write(bytes, to: "mirror/alpine/main/\(architecture)/hello-2.0-r1.apk")
        }
        // The first store has the right file already.
        let lock = ["--lock", world.directory.path("lock.json")]
        #expect(try failure(world, lock, store: "cold").code == "hash-mismatch")
    }

    @Test(
        "An index that no known key signed is refused, and a key beside the definition is as good as one in its keyring"
    )
    func keys() throws {
        let world = try EndToEnd.alpine(EndToEnd.alpineDefinition(keyring: []))
        let refused = try failure(world)
        #expect(refused.code == "unknown-key")
        #expect(refused.message.contains("test.rsa.pub"))
        let key = Array(
            try Data(contentsOf: URL(filePath: world.directory.path("mirror/alpine/keys/test.rsa.pub")))
        )
        try world.directory.write(key, to: "project/keys/local/test.rsa.pub")
        try world.directory.write(
            Array(EndToEnd.alpineDefinition(keyring: ["local/test.rsa.pub"]).utf8),
            to: "project/image/hello/1.yaml"
        )
        #expect(try locked(world)["hello"] != nil)
    }

    @Test("A repository is reached by http as by file")
    func http() throws {
        let folder = try EndToEnd.alpine()
        let root = folder.directory.path("mirror/alpine")
        let server = try LoopbackServer { request, client in
            if let bytes = FileManager.default.contents(atPath: root + request.path) {
                client.answer(200, body: Array(bytes))
            } else {
                client.answer(404)
            }
        }
        defer { server.stop() }
        let definition = EndToEnd.alpineDefinition(
            repositories: ["\(server.url)/main"],
            keyring: ["\(server.url)/keys/test.rsa.pub"]
        )
        let world = EndToEnd(directory: folder.directory, mirrors: [])
        try world.writeProject(definition)
        let packages = try locked(world)
        #expect(packages["hello"]?["version"]?.text == "2.0-r1")
        #expect(server.requests.contains { $0.path == "/main/x86_64/APKINDEX.tar.gz" })
    }

    @Test("A tagged repository serves only what is asked with its tag")
    func tags() throws {
        let repositories = ["\(EndToEnd.alpineURL)/main", "@edge \(EndToEnd.alpineURL)/edge"]
        func definition(_ packages: [String]) -> String {
            EndToEnd.alpineDefinition(
                repositories: repositories,
                keyring: ["\(EndToEnd.alpineURL)/keys/test.rsa.pub", "\(EndToEnd.alpineURL)/keys/edge.rsa.pub"],
                packages: packages
            )
        }
        let world = try EndToEnd.alpine(definition(["hello"]))
        let fixture = try ApkFixture(keys: ["edge.rsa.pub"])
        let newer = try fixture.package(
            "libhello",
            "9.0-r0",
            [.directory("usr/"), .file("usr/newer", "x")],
            info: ["arch = noarch"]
        )
        try world.writeAlpine("edge", [(newer, "")], signedBy: fixture)
        try world.directory.write(fixture.keys["edge.rsa.pub"] ?? [], to: "mirror/alpine/keys/edge.rsa.pub")
        #expect(try locked(world)["libhello"]?["version"]?.text == "1.5-r2")
        try world.writeProject(definition(["hello", "libhello@edge"]))
        #expect(try locked(world)["libhello"]?["version"]?.text == "9.0-r0")
        try world.writeProject(definition(["hello", "libhello@nowhere"]))
        #expect(try failure(world).message.contains("@nowhere"))
    }

    @Test("The SBOM says of a package without one of its own where it comes from")
    func origins() throws {
        let world = try EndToEnd.alpine()
        let layout = try #require(try world.build()["layout"]?.text)
        let result = try world.run(["sbom", layout, "--platform", "linux/arm64"])
        try #require(result.status == 0, "\(result.stderr)")
        let packages = try JSON(parsing: result.stdout)["packages"]?.elements ?? []
        let hello = try #require(packages.first { $0["name"]?.text == "hello" })
        #expect(hello["sourceInfo"]?.text == "built from source package hello 2.0-r1, commit 0123456789abcdef")
        #expect(hello["licenseDeclared"]?.text == "MIT")
        #expect(hello["originator"]?.text?.hasSuffix(": A Maintainer (a@example.org)") == true)
        let manual = try #require(packages.first { $0["name"]?.text == "hello-doc" })
        let purl = manual["externalRefs"]?[0]?["referenceLocator"]?.text
        #expect(purl == "pkg:apk/alpine/hello-doc@2.0-r1?arch=noarch&distro=alpine-3.23&upstream=hello")
    }

    @Test(
        "A damaged repository ends in an error of its own, and in no output",
        arguments: ["cut", "changed", "gone", "v3"]
    )
    func damage(_ kind: String) throws {
        let world = try EndToEnd.alpine()
        for architecture in ["x86_64", "aarch64"] {
            let path = "mirror/alpine/main/\(architecture)/APKINDEX.tar.gz"
            var bytes = Array(try Data(contentsOf: URL(filePath: world.directory.path(path))))
            switch kind {
            case "cut": bytes.removeLast(20)
            case "changed": bytes[bytes.count - 30] ^= 1
            case "gone":
                try FileManager.default.removeItem(atPath: world.directory.path(path))
                continue
            default: bytes = Array("ADBd".utf8) + bytes
            }
            try world.directory.write(bytes, to: path)
        }
        let code = try failure(world).code
        // What another bit does to a deflate stream depends on the stream, and its bytes on today's key.
        let expected = [
            "cut": ["truncated"], "changed": ["bad-signature", "malformed-index", "truncated"],
            "gone": ["missing-index"], "v3": ["unsupported-format"],
        ]
        #expect(expected[kind]?.contains(code) == true, "\(code)")
    }
}
