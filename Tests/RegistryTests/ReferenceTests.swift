// SPDX-License-Identifier: Apache-2.0

import Cryptography
import TestSupport
import Testing

@testable import Registry

private let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

@Suite struct RegistryReferenceTests {
    @Test(arguments: [
        ("localhost/a", "localhost", "a", nil), ("localhost:5000/a/b:1", "localhost:5000", "a/b", "1"),
        ("r.example/a__b/c-d--e.f:T_1.x-y", "r.example", "a__b/c-d--e.f", "T_1.x-y"),
        ("[::1]:5000/a", "[::1]:5000", "a", nil),
    ])
    func referencesAreRead(_ text: String, _ host: String, _ repository: String, _ tag: String?) throws {
        let reference = try RegistryReference(text)
        #expect(reference == RegistryReference(host: host, repository: repository, tag: tag))
        #expect(reference.description == text)
    }

    @Test func aDigestGoesBeforeATag() throws {
        let reference = try RegistryReference("r.example/a:1@sha256:\(hex)")
        #expect(reference.tag == "1" && reference.digest?.hex == hex)
        #expect(reference.target == "sha256:\(hex)")
        #expect(try RegistryReference("r.example/a").target == "latest")
    }

    @Test(arguments: [
        "", "a", "a/b", "r.example", "r.example/", "r.example/A", "r.example/a_", "r.example/a//b", "r.example/a___b",
        "r.example/a..b", "r.example/a:", "r.example/a:.x", "r.example/a@sha256:12", "r.example/a@md5:00",
        "r.example/a b",
        "r.example/../a", "r.exa mple/a", "r.example/a/", "r.example/-a", "u:p@r.example/a",
    ])
    func othersAreRefused(_ text: String) {
        #expect(throws: RegistryError.self) { try RegistryReference(text) }
    }

    @Test(arguments: [
        ("localhost:1/a", true), ("127.0.0.5/a", true), ("[::1]:5/a", true), ("127x.example/a", false),
        ("r.example/a", false), ("[0:0::1]/a", true), ("[::2]/a", false), ("128.0.0.1/a", false),
        // Anybody may have a name like these.
        ("127.0.0.1.registry.example/a", false), ("127.example:5000/a", false), ("localhost.example/a", false),
    ])
    func thisMachineIsKnown(_ text: String, _ expected: Bool) throws {
        #expect(try RegistryReference(text).isLoopback == expected)
    }

    /// Where it is known which one is meant, a directory's name makes no difference.
    @Test func aLayoutOrARegistryCanBeAskedFor() throws {
        let directory = try TemporaryDirectory()
        let reference = RegistryReference(host: "localhost:5000", repository: "a", tag: "1")
        #expect(try ImageLocation(registry: "localhost:5000/a:1") == .registry(reference))
        #expect(try ImageLocation(layout: "localhost:5000/a:1") == .layout(directory: "localhost:5000/a", tag: "1"))
        #expect(try ImageLocation(layout: "oci:\(directory.path):1") == .layout(directory: directory.path, tag: "1"))
        for text in ["", "oci:", ":1"] { #expect(throws: RegistryError.self) { try ImageLocation(layout: text) } }
        for text in ["", directory.path, "oci:a", "./a"] {
            #expect(throws: RegistryError.self) { try ImageLocation(registry: text) }
        }
    }

    @Test func directoriesAreToldFromRegistries() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        #expect(try ImageLocation(path) == .layout(directory: path, tag: nil))
        #expect(try ImageLocation(path + ":1.0") == .layout(directory: path, tag: "1.0"))
        #expect(try ImageLocation("\(path)@sha256:\(hex)") == .layout(directory: path, tag: "sha256:\(hex)"))
        #expect(try ImageLocation("./none:x") == .layout(directory: "./none", tag: "x"))
        #expect(try ImageLocation("oci:none") == .layout(directory: "none", tag: nil))
        #expect(
            try ImageLocation("localhost:5000/a:1")
                == .registry(.init(host: "localhost:5000", repository: "a", tag: "1"))
        )
        #expect(throws: RegistryError.self) { try ImageLocation("nothing-here") }
        #expect(throws: RegistryError.self) { try ImageLocation("") }
    }
}

@Suite struct ChallengeTests {
    @Test func quotedCommasAndSeveralChallengesAreUnderstood() {
        let field =
            #"Bearer realm="https://t.example/a?b=c",service="a, \"b\"",scope="repository:x:pull,push", Basic realm=plain"#
        #expect(
            Challenge.parse(field) == [
                Challenge(
                    scheme: "bearer",
                    parameters: [
                        "realm": "https://t.example/a?b=c", "service": "a, \"b\"", "scope": "repository:x:pull,push",
                    ]
                ),
                Challenge(scheme: "basic", parameters: ["realm": "plain"]),
            ]
        )
    }

    @Test(arguments: ["", ",,", "=", "Bearer realm=\"unfinished", "\"\"", "Basic"])
    func nonsenseEndsAndDoesNotTrap(_ field: String) { #expect(Challenge.parse(field).count <= 1) }
}
