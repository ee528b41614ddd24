// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import OCI
internal import RegularExpressions
internal import Signing
internal import TestSupport
internal import Testing
internal import Transparency
internal import Verification

/// Log entries, certificates and timestamps in the annotations of cosign's older form are held to the same rules as those in
/// bundles. cosign itself is asked about such images in Tests/Interop/scenarios/certificates.
@Suite(.enabled(if: CertificateLab.exists, Comment(rawValue: CertificateLab.reason)))
struct OlderFormTests {
    @Test func keylessSignatureIsBelieved() async throws {
        let image = try OlderImage()
        #expect(try await image.failures(image.policy()) == [])
        var any = try image.policy()
        any.signatures = .any
        #expect(try await image.failures(any) == [])
    }

    @Test func timestampIsATimeToo() async throws {
        var image = try OlderImage()
        try image.log(nil)
        image.stamp = try image.lab.stamp(image.signature)
        let policy = try image.policy {
            $0.needsLog = false
            $0.needsTimestamp = true
        }
        #expect(try await image.failures(policy) == [])
        // Over what was signed, it is no timestamp of the signature.
        image.stamp = try image.lab.stamp(image.payload)
        #expect(try await image.failures(policy).contains { $0.check == "transparency" })
    }

    @Test func keyIsHeldToTheLog() async throws {
        var image = try OlderImage(nil)
        let policy = try image.policy(.key(image.key.publicKey))
        #expect(try await image.failures(policy) == [])
        try image.log(nil)
        #expect(try await image.failures(policy).contains { $0.detail.contains("log") })
    }

    @Test(arguments: [false, true]) func attestationIsHeldToItsEntry(_ inToto: Bool) async throws {
        var image = try OlderImage()
        try image.attest(PredicateType.spdx, inToto: inToto)
        var policy = try image.policy()
        policy.predicateTypes = [PredicateType.spdx]
        #expect(try await image.failures(policy).filter { $0.subject == "index" } == [])
        // The same payload and signature in another text: not what the log was shown.
        image.statement = image.statement.map { $0 + Array("\n".utf8) }
        #expect(try await image.failures(policy).contains { $0.detail.contains("the envelope differs") })
    }

    @Test func expressionsNameIdentities() async throws {
        let image = try OlderImage()
        func failures(_ name: String, _ issuer: String) async throws -> [Finding] {
            let identity = CertificateIdentity(
                name: .matching(try RegularExpression(name)),
                issuer: .matching(try RegularExpression(issuer))
            )
            return try await image.failures(image.policy(.certificate(identity)))
        }
        #expect(try await failures("^https://git\\.example\\.org/ci@", "issuer").isEmpty)
        #expect(try await !failures("^git\\.example\\.org/ci@", "issuer").isEmpty)
        #expect(try await !failures("git", "^issuer").isEmpty)
        let bare = try OlderImage(.init { $0.issuer = nil })
        let anyone = CertificateIdentity(name: .matching(try RegularExpression("")), issuer: .exact("x"))
        #expect(try await !bare.failures(bare.policy(.certificate(anyone))).isEmpty)
    }

    enum Refused: String, CaseIterable {
        case payload, signature, payloadOfAnother
        case promise, time, position, logID, bodyOfAnother, bodyAlgorithm, bodyVerifier, bodyKind, noEntry
        case keyNotYetInUse, keyNoLongerInUse, unknownLog
        case otherIdentity, otherIssuer, noIssuer, otherAuthority, expired, notYetValid, usage, authority, otherKey
        case noCertificate, certificateDamaged, chainDamaged, timestampDamaged, entryDamaged
    }

    @Test(arguments: Refused.allCases) func alterationIsRefused(_ alteration: Refused) async throws {
        var image = try OlderImage(
            .init { request in
                switch alteration {
                case .otherIdentity: request.names = ["URI:https://git.example.org/ci@refs/heads/other"]
                case .otherIssuer: request.issuer = "https://other.example.org"
                case .noIssuer: request.issuer = nil
                case .expired: request.validity = -7200 ... -3600
                case .notYetValid: request.validity = 3600...7200
                case .usage: request.usage = "serverAuth"
                case .authority: request.constraints = "CA:TRUE"
                default: break
                }
            }
        )
        var logs = [image.log.trusted()]
        func entry(_ path: [String], _ change: (inout JSON) -> Void) { image.entry?.change(path, change) }
        switch alteration {
        case .payload: image.payload[image.payload.count - 2] ^= 1
        case .signature: image.signature[20] ^= 1
        case .payloadOfAnother:
            try image.sign(SimpleSigning(reference: EvidenceFixture.repository, digest: .of("another")).bytes)
        case .promise: entry(["SignedEntryTimestamp"]) { $0.flipBase64() }
        case .time: entry(["Payload", "integratedTime"]) { $0 = .integer(image.time + 1) }
        case .position: entry(["Payload", "logIndex"]) { $0 = 8 }
        case .logID: entry(["Payload", "logID"]) { $0 = .string(String(repeating: "0", count: 64)) }
        case .bodyOfAnother:
            let other = try image.key.sign(Array("other".utf8))
            try image.log(
                LogFixture.hashedRekord(Array("other".utf8), signature: other, verifier: image.verifier)
            )
        case .bodyAlgorithm:
            // The content's hash indeed, and not the one that was signed.
            try image.log(
                LogFixture.hashedRekord(
                    image.payload,
                    signature: image.signature,
                    verifier: image.verifier,
                    algorithm: .sha512
                )
            )
        case .bodyVerifier:
            try image.log(
                LogFixture.hashedRekord(
                    image.payload,
                    signature: image.signature,
                    verifier: image.key.publicKey.pem
                )
            )
        case .bodyKind:
            var body = image.body ?? .null
            body.change(["kind"]) { $0 = "rekord" }
            try image.log(body)
        case .noEntry: try image.log(nil)
        case .keyNotYetInUse: logs = [image.log.trusted(from: "2999-01-01T00:00:00Z")]
        case .keyNoLongerInUse: logs = [image.log.trusted(until: "2021-01-01T00:00:00Z")]
        case .unknownLog: logs = [try LogFixture("other.example.org", scalar: 2).trusted()]
        case .otherAuthority:
            image.certificate = try CertificateLab().certificate(for: image.key)
            try image.sign(image.payload)
        case .otherKey:
            image.certificate = try image.lab.certificate(for: PrivateKey.generate())
            try image.sign(image.payload)
        case .noCertificate: image.certificate = nil
        case .certificateDamaged: image.certificate?[40] ^= 1
        case .chainDamaged: image.chain[0] = [1, 2, 3]
        case .timestampDamaged: image.stamp = [0x30]
        case .entryDamaged: image.entry = "nothing"
        case .otherIdentity, .otherIssuer, .noIssuer, .expired, .notYetValid, .usage, .authority: break
        }
        let failures = try await image.failures(image.policy(logs: logs))
        // A chain that cannot be read was never one: the trusted root names the issuers.
        if alteration == .chainDamaged {
            #expect(failures == [])
        } else {
            #expect(failures.contains { $0.subject == "index" && $0.check == "signature-legacy" }, "\(failures)")
        }
    }

    @Test func severalPeriodsOfOneLogAreTriedInTurn() async throws {
        let image = try OlderImage()
        let past = image.log.trusted(until: "2021-01-01T00:00:00Z")
        #expect(
            try await image.failures(image.policy(logs: [past, image.log.trusted(from: "2021-01-02T00:00:00Z")])) == []
        )
        #expect(try await !image.failures(image.policy(logs: [past, past])).isEmpty)
    }

    @Test func oneFormIsNotTwo() async throws {
        let image = try OlderImage()
        var policy = try image.policy()
        policy.signatures = .both
        let both = try await image.failures(policy)
        #expect(both.contains { $0.check == "signature-bundle" && $0.detail.contains("--signatures legacy") })
        // The images of the index are signed for themselves in ours.
        #expect(both.contains { $0.subject == "linux/amd64" && $0.check == "signature-legacy" })
        policy.signatures = .bundle
        #expect(try await image.failures(policy).contains { $0.check == "signature-bundle" })
    }
}
