// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import Signing
internal import TestSupport
internal import Testing

/// `verify-blob`: a statement about a file is no signature of it, and says what it says.
@Suite struct BlobCommandTests {
    private let directory: TemporaryDirectory
    private let key: PrivateKey
    private let content = Array("something\n".utf8)

    init() throws {
        directory = try TemporaryDirectory()
        key = try PrivateKey(scalar: [UInt8](repeating: 9, count: 32))
        try directory.write(Array(key.publicKey.pem.utf8), to: "k.pub")
        try directory.write(content, to: "a.txt")
    }

    private func run(_ body: (String, JSON), _ options: [String] = []) throws -> Tool.Output {
        let bundle = JSON.object([
            ("mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json"),
            ("verificationMaterial", ["publicKey": ["hint": ""]]), body,
        ])
        let file = try directory.write(bundle.compact, to: "bundle.json")
        return try Basalt.run(
            [
                "verify-blob", directory.path("a.txt"), "--bundle", file, "--key", directory.path("k.pub"),
                "--allow-unlogged",
            ]
                + options
        )
    }

    private func statement(_ type: String, _ predicate: JSON = [:]) throws -> (String, JSON) {
        let payload = JSON.object([
            ("_type", "https://in-toto.io/Statement/v1"),
            ("subject", .array([["name": "a.txt", "digest": ["sha256": .string(Digest.of(content).hex)]]])),
            ("predicateType", .string(type)), ("predicate", predicate),
        ]).canonical
        let signature = try key.sign(Envelope.preAuthentication(type: Envelope.inToto, payload: payload))
        return (
            "dsseEnvelope", Envelope(payload: payload, signatures: [.init(bytes: signature)]).json(withKeyID: false)
        )
    }

    @Test func statementThatTestsFailedIsNoSignature() throws {
        let type = "https://in-toto.io/attestation/test-result/v0.1"
        let failed = try statement(type, ["result": "FAILED", "failedTests": ["all"]])
        let output = try run(failed)
        #expect(output.status == 1 && output.stderr.contains(type) && !output.text.contains("verified"))
        for name in [type, "test-result"] {
            let output = try run(failed, ["--type", name])
            #expect(output.status == 0 && output.text.contains(type), "\(output.stderr)")
        }
        let json = try JSON(parsing: run(failed, ["--type", type, "--format", "json"]).stdout)
        #expect(json["predicateType"]?.text == type && json["verified"]?.boolean == true)
        #expect(try run(failed, ["--type", "provenance"]).status == 1)
        #expect(try run(failed, ["--type", "tests"]).status == 2)
    }

    @Test func signaturesNeedNoType() throws {
        let bare = ("messageSignature", JSON.object([("signature", .string(Base64.encode(try key.sign(content))))]))
        #expect(try run(bare).status == 0)
        #expect(try run(bare, ["--type", "provenance"]).status == 1)
        let json = try JSON(parsing: run(bare, ["--format", "json"]).stdout)
        #expect(json["verified"]?.boolean == true && json["predicateType"] == nil)
        // cosign's signature in the form of a statement.
        let type = "https://sigstore.dev/cosign/sign/v1"
        let output = try run(try statement(type))
        #expect(output.status == 0 && output.text.contains(type))
        #expect(try run(try statement(type), ["--type", type]).status == 0)
    }
}
