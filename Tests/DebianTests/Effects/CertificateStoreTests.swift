// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Debian
import FileTree
import Foundation
import Packages
import TestSupport
import Testing

@Suite(.enabled(if: Tool.exists("openssl"), "needs openssl"))
struct CertificateStoreTests {
    /// Self-signed certificates with subjects that the canonical form has something to do with; two share one.
    private static let subjects = [
        "/CN=Plain", "/C=DE/O=  Mixed   CASE  /CN=Größe", "/CN=Plain", "/O=A, B (C)/OU=x+CN=y", "/CN=" + String(repeating: "long ", count: 12),
    ]

    private static func certificates() throws -> [String] {
        let folder = try TemporaryDirectory()
        return try subjects.enumerated().map { index, subject in
            let run = try Tool.run(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-utf8",
                    "-keyout", folder.path("key"), "-out", folder.path("\(index).pem"), "-subj", subject, "-days", "30",
                ])
            guard run.status == 0 else { throw Unusable(reason: run.stderr) }
            return String(decoding: try Data(contentsOf: URL(filePath: folder.path("\(index).pem"))), as: UTF8.self)
        }
    }

    struct Unusable: Error { var reason: String }

    private static let names = ["B_one", "a two (x), y", "C_three", "Főtanúsítvány", "d"]

    private static func package(_ pems: [String], wanted: String? = nil) -> FakePackage {
        FakePackage(
            name: "ca-certificates", version: "20250419", fields: ["Depends: openssl"],
            files: zip(names, pems).map { ("usr/share/ca-certificates/mozilla/\($0).crt", $1) }
                + [("usr/share/doc/ca-certificates/copyright", "MPL"), ("usr/sbin/update-ca-certificates", "x")],
            wanted: wanted)
    }

    @Test func hashesNamesAndTimesAsOpenSSLDoes() throws {
        for pem in try Self.certificates() {
            let certificate = try #require(Certificate(pem: Array(pem.utf8)))
            let output = try Tool.run(
                "openssl", ["x509", "-noout", "-subject_hash", "-startdate", "-dateopt", "iso_8601"], input: Array(pem.utf8)
            ).lines
            let hex = String(certificate.subjectHash, radix: 16)
            #expect(String(repeating: "0", count: 8 - hex.count) + hex == output[0])
            let date = output[1].replacing("notBefore=", with: "").replacing(" ", with: "T")
            let expected = try Date(date, strategy: .iso8601)
            let notBefore = try #require(certificate.notBefore)
            #expect(Double(notBefore) == expected.timeIntervalSince1970)
        }
        #expect(Certificate(pem: Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)) == nil)
    }

    /// The links of `openssl rehash`, and a bundle in byte order of the files.
    @Test func agreesWithRehash() throws {
        let pems = try Self.certificates()
        let tree = try [Self.package(pems)].assemble(.runtime).tree
        let folder = try TemporaryDirectory()
        for node in tree.children(of: "etc/ssl/certs") where node.path.name.suffix(4).elementsEqual(".pem".utf8) {
            let source = try #require(tree.follow(node.path))
            try folder.write(Array((tree.text(source.path) ?? "").utf8), to: String(decoding: node.path.name, as: UTF8.self))
        }
        let expected = ["B_one.pem", "C_three.pem", "Főtanúsítvány.pem", "a_two_=x=__y.pem", "d.pem"]
        #expect(Set(folder.files()) == Set(expected))
        #expect(try Tool.run("openssl", ["rehash", folder.path]).status == 0)
        var links = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: folder.path(name)) else { continue }
            let ours = tree.target(try TreePath("etc/ssl/certs/" + name))
            #expect(ours == target, "\(name)")
            links += 1
        }
        #expect(links == pems.count)
        let sorted = zip(Self.names, pems).sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }.map(\.1)
        #expect(tree.text("etc/ssl/certs/ca-certificates.crt") == sorted.joined())
    }

    @Test func theBundleAloneStandsInForItsName() throws {
        let pems = try Self.certificates()
        let assembly = try [Self.package(pems, wanted: "ca-certificates-bundle")].assemble(.runtime)
        let files = assembly.tree.sorted.filter { $0.content != nil }.map(\.path.description)
        #expect(
            files == [
                "etc/ssl/certs/ca-certificates.crt", "usr/share/doc/ca-certificates-bundle/copyright",
                "var/lib/dpkg/status.d/ca-certificates-bundle", "var/lib/dpkg/status.d/ca-certificates-bundle.md5sums",
            ])
        #expect(assembly.tree["etc/ssl/certs/ca-certificates.crt"]?.origin == .package("ca-certificates-bundle"))
        let stanza = try #require(assembly.tree.text("var/lib/dpkg/status.d/ca-certificates-bundle"))
        #expect(stanza.hasPrefix("Package: ca-certificates-bundle\n") && stanza.contains("\nSource: ca-certificates\n"))
        #expect(!stanza.contains("Depends") && assembly.scripts.isEmpty)
    }

    @Test(.enabled(if: Tool.exists("keytool"), "needs keytool of a JDK"))
    func keytoolReadsTheKeystore() throws {
        let pems = try Self.certificates()
        let tree = try [Self.package(pems), FakePackage(name: "ca-certificates-java")].assemble(.runtime).tree
        guard case .bytes(let bytes)? = tree["etc/ssl/certs/java/cacerts"]?.content?.place else {
            Issue.record("no keystore")
            return
        }
        let folder = try TemporaryDirectory()
        try folder.write(bytes, to: "cacerts")
        let run = try Tool.run("keytool", ["-list", "-rfc", "-keystore", folder.path("cacerts"), "-storepass", "changeit"])
        #expect(run.status == 0, "\(run.text)")
        #expect(run.lines.count { $0 == "-----BEGIN CERTIFICATE-----" } == pems.count)
        #expect(run.text.contains("Alias name: debian:a_two_=x=__y.pem"))
        // Another password must not verify: the digest is there and is checked.
        #expect(try Tool.run("keytool", ["-list", "-keystore", folder.path("cacerts"), "-storepass", "changeme"]).status != 0)
    }
}
