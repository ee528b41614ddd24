// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import Signing
internal import TestSupport
internal import Testing
internal import Transparency

/// Rules of the sigstore client specification and of the documents' protobuf definitions, one alteration of a good bundle each.
@Suite struct BundleRuleTests {
    /// A file that a key signed, with an entry of a Rekor 2 log about it.
    private struct Bench {
        let content = Array("something\n".utf8)
        let key: PrivateKey
        let log: LogFixture
        var json: JSON
        var logs: [JSON]
        var requirements = BundleVerifier.Requirements()

        init() throws {
            key = try PrivateKey(scalar: [UInt8](repeating: 9, count: 32))
            log = try LogFixture()
            let signature = try key.sign(content)
            let body = LogFixture.hashedRekord2(content, signature: signature, key: key.publicKey)
            json = Self.message(signature, over: content, entry: try log.entry(body))
            logs = [log.trusted()]
        }

        static func message(_ signature: [UInt8], over content: [UInt8], entry: JSON?) -> JSON {
            [
                "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                "verificationMaterial": [
                    "publicKey": ["hint": ""], "tlogEntries": .array([entry].compactMap { $0 }),
                ],
                "messageSignature": [
                    "messageDigest": [
                        "algorithm": "SHA2_256", "digest": .string(Base64.encode(Digest.of(content).bytes)),
                    ],
                    "signature": .string(Base64.encode(signature)),
                ],
            ]
        }

        /// The same with a statement in an envelope.
        mutating func sign(statement: JSON) throws {
            let payload = statement.canonical
            let message = Envelope.preAuthentication(type: Envelope.inToto, payload: payload)
            let signature = try key.sign(message)
            let entry = try log.entry(LogFixture.hashedRekord2(message, signature: signature, key: key.publicKey))
            let envelope = Envelope(payload: payload, signatures: [.init(bytes: signature)])
            json = [
                "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                "verificationMaterial": ["publicKey": ["hint": ""], "tlogEntries": [entry]],
                "dsseEnvelope": envelope.json(withKeyID: false),
            ]
        }

        func root() throws -> TrustedRoot {
            let root: JSON = [
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1", "tlogs": .array(logs),
            ]
            return try TrustedRoot(parsing: root.compact)
        }

        func verify(_ artifact: Artifact? = nil, by other: PublicKey? = nil) throws {
            let bundle = try Signing.Bundle(parsing: json.compact, name: "bundle")
            _ = try BundleVerifier(root: try root(), requirements: requirements)
                .verify(bundle, by: .key(other ?? key.publicKey), about: artifact ?? Artifact(content))
        }

        var isRefused: Bool { (try? verify()) == nil }

        static let entry = ["verificationMaterial", "tlogEntries", "0"]
        mutating func change(entry path: [String], _ body: (inout JSON) -> Void) {
            json.change(Self.entry + path, body)
        }

        /// Another body, with everything around it right.
        mutating func relog(_ body: JSON, kind: String = "hashedrekord", version: String = "0.0.2") throws {
            let entry = try log.entry(body, kind: kind, version: version)
            change(entry: []) { $0 = entry }
        }

        var signature: [UInt8] { Base64.decode(json["messageSignature"]?["signature"]?.text ?? "") ?? [] }
    }

    @Test func fileAndDigestAreAccepted() throws {
        let bench = try Bench()
        try bench.verify()
        try bench.verify(Artifact(digest: .of(bench.content)))
        #expect(throws: TransparencyError.self) { try bench.verify(Artifact(digest: .of("other"))) }
        #expect(throws: TransparencyError.self) { try bench.verify(by: PrivateKey.generate().publicKey) }
    }

    @Test func ofSeveralLogsTheRightOneIsAsked() throws {
        var bench = try Bench()
        let other = try LogFixture("other.example.org", scalar: 2).trusted()
        bench.logs = [other, bench.logs[0], other]
        try bench.verify()
        bench.logs = [other]
        #expect(bench.isRefused)
        bench.requirements.needsLog = false
        try bench.verify()
    }

    @Test func witnessesArePassedOver() throws {
        var bench = try Bench()
        let root =
            Base64.decode(
                bench.json["verificationMaterial"]?["tlogEntries"]?.elements?[0]["inclusionProof"]?["rootHash"]?.text
                    ?? ""
            ) ?? []
        let witness = "\u{2014} witness.example.org \(Base64.encode([1, 2, 3, 4] + [UInt8](repeating: 5, count: 72)))\n"
        let note = try bench.log.checkpoint(size: 1, root: root, before: [witness, witness])
        bench.change(entry: ["inclusionProof", "checkpoint", "envelope"]) { $0 = .string(note) }
        try bench.verify()
        bench.change(entry: ["inclusionProof", "checkpoint", "envelope"]) {
            $0 = .string(note.split(separator: "\u{2014} log.example.org")[0] + "")
        }
        #expect(bench.isRefused)
    }

    enum Refused: String, CaseIterable {
        case kind, version, bodyVersion, bodyKind, olderKindOfBody
        case proofMissing, checkpointMissing, promiseOnly, promiseBesideBareProof, rootHash, treeSize, logIndex,
            proofIndex
        case origin, sizeInCheckpoint, rootInCheckpoint, signatureOfAnotherLog
        case entryTwice, hashOfAnotherKind, hashOfAnotherName, detailsOfAnotherKind, verifierOfAnother,
            signatureOfAnother
        case twoSigners, noSigner, digestHint, bothContents, signatureTwice, olderMediaType
    }

    @Test(arguments: Refused.allCases) func alterationIsRefused(_ alteration: Refused) throws {
        var bench = try Bench()
        let (key, content, signature) = (bench.key.publicKey, bench.content, bench.signature)
        let size = ["inclusionProof", "treeSize"]
        let envelope = ["inclusionProof", "checkpoint", "envelope"]
        let root =
            Base64.decode(
                bench.json["verificationMaterial"]?["tlogEntries"]?.elements?[0]["inclusionProof"]?["rootHash"]?.text
                    ?? ""
            ) ?? []
        let good = LogFixture.hashedRekord2(content, signature: signature, key: key)
        switch alteration {
        case .kind: bench.change(entry: ["kindVersion", "kind"]) { $0 = "dsse" }
        case .version: bench.change(entry: ["kindVersion", "version"]) { $0 = "0.0.1" }
        case .bodyVersion:
            var body = good
            body.change(["apiVersion"]) { $0 = "0.0.1" }
            try bench.relog(body)
        case .bodyKind:
            var body = good
            body.change(["kind"]) { $0 = "dsse" }
            try bench.relog(body)
        case .olderKindOfBody:
            // What it says is right, and it is not what it is called.
            try bench.relog(LogFixture.hashedRekord(content, signature: signature, verifier: key.pem))
        case .proofMissing: bench.change(entry: ["inclusionProof"]) { $0 = .null }
        case .checkpointMissing: bench.change(entry: ["inclusionProof", "checkpoint"]) { $0 = .null }
        case .promiseOnly:
            let body = LogFixture.hashedRekord(content, signature: signature, verifier: key.pem)
            let promise = try bench.log.promise(body.canonical, time: 1_700_000_000, index: 0)
            try bench.relog(body, version: "0.0.1")
            bench.change(entry: ["inclusionProof"]) { $0 = .null }
            bench.change(entry: ["integratedTime"]) { $0 = "1700000000" }
            bench.change(entry: ["inclusionPromise", "signedEntryTimestamp"]) { $0 = .string(Base64.encode(promise)) }
            // Such a promise is enough for 0.1 (sigstore_bundle.proto), and was so for that version only.
            var older = bench
            older.json.change(["mediaType"]) { $0 = "application/vnd.dev.sigstore.bundle+json;version=0.1" }
            try older.verify()
        case .promiseBesideBareProof:
            // A root that the proof leads to is easily computed; that it is the log's, the checkpoint says.
            let body = LogFixture.hashedRekord(content, signature: signature, verifier: key.pem)
            let promise = try bench.log.promise(body.canonical, time: 1_700_000_000, index: 0)
            try bench.relog(body, version: "0.0.1")
            bench.change(entry: ["integratedTime"]) { $0 = "1700000000" }
            bench.change(entry: ["inclusionPromise", "signedEntryTimestamp"]) { $0 = .string(Base64.encode(promise)) }
            try bench.verify()
            bench.change(entry: ["inclusionProof", "checkpoint"]) { $0 = .null }
            var older = bench
            older.json.change(["mediaType"]) { $0 = "application/vnd.dev.sigstore.bundle+json;version=0.1" }
            try older.verify()
            older.json.change(["mediaType"]) { $0 = "application/vnd.dev.sigstore.bundle+json;version=0.2" }
            #expect(older.isRefused)
        case .rootHash: bench.change(entry: ["inclusionProof", "rootHash"]) { $0.flipBase64() }
        case .treeSize: bench.change(entry: size) { $0 = "2" }
        case .logIndex: bench.change(entry: ["logIndex"]) { $0 = "1" }
        case .proofIndex: bench.change(entry: ["inclusionProof", "logIndex"]) { $0 = "1" }
        case .origin:
            let note = try bench.log.checkpoint(size: 1, root: root, origin: "other.example.org")
            bench.change(entry: envelope) { $0 = .string(note) }
        case .sizeInCheckpoint:
            let note = try bench.log.checkpoint(size: 2, root: root)
            bench.change(entry: envelope) { $0 = .string(note) }
        case .rootInCheckpoint:
            let note = try bench.log.checkpoint(size: 1, root: Digest.of("x").bytes)
            bench.change(entry: envelope) { $0 = .string(note) }
        case .signatureOfAnotherLog:
            let note = try LogFixture(scalar: 3).checkpoint(size: 1, root: root)
            bench.change(entry: envelope) { $0 = .string(note) }
        case .entryTwice:
            bench.json.change(["verificationMaterial", "tlogEntries"]) {
                $0 = .array(($0.elements ?? []) + ($0.elements ?? []))
            }
        case .hashOfAnotherKind:
            // The content's hash indeed, and not the one that an ECDSA P-256 key signs.
            try bench.relog(LogFixture.hashedRekord2(content, signature: signature, key: key, algorithm: .sha512))
        case .hashOfAnotherName:
            var body = good
            body.change(["spec", "hashedRekordV002", "data", "algorithm"]) { $0 = "SHA2_384" }
            try bench.relog(body)
        case .detailsOfAnotherKind:
            try bench.relog(
                LogFixture.hashedRekord2(content, signature: signature, key: key, details: "PKIX_ECDSA_P384_SHA_384")
            )
        case .verifierOfAnother:
            try bench.relog(
                LogFixture.hashedRekord2(content, signature: signature, key: PrivateKey.generate().publicKey)
            )
        case .signatureOfAnother:
            try bench.relog(
                LogFixture.hashedRekord2(content, signature: PrivateKey.generate().sign(content), key: key)
            )
        case .twoSigners:
            bench.json.change(["verificationMaterial", "certificate"]) { $0 = ["rawBytes": "MAA="] }
        case .noSigner: bench.json.change(["verificationMaterial", "publicKey"]) { $0 = .null }
        case .digestHint: bench.json.change(["messageSignature", "messageDigest", "digest"]) { $0.flipBase64() }
        case .bothContents: bench.json.change(["dsseEnvelope"]) { $0 = .object([]) }
        case .signatureTwice:
            try bench.sign(statement: statement())
            bench.json.change(["dsseEnvelope", "signatures"]) { $0 = .array(($0.elements ?? []) + ($0.elements ?? [])) }
        case .olderMediaType:
            bench.json.change(["mediaType"]) { $0 = "application/vnd.dev.sigstore.bundle+json;version=0.4" }
        }
        #expect(bench.isRefused)
    }

    private func statement(_ change: (inout JSON) -> Void = { _ in }) -> JSON {
        var statement: JSON = [
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [["digest": ["sha256": .string(Digest.of(Array("something\n".utf8)).hex)]]],
            "predicateType": "https://example.org/x/v1", "predicate": [:],
        ]
        change(&statement)
        return statement
    }

    @Test func statementsOfKnownTypesAreAccepted() throws {
        var bench = try Bench()
        for type in ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"] {
            try bench.sign(statement: statement { $0.change(["_type"]) { $0 = .string(type) } })
            try bench.verify()
        }
        // One subject of several is enough.
        try bench.sign(
            statement: statement { statement in
                statement.change(["subject"]) { subjects in
                    subjects = .array([["name": "other", "digest": ["sha256": "00"]]] + (subjects.elements ?? []))
                }
            }
        )
        try bench.verify()
    }

    @Test(arguments: [
        ("_type", "https://in-toto.io/Statement/v2"), ("_type", nil), ("predicateType", nil), ("predicateType", ""),
        ("subject", nil), ("subject", "x"),
    ])
    func statementOfAnotherTypeIsRefused(_ member: String, _ value: String?) throws {
        var bench = try Bench()
        try bench.sign(
            statement: statement { statement in
                statement = .object(
                    (statement.members ?? []).compactMap { name, old in
                        if name != member { return (name, old) }
                        return value.map { (name, .string($0)) }
                    }
                )
            }
        )
        #expect(bench.isRefused)
    }

    @Test(.enabled(if: Tool.exists("openssl"), "openssl is not installed"), arguments: [true, false])
    func paddingIsWhatTheEntrySays(_ isPSS: Bool) throws {
        let directory = try TemporaryDirectory()
        func openssl(_ arguments: [String]) throws { #expect(try Tool.run("openssl", arguments).status == 0) }
        let file = directory.path("key.pem")
        try openssl(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072", "-out", file])
        try openssl(["pkey", "-in", file, "-pubout", "-out", directory.path("key.pub")])
        let key = try PublicKey(pem: Array(try Data(contentsOf: URL(filePath: directory.path("key.pub")))))
        var bench = try Bench()
        try directory.write(bench.content, to: "content")
        let padding = isPSS ? ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"] : []
        try openssl(
            ["dgst", "-sha256", "-sign", file] + padding + [
                "-out", directory.path("signature"), directory.path("content"),
            ]
        )
        let signature = Array(try Data(contentsOf: URL(filePath: directory.path("signature"))))
        for (details, isRight) in [
            ("PKIX_RSA_PSS_3072_SHA256", isPSS), ("PKIX_RSA_PKCS1V15_3072_SHA256", !isPSS),
            ("PKIX_RSA_PSS_4096_SHA256", false), ("PKIX_RSA_PKCS1V15_2048_SHA256", false),
        ] {
            let body = LogFixture.hashedRekord2(bench.content, signature: signature, key: key, details: details)
            bench.json = Bench.message(signature, over: bench.content, entry: try bench.log.entry(body))
            let accepted: Void? = try? bench.verify(by: key)
            #expect((accepted != nil) == isRight, "\(details)")
        }
        // Where nobody says it, it is the older one.
        bench.json = Bench.message(signature, over: bench.content, entry: nil)
        bench.requirements.needsLog = false
        let accepted: Void? = try? bench.verify(by: key)
        #expect((accepted != nil) == !isPSS)
    }

    /// Input whose size is the attack.
    @Test func countsAreBounded() throws {
        var bench = try Bench()
        let entry = bench.json["verificationMaterial"]?["tlogEntries"]?.elements?[0] ?? .null
        bench.json.change(["verificationMaterial", "tlogEntries"]) { $0 = .array(Array(repeating: entry, count: 33)) }
        #expect(throws: SigningError.self) { try Signing.Bundle(parsing: bench.json.compact, name: "x") }
        bench = try Bench()
        let stamp: JSON = ["signedTimestamp": "MAA="]
        bench.json.change(["verificationMaterial", "timestampVerificationData", "rfc3161Timestamps"]) {
            $0 = .array(Array(repeating: stamp, count: 33))
        }
        #expect(throws: SigningError.self) { try Signing.Bundle(parsing: bench.json.compact, name: "x") }
        let subjects: JSON = .array(Array(repeating: ["digest": ["sha256": "00"]], count: 1025))
        try bench.sign(statement: statement { $0.change(["subject"]) { $0 = subjects } })
        #expect(bench.isRefused)
    }
}
