// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import FileTree
internal import Foundation
internal import OCI
internal import Packages
internal import TestSupport
internal import Testing

/// Our documents, held against the published schemas by Python's jsonschema.
@Suite(
    "Schemas",
    .enabled(if: Shared.exists, Comment(rawValue: Shared.reason)),
    .enabled(if: VEXTests.hasSchemaModule, "Python has no module jsonschema")
)
struct SchemaTests {
    private static let script = """
        import json, pathlib, sys, jsonschema
        folder = pathlib.Path(sys.argv[1]).parent
        schema = json.load(open(sys.argv[1]))
        store = {}
        for path in folder.glob("*.json"):
            other = json.load(open(path))
            for name in (path.name, other.get("$id", path.name), "http://cyclonedx.org/schema/" + path.name):
                store[name] = other
        resolver = jsonschema.RefResolver(schema.get("$id", ""), schema, store=store)
        check = jsonschema.validators.validator_for(schema)(schema, resolver=resolver)
        for line in sys.stdin:
            errors = [e.json_path + ": " + e.message[:200] for e in check.iter_errors(json.loads(line))]
            print("; ".join(errors[:3]) or "valid")
        """

    private func verdicts(_ documents: [JSON], schema: String) throws -> [String] {
        let input = documents.map { String(decoding: $0.compact, as: UTF8.self) + "\n" }.joined()
        let result = try Tool.run(
            "python3",
            ["-W", "ignore", "-c", Self.script, Shared.path(schema)],
            input: Array(input.utf8)
        )
        try #require(result.status == 0, "\(result.stderr)")
        return result.lines
    }

    /// Images that are as odd as images may be: names that are not UTF-8, licences that nobody knows, missing facts.
    private func images() -> [PlatformImage] {
        let layer = Descriptor(mediaType: MediaType.layerGzip, digest: .of("l"), size: 1)
        var odd = EvidenceFixture.inventory(.amd64, layer: layer, diffID: .of("d"))
        odd.files.append(
            InventoryFile(
                path: TreePath(unchecked: Array("usr/share/".utf8) + [0xFF, 0x5C, 0x22, 0x0A]),
                sha256: .of("x"),
                sha1: .of("x", .sha1),
                size: 1,
                mode: 0o644,
                origin: .definition("paths")
            )
        )
        odd.packages[0].package.about.maintainer = "\"Quoted, Name\" <q@example.org>"
        odd.packages[0].package.about.homepage = "not a URL"
        odd.packages[0].licence = nil
        var empty = odd
        empty.files = []
        empty.packages = []
        empty.layers = []
        let plain = EvidenceFixture.inventory(.arm64, layer: layer, diffID: .of("d"))
        return [odd, empty, plain].enumerated().map { PlatformImage(digest: .of("\($0)"), inventory: $1) }
    }

    @Test func writesSPDXThatItsSchemaAccepts() throws {
        let images = images()
        let identity = EvidenceFixture.identity
        var documents = images.map { SPDXDocument.image($0, identity: identity) }
        documents.append(SPDXDocument.index(.of("i"), images: [images[0], images[2]], identity: identity))
        let found = try verdicts(documents, schema: "oracle/spdx/schema/spdx-schema-2.3.json")
        #expect(found == Array(repeating: "valid", count: documents.count))
        // The schema can say no.
        #expect(
            try verdicts([.object([("spdxVersion", "SPDX-2.3")])], schema: "oracle/spdx/schema/spdx-schema-2.3.json")
                != ["valid"]
        )
    }

    @Test func writesCycloneDXThatItsSchemaAccepts() throws {
        let images = images()
        let identity = EvidenceFixture.identity
        var documents = images.map { CycloneDXDocument.image($0, identity: identity) }
        documents.append(CycloneDXDocument.index(.of("i"), images: [images[0], images[2]], identity: identity))
        let schema = "oracle/cyclonedx/schema/bom-1.6.schema.json"
        #expect(try verdicts(documents, schema: schema) == Array(repeating: "valid", count: documents.count))
        #expect(try verdicts([.object([("bomFormat", "SPDX")])], schema: schema) != ["valid"])
    }

    /// CycloneDX 1.6, "Dependency graph": the index depends on its images, each of which has a component of its own, and they
    /// on what is in them.
    @Test func anIndexsBillHasAComponentForEachImage() throws {
        let members = [images()[0], images()[2]]
        let identity = EvidenceFixture.identity
        let document = CycloneDXDocument.index(.of("i"), images: members, identity: identity)
        let components = try #require(document["components"]?.elements)
        let containers = components.filter { $0["type"]?.text == "container" }
        #expect(containers.map { $0["version"]?.text } == members.map(\.digest.description))
        #expect(containers.map { $0["hashes"]?[0]?["content"]?.text } == members.map(\.digest.hex))
        let purls = try containers.map { try #require($0["purl"]?.text) }
        #expect(
            purls
                == members.map {
                    identity.purl($0.digest, architecture: $0.inventory.platform.architecture).description
                }
        )
        #expect(containers.map { $0["bom-ref"]?.text } == purls)
        var dependencies: [String: [String]] = [:]
        for entry in document["dependencies"]?.elements ?? [] {
            let name = try #require(entry["ref"]?.text)
            #expect(dependencies[name] == nil, "\(name) is listed twice")
            dependencies[name] = (entry["dependsOn"]?.elements ?? []).compactMap(\.text)
        }
        let root = try #require(document["metadata"]?["component"]?["bom-ref"]?.text)
        #expect(dependencies[root] == purls)
        // An operating system and the packages, which no two architectures share but those for all.
        for (purl, member) in zip(purls, members) {
            let own = try #require(dependencies[purl])
            #expect(own.count == member.inventory.packages.count + 1)
            #expect(own.allSatisfy { name in components.contains { $0["bom-ref"]?.text == name } })
        }
    }

    /// Every file has one owner in the document: a package that contains it, or the effect or field that made it.
    @Test func everyFileHasAnOwner() throws {
        let image = images()[0]
        let document = SPDXDocument.image(image, identity: EvidenceFixture.identity)
        let files = try #require(document["files"]?.elements)
        #expect(files.count == image.inventory.files.count)
        var owners: [String: Set<String>] = [:]
        for relationship in document["relationships"]?.elements ?? []
        where relationship["relationshipType"]?.text == "CONTAINS" {
            owners[relationship["relatedSpdxElement"]?.text ?? "", default: []].insert(
                relationship["spdxElementId"]?.text ?? ""
            )
        }
        for file in files {
            let id = try #require(file["SPDXID"]?.text)
            #expect(owners[id]?.isEmpty == false, "\(file)")
        }
        let packages = try #require(document["packages"]?.elements).filter { package in
            package["externalRefs"]?.elements?.contains { $0["referenceLocator"]?.text?.hasPrefix("pkg:deb/") == true }
                == true
        }
        #expect(packages.count == image.inventory.packages.count)
        #expect(packages.allSatisfy { $0["licenseDeclared"] != nil && $0["supplier"] != nil }, "licences and suppliers")
        #expect(CycloneDXDocument.image(image, identity: EvidenceFixture.identity)["components"] != nil)
    }
}
