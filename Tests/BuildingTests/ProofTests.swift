// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Foundation
import TestSupport
import Testing

/// What a build finds out about its image: the standards, and the VEX statements beside the definition.
@Suite(.enabled(if: FakeSigningKey.isAvailable && Tool.exists("openssl"), "gpg, gpgv or openssl is not installed"))
struct ProofTests {
    private static let openVEX = ["https://openvex.dev/ns", "https://openvex.dev/ns/v0.2.0"]
    private static let testResult = "https://in-toto.io/attestation/test-result/v0.1"

    /// Predicate types by subject.
    private func statements(_ layout: String, _ world: EndToEnd) throws -> [String: [String]] {
        let result = try world.run(["inspect", layout, "--format", "json"])
        let list = try #require(try JSON(parsing: result.stdout)["statements"]?.elements)
        return Dictionary(grouping: list) { $0["subject"]?.text ?? "" }
            .mapValues { $0.compactMap { $0["predicateType"]?.text } }
    }

    private func publicKey(_ world: EndToEnd) throws -> String {
        let path = world.directory.path("sign.pub")
        let result = try Tool.run(
            "openssl",
            ["pkey", "-in", world.directory.path("sign.key"), "-pubout", "-out", path]
        )
        try #require(result.status == 0, "\(result.stderr)")
        return path
    }

    @Test func aSignedImageCarriesItsTestResult() throws {
        let world = try EndToEnd()
        let image = try world.build()
        let layout = try #require(image["layout"]?.text)
        #expect(image["checks"]?.elements?.contains { $0["outcome"]?.text == "failed" } == false)
        for (subject, types) in try statements(layout, world) {
            #expect(types.contains(Self.testResult), "\(subject)")
            #expect(types.contains { $0.hasSuffix("/attestations/ctrf/v1") }, "\(subject)")
        }
        // From the layers it is the same answer as from the build's own tree.
        let tested = try world.run([
            "test", layout, "--standards-only", "--format", "json", "--junit", world.directory.path("j.xml"),
        ])
        #expect(tested.status == 0, "\(tested.text) \(tested.stderr)")
        let report = try JSON(parsing: tested.stdout)
        #expect(report["digest"]?.text == image["digest"]?.text)
        func outcomes(_ results: JSON?) -> [String] {
            (results?.elements ?? []).map {
                "\($0["platform"]?.text ?? "") \($0["name"]?.text ?? "") \($0["outcome"]?.text ?? "") \($0["detail"]?.text ?? "")"
            }
        }
        #expect(outcomes(report["results"]) == outcomes(image["checks"]))
        #expect(FileManager.default.fileExists(atPath: world.directory.path("j.xml")))
    }

    @Test func aFailedStandardIsSaidAndStopsABuildThatRequiresIt() throws {
        let definition = EndToEnd.definition.replacing(
            "paths:\n",
            with: "paths:\n  - {type: file, path: /etc/machine-id, content: \"0123456789abcdef0123456789abcdef\\n\"}\n"
        )
        let world = try EndToEnd(definition: definition)
        let arguments =
            [
                "build", world.definitionPath, "--format", "json", "--key", world.directory.path("sign.key"), "-o",
                world.directory.path("out"),
            ] + world.mirrors
        let refused = try world.run(arguments + ["--test"])
        #expect(refused.status == 1)
        #expect(try JSON(parsing: refused.stdout)["error"]?["code"]?.text == "failed-checks")
        #expect(refused.stderr.contains("no-machine-identity") && refused.stderr.contains("/etc/machine-id"))
        #expect(world.directory.files(below: "out").isEmpty)

        // Signed, it is always asked, and the evidence says that it failed.
        let said = try world.run(arguments)
        #expect(said.status == 0 && said.stderr.contains("no-machine-identity"), "\(said.stderr)")
        let told = try JSON(parsing: said.stdout)["images"]?[0]
        #expect(told?["checks"]?.elements?.contains { $0["outcome"]?.text == "failed" } == true)

        // Unsigned, it is asked only when it is told to.
        let unsigned = ["build", world.definitionPath, "--format", "json", "-o", world.directory.path("out2")]
        let silent = try world.run(unsigned + world.mirrors)
        #expect(silent.status == 0)
        #expect(try world.run(unsigned + ["--test"] + world.mirrors).status == 1)
        #expect(try world.run(unsigned + ["--max-size", "10B"] + world.mirrors).status == 1)

        let config = try world.directory.write(
            Array("acknowledge-checks: [other/no-shell, hello/no-machine-identity]\n".utf8),
            to: "basalt-test.yaml"
        )
        let image = try world.build(["--config", config])
        let layout = try #require(image["layout"]?.text)
        #expect(image["checks"]?.elements?.contains { $0["outcome"]?.text == "warned" } == true)
        #expect(try world.run(["test", layout, "--standards-only"]).status == 1)
        // What it is called stands in its statements.
        let named = try world.run(["test", layout, "--standards-only", "--config", config])
        #expect(named.status == 0, "\(named.text) \(named.stderr)")
        // Without statements, nothing says it, and the command says what to give.
        let nameless = try #require(try JSON(parsing: silent.stdout)["images"]?[0]?["layout"]?.text)
        let unnamed = try world.run(["test", nameless, "--standards-only", "--config", config])
        #expect(unnamed.status == 1 && unnamed.stderr.contains("--definition"), "\(unnamed.stderr)")
        let byDefinition = ["--config", config, "--definition", world.definitionPath]
        #expect(try world.run(["test", nameless, "--standards-only"] + byDefinition).status == 0)
        let verified = try world.run(["verify", layout, "--key", try publicKey(world)])
        #expect(verified.status == 0, "\(verified.text)")
        let wrong = try world.directory.write(Array("acknowledge-checks: [no-such-check]\n".utf8), to: "wrong.yaml")
        #expect(try world.run(arguments + ["--config", wrong]).status == 3)
    }

    @Test func statementsBesideTheDefinitionGoIntoTheImage() throws {
        let world = try EndToEnd()
        func add(_ id: String, _ more: [String]) throws -> Tool.Output {
            try world.run(
                ["vex", "add", world.definitionPath, "--id", id, "--author", "A Test"] + more,
                environment: ["SOURCE_DATE_EPOCH": "1735689600"]
            )
        }
        let stated = try add(
            "CVE-2025-1",
            ["--status", "not_affected", "--justification", "component_not_present", "--package", "libhello"]
        )
        #expect(stated.status == 0, "\(stated.stderr)")
        #expect(try add("CVE-2025-2", ["--status", "affected", "--package", "gone", "--action", "wait"]).status == 0)
        #expect(try add("CVE-2025-3", ["--status", "affected", "--package", "hello"]).status == 2, "without an action")
        #expect(try add("../x", ["--status", "fixed"]).status == 2)
        #expect(world.directory.files(below: "project/image/hello/vex") == ["CVE-2025-1.json", "CVE-2025-2.json"])

        let image = try world.build()
        let layout = try #require(image["layout"]?.text)
        #expect(image["vexStatements"]?.int == 1, "the one about a package that is not there is left out")
        for (subject, types) in try statements(layout, world) {
            for type in Self.openVEX { #expect(types.contains(type), "\(subject)") }
        }
        let shown = try JSON(parsing: try world.run(["vex", "show", layout]).stdout)
        #expect(shown["timestamp"]?.text == "2025-01-01T00:00:00Z")
        #expect(
            shown["statements"]?[0]?["products"]?[0]?["@id"]?.text == "pkg:oci/hello@\(image["digest"]?.text ?? "")"
        )
        #expect(
            shown["statements"]?[0]?["products"]?[1]?["subcomponents"]?[0]?["@id"]?.text
                == "pkg:deb/debian/libhello@1.5-2"
        )
        let provenance = try world.run(["provenance", layout])
        #expect(provenance.text.contains("image/hello/vex/CVE-2025-1.json"), "an input")
        let verified = try world.run(["verify", layout, "--key", try publicKey(world), "--format", "json"])
        #expect(verified.status == 0, "\(verified.text)")
        #expect(
            try JSON(parsing: verified.stdout)["findings"]?.elements?.contains { $0["check"]?.text == "vex" } == true
        )
        #expect(try world.run(["vex", "check", layout]).status == 0)

        let lock = try #require(image["lock"]?.text)
        let checked = try world.run(["vex", "check", world.definitionPath, "--lock", lock])
        #expect(checked.status == 1)
        #expect(checked.text.contains("CVE-2025-2") && checked.text.contains("gone"))
        // A second statement about the same thing replaces the first, and makes the check good again.
        #expect(try add("CVE-2025-2", ["--status", "fixed", "--package", "hello"]).status == 0)
        try FileManager.default.removeItem(atPath: world.directory.path("project/image/hello/vex/CVE-2025-2.json"))
        #expect(try world.run(["vex", "check", world.definitionPath, "--lock", lock]).status == 0)

        try world.directory.write(Array("{\n \"@context\": 1}".utf8), to: "project/image/hello/vex/bad.json")
        let broken = try world.run(["build", world.definitionPath, "-o", world.directory.path("o")] + world.mirrors)
        #expect(broken.status == 3)
        #expect(broken.stderr.contains("vex/bad.json:"))
        #expect(try world.run(["vex", "check", world.directory.path("project/image/hello/vex")]).status == 1)
    }

    @Test func aResultCanBeAttachedLater() throws {
        let world = try EndToEnd()
        let image = try world.build()
        let layout = try #require(image["layout"]?.text)
        let before = try statements(layout, world)["index"]?.count ?? 0
        let logged = ["test", layout, "--standards-only", "--rekor", "http://127.0.0.1:9"]
        #expect(try world.run(logged).status == 2, "what is not attached is not logged")
        let attached = try world.run([
            "test", layout, "--standards-only", "--attest", "--key", world.directory.path("sign.key"),
        ])
        #expect(attached.status == 0, "\(attached.stderr)")
        #expect(try statements(layout, world)["index"]?.count == before + 2)
        let verified = try world.run(["verify", layout, "--key", try publicKey(world)])
        #expect(verified.status == 0, "\(verified.text)")
    }
}
