// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Diagnostics
internal import Foundation
internal import OCI
internal import Packages
internal import TestSupport
internal import Testing

@Suite("VEX")
struct VEXTests {
    static let valid = """
        {"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.org/vex/1","author":"A","timestamp":"2025-01-01T00:00:00Z",
        "version":1,"statements":[{"vulnerability":{"name":"CVE-2025-1"},"products":[{"@id":"pkg:oci/img",
        "subcomponents":[{"@id":"pkg:deb/debian/bar"}]}],"status":"not_affected","justification":"component_not_present"}]}
        """

    private func file(_ text: String) -> VEXFile { VEXFile(name: "f.json", bytes: Array(text.utf8)) }

    /// What our reader demands beyond the JSON schema: forms that the schema only names (`format`), and rules that the
    /// specification gives in prose.
    private static let stricter: Set<String> = [
        "contradiction", "empty-field", "invalid-id", "invalid-purl", "invalid-time", "missing-reason",
        "unsupported-version",
    ]

    /// The specification's schema, applied by Python's jsonschema to other projects' documents and to mutants of them.
    @Test(
        .enabled(if: Shared.exists, Comment(rawValue: Shared.reason)),
        .enabled(if: Tool.exists("python3") && Self.hasSchemaModule, "Python has no module jsonschema")
    )
    func agreesWithTheSchema() throws {
        var documents: [JSON] = []
        for folder in ["vexctl-testdata", "vexctl-examples/openvex", "vexctl-examples/sarif", "go-vex-testdata"] {
            let path = Shared.path("oracle/openvex/\(folder)")
            for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted() where name.hasSuffix(".json")
            {
                if let json = try? JSON(parsing: Shared.bytes("oracle/openvex/\(folder)/\(name)")) {
                    documents.append(json)
                }
            }
        }
        let real = documents.count
        #expect(real > 15)
        let seeds = documents.filter { $0["@context"]?.text == VEXDocument.context } + [try JSON(parsing: Self.valid)]
        for seed in seeds { documents += Self.mutants(of: seed) }
        let lines = documents.map { String(decoding: $0.compact, as: UTF8.self) + "\n" }.joined()
        let script = """
            import json, sys, jsonschema
            schema = json.load(open(sys.argv[1]))
            check = jsonschema.validators.validator_for(schema)(schema)
            for line in sys.stdin:
                print("valid" if check.is_valid(json.loads(line)) else "invalid")
            """
        let verdicts = try Tool.run(
            "python3",
            ["-c", script, Shared.path("oracle/openvex/openvex_json_schema.json")],
            input: Array(lines.utf8)
        )
        try #require(verdicts.status == 0, "\(verdicts.stderr)")
        try #require(verdicts.lines.count == documents.count)
        var counts = (valid: 0, invalid: 0)
        for (document, verdict) in zip(documents, verdicts.lines) {
            let reader = VEXReader(document)
            let text = String(decoding: document.compact.prefix(400), as: UTF8.self)
            if verdict == "invalid" {
                counts.invalid += 1
                #expect(!reader.isValid, "the schema refuses \(text)")
            } else {
                counts.valid += 1
                let unexplained = reader.problems.filter { !Self.stricter.contains($0.code) }
                #expect(unexplained.isEmpty, "the schema accepts \(text)")
            }
        }
        #expect(counts.valid > 20 && counts.invalid > 100, "\(counts)")
    }

    static let hasSchemaModule = (try? Tool.run("python3", ["-c", "import jsonschema"]))?.status == 0

    /// One value removed, replaced by each other type, or joined by a name that means nothing; everywhere.
    private static func mutants(of json: JSON) -> [JSON] {
        let others: [JSON] = [.null, .bool(true), .integer(0), "x", [], .object([])]
        switch json {
        case .object(let members):
            var out: [JSON] = [.object(members + [("nonsense", "x")])]
            for index in members.indices {
                var less = members
                less.remove(at: index)
                out.append(.object(less))
                for value in others + mutants(of: members[index].1) {
                    var changed = members
                    changed[index].1 = value
                    out.append(.object(changed))
                }
            }
            return out
        case .array(let elements):
            // One element stands for all.
            guard let first = elements.first else { return [] }
            return [.array(elements + [first])]
                + (others + mutants(of: first)).map { .array([$0] + elements.dropFirst()) }
        default: return []
        }
    }

    @Test func saysWhereAProblemIs() throws {
        let text = """
            {
              "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/1", "author": "A",
              "timestamp": "2025-01-01T00:00:00Z", "version": 1,
              "statements": [
                {"vulnerability": {"name": "CVE-1"}, "status": "fixed"},
                {"vulnerability": {"name": "CVE-\u{e9}2"}, "status": "fine"}
              ]
            }
            """
        let diagnostics = file(text).diagnostics
        #expect(diagnostics.map(\.code) == ["unknown-status"])
        #expect(diagnostics.first?.location.line == 6)
        // The quote of "fine", counted by hand.
        #expect(diagnostics.first?.location.column == 53)
    }

    @Test(arguments: [
        ("not_affected", "", "missing-reason"), ("affected", "", "missing-reason"),
        ("affected", #","action_statement":"""#, "missing-reason"),
        ("fixed", #","justification":"component_not_present""#, "contradiction"),
        ("fixed", #","justification":"because""#, "unknown-justification"),
        ("fixed", #","timestamp":"yesterday""#, "invalid-time"), ("fixed", #","why":"x""#, "unknown-field"),
        ("fixed", #","products":[{}]"#, "missing-field"),
        ("fixed", #","products":[{"@id":"pkg:deb/x"}]"#, "invalid-purl"),
        ("fixed", #","products":[{"@id":"no scheme"}]"#, "invalid-id"),
        ("fixed", #","products":[{"@id":"a:b"},{"@id":"a:b"}]"#, "duplicate"),
    ])
    func refusesStatements(status: String, rest: String, code: String) {
        let text = Self.valid.replacing(
            #""status":"not_affected","justification":"component_not_present""#,
            with: "\"status\":\"\(status)\"\(rest)"
        )
        let changed =
            rest.contains("products")
            ? text.replacing(#""products":[{"@id":"pkg:oci/img","#, with: #""x":[{"@id":"pkg:oci/img","#) : text
        #expect(file(changed).diagnostics.map(\.code).contains(code), "\(file(changed).diagnostics)")
    }

    @Test func survivesHostileFiles() {
        let deep = String(repeating: "[", count: 100_000)
        for text in [
            "", "{", "null", "[]", "{\"@id\":1}", deep, "{\"statements\":\(deep)", "\u{0}", "{\"a\":1,\"a\":2}",
        ] {
            #expect(file(text).document == nil)
            #expect(file(text).diagnostics.hasErrors, "\(text.prefix(40))")
        }
        #expect(VEXFile(name: "f", bytes: [0xFF, 0xFE, 0x7B]).document == nil)
        #expect(
            VEXFile(name: "f", bytes: [UInt8](repeating: 0x20, count: (16 << 20) + 1)).diagnostics.first?.code
                == "too-large"
        )
    }

    // MARK: Which statements are about an image

    private static func package(_ name: String, _ version: String, source: String? = nil) -> Package {
        Package(
            name: name,
            version: version,
            architecture: "amd64",
            source: .init(name: source ?? name, version: version),
            sha256: nil,
            size: 1,
            installedSize: 1,
            path: "x",
            repository: "debian"
        )
    }

    private static let image = VEXImage(
        repository: "registry.example.org/lab/img",
        tags: ["13", "trixie"],
        distribution: Distribution(id: "debian", versionID: "13", codename: "trixie", packageType: "deb"),
        platforms: [
            (.amd64, [package("libssl3t64", "3.5.1-1", source: "openssl"), package("openssl", "3.5.1-1")]),
            (.arm64, [package("libssl3t64", "3.5.1-1", source: "openssl")]),
        ],
        compare: { $0 == $1 ? 0 : $0.utf8.lexicographicallyPrecedes($1.utf8) ? -1 : 1 }
    )

    private func select(_ products: String) throws -> VEXSelection {
        let text = Self.valid.replacing(
            #"[{"@id":"pkg:oci/img","#,
            with: products + #","x":[{"@id":"pkg:oci/img","#
        ).replacing("\n\"subcomponents\"", with: "\"subcomponents\"").replacing(
            #","x":[{"@id":"pkg:oci/img","subcomponents":[{"@id":"pkg:deb/debian/bar"}]}]"#,
            with: ""
        )
        let file = file(text)
        try #require(file.document != nil, "\(file.diagnostics)")
        return VEXSelection([file], for: Self.image)
    }

    /// The product, how many statements are about the image, and how many parts of it are not there.
    @Test(arguments: [
        (#"[{"@id":"pkg:oci/img"}]"#, 1, 0), (#"[{"@id":"pkg:oci/other"}]"#, 0, 0),
        (#"[{"@id":"pkg:oci/img?tag=trixie"}]"#, 1, 0), (#"[{"@id":"pkg:oci/img?tag=12"}]"#, 0, 0),
        (#"[{"@id":"pkg:oci/img?repository_url=registry.example.org%2Flab%2Fimg"}]"#, 1, 0),
        (#"[{"@id":"pkg:oci/img?repository_url=elsewhere.example%2Fimg"}]"#, 0, 0),
        (#"[{"@id":"pkg:deb/debian/libssl3t64"}]"#, 1, 0), (#"[{"@id":"pkg:deb/debian/libssl3t64@3.5.1-1"}]"#, 1, 0),
        (#"[{"@id":"pkg:deb/debian/libssl3t64@3.4"}]"#, 0, 1), (#"[{"@id":"pkg:deb/debian/gone"}]"#, 0, 1),
        (#"[{"@id":"pkg:deb/debian/gone?distro=debian-12"}]"#, 0, 0), (#"[{"@id":"pkg:deb/ubuntu/gone"}]"#, 0, 0),
        (#"[{"@id":"pkg:deb/debian/openssl?arch=source"}]"#, 1, 0),
        (#"[{"@id":"pkg:deb/debian/openssl?vers=vers:deb%2F%3C4"}]"#, 1, 0),
        (#"[{"@id":"pkg:deb/debian/openssl?vers=vers:deb%2F%3C3"}]"#, 0, 1),
        (#"[{"@id":"pkg:oci/img","subcomponents":[{"@id":"pkg:pypi/requests"}]}]"#, 1, 0),
    ])
    func selects(products: String, entries: Int, stale: Int) throws {
        let selection = try select(products)
        #expect(selection.entries.count == entries)
        #expect(selection.stale.count == stale)
    }

    @Test func aSourceMeansAllThatIsBuiltFromIt() throws {
        let packages = try #require(
            try select(#"[{"@id":"pkg:deb/debian/openssl?arch=source"}]"#).entries.first?.packages
        )
        #expect(packages.map { $0.packages.map(\.name) } == [["libssl3t64", "openssl"], ["libssl3t64"]])
    }

    /// Examples of the specification's section on containment.
    @Test(arguments: [
        ("vers:deb/1.2.3|>=2.0.0|<5.0.0", ["1.2.3", "2.0.0", "4.9.9"], ["1.2.4", "5.0.0", "1.0.0"]),
        ("vers:deb/<1.5", ["1.4"], ["1.5", "1.6"]), ("vers:deb/>1.5", ["1.6"], ["1.5", "1.4"]),
        ("vers:deb/>=1|<=2|>=4|<=5", ["1", "2", "4", "5"], ["0", "3", "6"]), ("vers:deb/!=2", ["1", "3"], ["2"]),
        ("vers:deb/*", ["1"], []),
    ])
    func containsVersions(text: String, inside: [String], outside: [String]) throws {
        let range = try #require(VersionRange(text))
        for version in inside { #expect(range.contains(version, compare: Self.image.compare), "\(version)") }
        for version in outside { #expect(!range.contains(version, compare: Self.image.compare), "\(version)") }
        for bad in ["", "deb/<1", "vers:deb", "vers:/1", "vers:deb/<"] { #expect(VersionRange(bad) == nil) }
    }

    // MARK: Merging

    @Test func mergesIntoOneDocumentThatIsValid() throws {
        let index = Digest.of("index")
        let members: [(platform: Platform, digest: Digest)] = [(.amd64, .of("a")), (.arm64, .of("b"))]
        let merger = VEXMerger(identity: EvidenceFixture.identity, author: "Example")
        let later = Self.valid.replacing("2025-01-01", with: "2025-06-01").replacing("CVE-2025-1", with: "CVE-2025-0")
            .replacing("debian/bar", with: "debian/openssl")
        let files = [file(later), file(Self.valid.replacing("debian/bar", with: "debian/libssl3t64")), file(later)]
        let document = try #require(
            merger.document(of: VEXSelection(files, for: Self.image), index: index, members: members)
        )
        #expect(VEXReader(document.json).problems.isEmpty)
        #expect(document.timestamp == "2025-06-01T00:00:00Z")
        #expect(document.statements.map(\.vulnerability.name) == ["CVE-2025-1", "CVE-2025-0"], "by time, each once")
        let first = try #require(document.statements.first)
        #expect(first.products.map { $0.hashes["sha-256"] } == [index.hex, Digest.of("a").hex, Digest.of("b").hex])
        #expect(first.products.allSatisfy { $0.subcomponents.map(\.id) == ["pkg:deb/debian/libssl3t64@3.5.1-1"] })
        // openssl is in one platform's image only.
        #expect(document.statements[1].products.count == 2)
        let reversed = merger.document(
            of: VEXSelection(files.reversed(), for: Self.image),
            index: index,
            members: members
        )
        #expect(reversed?.json.canonical == document.json.canonical)
        let other = merger.document(of: VEXSelection(files, for: Self.image), index: .of("x"), members: members)
        #expect(other?.id != document.id, "another image's document is another document")
        #expect(merger.document(of: VEXSelection([], for: Self.image), index: index, members: members) == nil)
    }
}
