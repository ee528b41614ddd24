// SPDX-License-Identifier: Apache-2.0

import Building
import CanonicalJSON
import Comparison
import Cryptography
import OCI
import Packages
import TestSupport
import Testing

/// What changed between two sets of packages.
@Suite struct PackageDifferenceTests {
    private func package(
        _ name: String,
        _ version: String,
        architecture: String = "amd64",
        type: String = "deb",
        sha256: Digest? = nil
    ) -> PackageSnapshot {
        PackageSnapshot(name: name, version: version, architecture: architecture, type: type, sha256: sha256)
    }

    private func order(_ type: String, _ a: String, _ b: String) -> Int? {
        Ecosystems.all.first { $0.packageType == type }?.compare(a, b)
    }

    private func between(_ before: [PackageSnapshot], _ after: [PackageSnapshot]) -> [PackageDifference] {
        PackageDifference.between(before, after, order: order)
    }

    private static let versions = [
        "1.0", "1.0-1", "1.0-1+b1", "1.0~rc1", "1:0.9", "1.0+dfsg", "1.0-1~bpo12+1", "1.10", "1.9", "1.0a", "1.0-1.1",
        "0",
    ]

    @Test(.enabled(if: Tool.exists("dpkg"), "dpkg is not installed"))
    func ordersAsDpkgDoes() throws {
        for a in Self.versions {
            for b in Self.versions where a != b {
                let found = between([package("x", a)], [package("x", b)])
                #expect(found.count == 1)
                let isOlder = try Tool.run("dpkg", ["--compare-versions", a, "lt", b]).status == 0
                let isNewer = try Tool.run("dpkg", ["--compare-versions", a, "gt", b]).status == 0
                let expected: PackageDifference.Kind = isOlder ? .upgraded : isNewer ? .downgraded : .changed
                #expect(found.first?.kind == expected, "\(a) -> \(b)")
            }
        }
    }

    /// apk's own rules, from its test suite: _alpha < nothing < _p, and -r counts.
    @Test(arguments: [("1.0_alpha1", "1.0"), ("1.0", "1.0_p1"), ("1.0-r1", "1.0-r2"), ("1.9", "1.10")])
    func ordersAsApkDoes(_ older: String, _ newer: String) {
        let old = package("x", older, architecture: "x86_64", type: "apk")
        let new = package("x", newer, architecture: "x86_64", type: "apk")
        #expect(between([old], [new]).map(\.kind) == [.upgraded])
        #expect(between([new], [old]).map(\.kind) == [.downgraded])
    }

    @Test func knowsWhatIsNotOrdered() {
        #expect(between([package("x", "1", type: "npm")], [package("x", "2", type: "npm")]).map(\.kind) == [.changed])
    }

    @Test func seesAnotherFileOfTheSameVersion() {
        let found = between([package("x", "1", sha256: .of("a"))], [package("x", "1", sha256: .of("b"))])
        #expect(found.map(\.kind) == [.changed])
        #expect(between([package("x", "1", sha256: .of("a"))], [package("x", "1")]).isEmpty)
    }

    @Test func findsWhatCameAndWent() {
        let found = between(
            [package("a", "1"), package("b", "1"), package("c", "1")],
            [package("b", "1"), package("c", "2"), package("d", "1")]
        )
        #expect(found.map { "\($0.kind) \($0.name)" } == ["removed a", "upgraded c", "added d"])
    }

    @Test func anArchitectureThatBecomesAllIsTheSamePackage() {
        let found = between(
            [package("tzdata", "1", architecture: "amd64")],
            [package("tzdata", "2", architecture: "all")]
        )
        #expect(found.map { "\($0.kind)" } == ["upgraded"])
    }

    @Test func bytesToPullAreThoseOfNewLayersOnce() {
        func layer(_ name: String, _ size: Int) -> Descriptor {
            Descriptor(mediaType: MediaType.layerGzip, digest: .of(name), size: size)
        }
        let difference = LayerDifference(
            [layer("a", 1000), layer("b", 200)],
            [layer("b", 200), layer("c", 30), layer("c", 30), layer("d", 4)]
        )
        #expect(difference.bytesToPull == 34)
        #expect(difference.shared.map(\.size) == [200])
        #expect(difference.removed.map(\.size) == [1000])
        #expect(LayerDifference([layer("a", 1), layer("b", 1)], [layer("b", 1), layer("a", 1)]).isReordered)
    }

    @Test func readsBothFormsOfBills() throws {
        let purl = "pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&distro=debian-12&upstream=openssl%403.0.1-1"
        let spdx = try JSON(
            parsing: Array(
                """
                {"spdxVersion": "SPDX-2.3", "packages": [{"name": "image", "externalRefs": [{"referenceType": "purl",
                "referenceLocator": "pkg:oci/image@sha256%3A00"}]}, {"name": "libssl3", "licenseConcluded": "NOASSERTION",
                "licenseDeclared": "Apache-2.0", "externalRefs": [{"referenceType": "purl", "referenceLocator": "\(purl)"}]}]}
                """.utf8
            )
        )
        let cycloneDX = try JSON(
            parsing: Array(
                """
                {"bomFormat": "CycloneDX", "components": [{"type": "operating-system", "name": "debian", "components": [
                {"type": "library", "purl": "\(purl)", "licenses": [{"license": {"id": "Apache-2.0"}}]}]}]}
                """.utf8
            )
        )
        let expected = PackageSnapshot(
            name: "libssl3",
            version: "3.0.1-1",
            architecture: "amd64",
            type: "deb",
            source: "openssl",
            licence: "Apache-2.0"
        )
        #expect(BillOfMaterials(spdx)?.packages == [expected])
        #expect(BillOfMaterials(cycloneDX)?.packages == [expected])
        #expect(BillOfMaterials(["basaltLock": 1]) == nil)
    }

    @Test func documentsDifferValueByValue() throws {
        func document(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }
        let difference = DocumentDifference(
            try document(#"{"a": 1, "b": {"c": "x"}, "l": [1, 2, 3], "m": [1, 2], "same": true}"#),
            try document(#"{"a": 2, "b": {"d": "y"}, "l": [1, 3], "m": [1, 5], "same": true}"#)
        )
        #expect(
            difference.fields == [
                FieldDifference("a", "1", "2"), FieldDifference("b.c", "x", nil), FieldDifference("b.d", nil, "y"),
                FieldDifference("l[1]", "2", nil), FieldDifference("m[1]", "2", "5"),
            ]
        )
        let many = DocumentDifference(
            .array((0..<50).map { .integer($0) }),
            .array((50..<100).map { .integer($0) }),
            limit: 8
        )
        #expect(many.fields.count == 8)
        #expect(many.omitted == 42)
    }
}
