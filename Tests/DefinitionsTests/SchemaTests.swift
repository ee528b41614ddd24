// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Definitions
import Diagnostics
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Shared.exists, Comment(rawValue: Shared.reason)))
struct SchemaTests {
    /// What annotates a schema and has no say in what it accepts.
    private static let annotations: Set<String> = ["$id", "$schema", "title", "description", "default", "examples"]

    /// A schema without annotations, names in order; the names of properties are not annotations.
    private func bare(_ value: JSON, isProperties: Bool = false) -> JSON {
        switch value {
        case .object(let members):
            let kept = members.filter { isProperties || !Self.annotations.contains($0.0) }
            return .object(kept.map { ($0.0, bare($0.1, isProperties: $0.0 == "properties" && !isProperties)) })
        case .array(let values):
            // Names of required fields come in any order.
            let strings = values.compactMap(\.text)
            if strings.count == values.count { return .strings(strings.sorted()) }
            return .array(values.map { bare($0) })
        default: return value
        }
    }

    @Test func ourSchemaSaysWhatThePublishedOneSays() throws {
        let published = try JSON(parsing: try Shared.bytes("dhi/spec.json"))
        #expect(bare(SchemaWriter.schema) == bare(published))
    }

    /// Several thousand broken definitions: we refuse one exactly when the published schema does, and so does ours.
    @Test(.enabled(if: SchemaTests.hasOracle, "python3 with the modules yaml and jsonschema is not installed"))
    func brokenDefinitionsAreRefusedExactlyWhenTheSchemaRefusesThem() throws {
        let folder = try TemporaryDirectory()
        try folder.write(Array(SchemaWriter.schema.pretty.utf8), to: "own.json")
        try FileManager.default.createDirectory(atPath: folder.path("out"), withIntermediateDirectories: true)
        let output = try Tool.run(
            "python3",
            [
                Self.oracle("definition_mutations.py"), Shared.path("dhi/spec.json"), try Catalog.folder("2026-08-22"),
                folder.path("out"), "4000",
                "7",
                folder.path("own.json"),
            ]
        )
        #expect(output.status == 0, "\(output.stderr)")
        #expect(output.lines.count == 4_000)
        var accepted = 0
        for line in output.lines {
            let parts = line.split(separator: "\t").map(String.init)
            let document = DefinitionLoader().load(path: folder.path("out/" + parts[0]))
            let isAccepted = !document.diagnostics.hasErrors || Self.isOurOwn(document.diagnostics)
            #expect(isAccepted == (parts[1] == "1"), "\(parts[3]): \(document.diagnostics.map(\.message))")
            #expect(parts[1] == parts[2], "our schema: \(parts[3])")
            accepted += parts[1] == "1" ? 1 : 0
        }
        // Both answers must occur often, or the test would say nothing.
        #expect((800...3_200).contains(accepted))
    }

    /// Published definitions use a part of the schema: this walks all of it, each keyword with right and wrong values.
    @Test(.enabled(if: SchemaTests.hasOracle, "python3 with the modules yaml and jsonschema is not installed"))
    func everyKeywordOfTheSchemaIsObeyed() throws {
        let folder = try TemporaryDirectory()
        try folder.write(Array(SchemaWriter.schema.pretty.utf8), to: "own.json")
        try FileManager.default.createDirectory(atPath: folder.path("out"), withIntermediateDirectories: true)
        let output = try Tool.run(
            "python3",
            [
                Self.oracle("definition_schema_walk.py"), Shared.path("dhi/spec.json"), folder.path("out"),
                folder.path("own.json"),
            ]
        )
        #expect(output.status == 0, "\(output.stderr)")
        #expect(output.lines.count > 10_000)
        for line in output.lines {
            let parts = line.split(separator: "\t").map(String.init)
            let document = DefinitionLoader().load(path: folder.path("out/" + parts[0]))
            let isAccepted = !document.diagnostics.hasErrors || Self.isOurOwn(document.diagnostics)
            #expect(isAccepted == (parts[1] == "1"), "\(parts[3]): \(document.diagnostics.map(\.message))")
            #expect(parts[1] == parts[2], "our schema: \(parts[3])")
        }
    }

    /// An include that does not exist is no matter of the schema.
    private static func isOurOwn(_ diagnostics: [Diagnostic]) -> Bool {
        diagnostics.allSatisfy { $0.code == "invalid-include" }
    }

    private static func oracle(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Oracles/\(name)").path
    }

    static let hasOracle =
        (try? Tool.run("python3", ["-c", "import yaml, jsonschema; jsonschema.Draft202012Validator"]).status) == 0
}
