// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Foundation
internal import OCI
internal import TestSupport
internal import Testing

@Suite("Documents")
struct DocumentTests {
    /// Expected values from `date -u -d @N +%FT%TZ`.
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (1_735_689_600, "2025-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"), (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
    ])
    func writesTimes(seconds: Int, text: String) {
        #expect(Timestamp.text(seconds) == text)
        #expect(Timestamp.seconds(text) == seconds)
    }

    @Test func readsTimesStrictly() {
        #expect(Timestamp.seconds("2025-01-01T01:00:00+01:00") == 1_735_689_600)
        #expect(Timestamp.seconds("2025-01-01T00:00:00.123Z") == 1_735_689_600)
        for bad in [
            "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-01-01", "2025-01-01T00:00:00",
            "2025-01-01T00:00:00Zx",
        ] {
            #expect(Timestamp.seconds(bad) == nil, "\(bad)")
        }
    }

    /// RFC 9562 has no vector for the URL namespace; this one is Python's `uuid.uuid5(NAMESPACE_URL, 'https://example.org')`.
    @Test func derivesUUIDs() {
        #expect(Namespace.uuid("https://example.org") == "0d092af3-c9f8-531f-9cc3-9db40a0750ef")
    }

    /// image-spec's own examples of documents that are, and are not, valid.
    @Test(.enabled(if: Shared.exists, Comment(rawValue: Shared.reason)))
    func readsWhatTheImageSpecificationReads() throws {
        let document = try JSON(parsing: Shared.bytes("oracle/oci-image-spec/schema-test-vectors.json"))
        var count = 0
        for test in try #require(document.elements) {
            let bytes = Array(try #require(test["document"]?.text).utf8)
            let isValid = test["expect"]?.text == "valid"
            let comment = "\(test["kind"]?.text ?? "") \(test["index"]?.int ?? 0): \(test["comment"]?.text ?? "")"
            let read: (() throws -> Void)?
            switch test["kind"]?.text {
            case "image-manifest": read = { _ = try Manifest(parsing: bytes, name: "m") }
            case "image-index": read = { _ = try Index(parsing: bytes, name: "i") }
            case "image-config": read = { _ = try ImageConfiguration(parsing: bytes, name: "c") }
            case "descriptor":
                read = { _ = try Descriptor(JSON(parsing: bytes), place: "d") }
            default: read = nil
            }
            guard let read else { continue }
            count += 1
            // The specification allows digest algorithms that we do not know: those we refuse.
            let isKnown = test["kind"]?.text != "descriptor" || test["comment"]?.text?.contains("algorithm") != true
            if isValid {
                if isKnown && test["comment"]?.text?.contains("digest encoding") != true {
                    #expect(throws: Never.self, "\(comment)") { try read() }
                }
            } else if test["expect"]?.text == "invalid", test["comment"]?.text?.contains("urls") != true {
                // `urls` is not read: nothing is ever fetched from there.
                #expect(throws: (any Error).self, "\(comment)") { try read() }
            }
        }
        #expect(count > 20)
    }

    @Test(arguments: [
        ("GPL-2+", "GPL-2.0-or-later"), ("GPL-3.0-only", "GPL-3.0-only"), ("Expat", "MIT"),
        ("GPLv3+ or Artistic", "Artistic-1.0 OR GPL-3.0-or-later"), ("LGPL-2.1", "LGPL-2.1-only"),
        ("GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"),
        ("MIT AND (BSD-2-Clause OR ISC)", "(BSD-2-Clause OR ISC) AND MIT"),
        ("GPL-2 with Linux-syscall-note exception", "GPL-2.0-only WITH Linux-syscall-note"),
        ("MIT AND MIT", "MIT"), ("GPL-2+ or MIT, and ISC", "(GPL-2.0-or-later OR MIT) AND ISC"),
    ])
    func translatesLicences(text: String, expression: String) {
        #expect(Licence.stated(text)?.expression == expression)
    }

    @Test func keepsUnknownLicencesWithTheirText() throws {
        let file = """
            Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
            Upstream-Name: x

            Files: *
            Copyright: 2020 A
            License: GPL-2+ and Frobnicate-1

            Files: debian/*
            Copyright: 2021 B
            License: GPL-2+

            License: GPL-2+
             Text of it.

            License: Frobnicate-1
             You may frobnicate.
             .
             Twice.
            """
        let licence = try #require(CopyrightFile(Array(file.utf8))?.licence)
        let extracted = try #require(licence.extracted.first)
        #expect(licence.extracted.count == 1)
        #expect(extracted.text == "You may frobnicate.\n\nTwice.")
        #expect(extracted.identifier.hasPrefix("LicenseRef-Frobnicate-1-"))
        #expect(licence.expression == "GPL-2.0-or-later AND \(extracted.identifier)")
        #expect(CopyrightFile(Array("This package was debianized by somebody.\n\nIt is free.\n".utf8)) == nil)
        #expect(CopyrightFile([]) == nil)
    }

    @Test func refusesMalformedDocuments() {
        let config =
            #""config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:\#(String(repeating: "0", count: 64))","size":2}"#
        let cases: [(String, String)] = [
            ("{}", "no schema version"), ("[]", "no object"),
            (#"{"schemaVersion":1,\#(config),"layers":[]}"#, "old schema"),
            (#"{"schemaVersion":2,\#(config),"layers":[],"manifests":[]}"#, "manifest and index at once"),
            (#"{"schemaVersion":2,"layers":[]}"#, "no config"),
            (#"{"schemaVersion":2,"mediaType":"text/plain",\#(config),"layers":[]}"#, "other media type"),
            (
                #"{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:\#(String(repeating: "0", count: 64))","size":2},"layers":[]}"#,
                "artifact without type"
            ),
            (
                #"{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"md5:00","size":2},"layers":[]}"#,
                "weak digest"
            ),
            (
                #"{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"sha256:\#(String(repeating: "0", count: 64))","size":-1},"layers":[]}"#,
                "negative size"
            ),
        ]
        for (text, why) in cases {
            #expect(throws: OCIError.self, "\(why)") { try Manifest(parsing: Array(text.utf8), name: "m") }
        }
    }
}
