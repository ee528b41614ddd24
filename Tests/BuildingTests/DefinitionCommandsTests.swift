// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Foundation
import TestSupport
import Testing

/// `lint`, `plan` and `schema` as users run them.
struct DefinitionCommandsTests {
    private func folder() throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        func write(_ name: String, _ text: String) throws {
            try folder.write(Array("# syntax=e.com/build:1\n\(text)\n".utf8), to: "image/\(name).yaml")
        }
        let system = "image: e.com/x\nos-release: {id: debian, version-id: '13'}"
        try write("a", system)
        try write("b", "\(system)\ncontents: {repositories: ['deb https://e.com/deb trixie main']}")
        try write("c", "\(system)\ncontents: {files: [{url: https://e.org/x}]}")
        try write("d", "\(system)\ncontents: {builds: [{pipeline: [{uses: strip@v1}]}], artifacts: [{name: e.org/y}]}")
        try write("e", "\(system)\nvariannt: dev")
        return folder
    }

    @Test func totalsOfAFolderAreTheSumOfItsDefinitions() throws {
        let folder = try folder()
        let json = try JSON(parsing: try Basalt.run(["plan", folder.path, "--format", "json"]).stdout)
        #expect(json["definitions"]?.int == 5 && json["invalid"]?.int == 1)
        #expect(json["buildable"]?.int == 1 && json["buildableWithAccess"]?.int == 2)
        for (kind, count) in [
            ("private-repository", 1), ("remote-file", 1), ("build-stage", 1), ("pipeline-action", 1),
            ("oci-artifact", 1),
        ] { #expect(json["obstacles"]?[kind]?.int == count, "\(kind)") }
        #expect(json["obstacles"]?["secret"] == nil)
        #expect(json["shapes"]?["packages only"]?.int == 2 && json["shapes"]?["files"]?.int == 1)
    }

    @Test func lintTellsErrorsByItsExitCode() throws {
        let folder = try folder()
        #expect(try Basalt.run(["lint", folder.path("image/a.yaml")]).status == 0)
        #expect(try Basalt.run(["lint", folder.path]).status == 1)
        #expect(try Basalt.run(["lint"]).status == 2)
        #expect(try Basalt.run(["lint", folder.path("none")]).status == 3)
    }

    @Test func lintSaysTheSameHoweverItIsRun() throws {
        let folder = try folder()
        let first = try Basalt.run(["lint", ".", "--format", "json"], directory: folder.path)
        let again = try Basalt.run(["lint", ".", "--format", "json"], directory: folder.path)
        #expect(first.stdout == again.stdout)
        let found = try JSON(parsing: first.stdout)
        #expect(found["files"]?.int == 5 && found["errors"]?.int == 1)
        #expect(found["diagnostics"]?[0]?["hint"]?.text == "did you mean 'variant'?")
        #expect(found["diagnostics"]?[0]?["line"]?.int == 4)
    }

    /// SARIF 2.1.0, 3.13 and 3.14: version, runs, a driver with a name, rules that results refer to.
    @Test func findingsAreWrittenAsSARIF() throws {
        let folder = try folder()
        let output = try Basalt.run(["lint", ".", "--format", "sarif"], directory: folder.path)
        let run = try JSON(parsing: output.stdout)["runs"]?[0]
        #expect(run?["tool"]?["driver"]?["name"]?.text == "basalt")
        #expect(run?["tool"]?["driver"]?["rules"]?[0]?["id"]?.text == "unknown-field")
        let result = run?["results"]?[0]
        #expect(result?["ruleId"]?.text == "unknown-field" && result?["message"]?["text"]?.text != nil)
        let place = result?["locations"]?[0]?["physicalLocation"]
        #expect(place?["artifactLocation"]?["uri"]?.text == "image/e.yaml")
    }
}
