// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Signing
internal import TestSupport
internal import Testing
internal import Transparency

/// Input that somebody made to be misread. Nothing may crash, hang or be accepted.
@Suite struct HostileInputTests {
    private static let root = "a9JvgsxJ13WG4ZKi6ALAL3qg5dsQ+ewnyW189vChHv0="

    @Test(arguments: [
        "", "\n", "\n\n", "log\n1\n\(root)\n", "log\n1\n\(root)\n\n", "log\n1\n\(root)\n\n\u{2014} log AAAA\n",
        "log\n1\n\(root)\n\n\u{2014} log AAAAAAAA", "log\n-1\n\(root)\n\n\u{2014} log AAAAAAAA\n",
        "log\n01\n\(root)\n\n\u{2014} log AAAAAAAA\n", "log\n99999999999999999999\n\(root)\n\n\u{2014} log AAAAAAAA\n",
        "\n1\n\(root)\n\n\u{2014} log AAAAAAAA\n", "log\n1\nAAAA\n\n\u{2014} log AAAAAAAA\n",
        "log\n1\n\(root)\n\n- log AAAAAAAA\n", "log\n1\n\(root)\n\n\u{2014}  AAAAAAAA\n",
        "log\n1\n\(root)\n\n\u{2014} log AAAAAAAA more\n", "log\n1\n\(root)\n\n\u{2014} log !!!!!!!!\n",
        "log\r\n1\r\n\(root)\r\n\r\n\u{2014} log AAAAAAAA\r\n",
        String(repeating: "a\n", count: 40_000) + "\n\u{2014} a AAAAAAAA\n",
    ])
    func brokenCheckpointIsRefused(_ note: String) {
        #expect(throws: TransparencyError.self) { try Checkpoint(parsing: note) }
    }

    @Test func checkpointOfManySignaturesIsRefused() throws {
        let line = "\u{2014} log AAAAAAAA\n"
        let head = "log\n1\n\(Self.root)\n\n"
        #expect(try Checkpoint(parsing: head + line).signatures.count == 1)
        #expect(throws: TransparencyError.self) {
            try Checkpoint(parsing: head + String(repeating: line, count: 65))
        }
    }

    private static let entry: JSON = [
        "logIndex": "5", "logId": ["keyId": "AAAA"], "kindVersion": ["kind": "hashedrekord", "version": "0.0.2"],
        "inclusionProof": [
            "logIndex": "5", "rootHash": .string(root), "treeSize": "6", "hashes": [.string(root)],
            "checkpoint": ["envelope": .string("log\n6\n\(root)\n\n\u{2014} log AAAAAAAA\n")],
        ],
        "canonicalizedBody": "e30=",
    ]

    @Test func soundEntryIsRead() throws {
        let entry = try LogEntry(Self.entry)
        #expect(entry.index == 5 && entry.proof?.size == 6 && entry.body == Array("{}".utf8))
    }

    @Test(arguments: [
        ("logIndex", "-1"), ("logIndex", "9223372036854775808"), ("logIndex", "x"), ("logId.keyId", ""),
        ("canonicalizedBody", ""), ("canonicalizedBody", "e30*"), ("kindVersion.kind", ""), ("integratedTime", "-1"),
        ("inclusionProof.treeSize", "5"), ("inclusionProof.treeSize", "0"), ("inclusionProof.logIndex", "-5"),
        ("inclusionProof.rootHash", "AAAA"), ("inclusionProof.hashes.0", "AAAA"),
        ("inclusionProof.checkpoint.envelope", "log\n"), ("inclusionPromise.signedEntryTimestamp", "!"),
    ])
    func brokenEntryIsRefused(_ path: String, _ value: String) {
        var json = Self.entry
        let steps = path.split(separator: ".").map(String.init)
        if steps[0] == "inclusionPromise" { json.change([steps[0]]) { $0 = .object([]) } }
        // Without a value, the member is of another type.
        json.change(steps) { $0 = value.isEmpty ? .array([]) : .string(value) }
        #expect(throws: TransparencyError.self) { try LogEntry(json) }
    }

    @Test func deepProofIsRefused() {
        var json = Self.entry
        json.change(["inclusionProof", "hashes"]) { $0 = .array(Array(repeating: .string(Self.root), count: 64)) }
        #expect(throws: TransparencyError.self) { try LogEntry(json) }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.3"}"#,
        #"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":{}}"#,
        #"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":[{}]}"#,
        #"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","timestampAuthorities":[{"certChain":{"certificates":[{"rawBytes":"MAA="}]}}]}"#,
        #"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":[{"publicKey":{"rawBytes":"MAA=","validFor":{"start":"yesterday"}}}]}"#,
    ])
    func brokenTrustedRootIsRefused(_ text: String) {
        #expect(throws: TransparencyError.self) { try TrustedRoot(parsing: Array(text.utf8)) }
    }

    @Test func emptyTrustedRootTrustsNobody() throws {
        let text = #"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#
        let root = try TrustedRoot(parsing: Array(text.utf8))
        #expect(root.logs.isEmpty && root.certificateAuthorities.isEmpty && root.timestampAuthorities.isEmpty)
    }

    @Test(arguments: [
        [], [0x30], [0x30, 0x80], [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], [UInt8](repeating: 0x30, count: 70_000),
    ])
    func garbageIsNoTimestampAndNoCertificate(_ bytes: [UInt8]) {
        #expect(Certificate(der: bytes) == nil)
        #expect(throws: TimestampToken.Failure.self) {
            try TimestampToken(verifying: bytes, over: [1], certificates: [], roots: [])
        }
    }

    @Test(.enabled(if: Conformance.exists, "the vectors of sigstore-conformance are not there (BASALT_SHARED)"))
    func alteredTimestampNeverGivesAnotherTime() throws {
        let folder = "\(Conformance.folder)/rekor2-happy-path"
        let bundle = try Bundle(parsing: Shared.bytes("\(folder)/bundle.sigstore.json"), name: "bundle")
        let authority = try #require(
            TrustedRoot(parsing: Shared.bytes("\(folder)/trusted_root.json")).timestampAuthorities.first
        )
        func verify(_ response: [UInt8]) throws -> TimestampToken {
            try TimestampToken(
                verifying: response,
                over: bundle.signature,
                certificates: Array(authority.chain.dropLast()),
                roots: Array(authority.chain.suffix(1))
            )
        }
        let response = try #require(bundle.timestamps.first)
        let token = try verify(response)
        // 2025-06-12T12:02:20Z, as `openssl ts -reply -text` prints it.
        #expect(token.time == 1_749_729_740)
        for index in response.indices {
            var altered = response
            altered[index] ^= 0x01
            if let other = try? verify(altered) { #expect(other.time == token.time && other.imprint == token.imprint) }
        }
        for count in stride(from: 0, to: response.count, by: 7) {
            #expect(throws: TimestampToken.Failure.self) { try verify(Array(response.prefix(count))) }
        }
        #expect(throws: TimestampToken.Failure.self) { try verify(response + [0]) }
    }
}
