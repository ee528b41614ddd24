// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Fetching
internal import Foundation
internal import OCI
internal import Signing
internal import TestSupport
internal import Testing
internal import Transparency
internal import Verification

/// Images whose bundles a real log and a real timestamp authority confirmed.
@Suite(.enabled(if: TransparencyLab.exists, Comment(rawValue: TransparencyLab.reason)))
struct ImageTransparencyTests {
    private func failures(_ bench: Workbench, _ policy: TrustPolicy) async throws -> Set<String> {
        let directory = try TemporaryDirectory()
        let target = directory.path + "/img"
        try bench.draft.write(to: target)
        let report = try await ImageVerifier(source: LayoutSource(directory: target, tag: "1.0.0"), policy: policy)
            .verify()
        return Set(report.findings.filter { $0.outcome == .failed }.map(\.check))
    }

    /// What the tags name that old clients follow.
    private func tagged(_ bench: Workbench) -> [String: Digest] {
        var tags: [String: Digest] = [:]
        for entry in bench.draft.entries {
            if let tag = entry.annotations[Annotation.refName] { tags[tag] = entry.digest }
        }
        return tags
    }

    @Test func imageIsBelievedWithItsLogEntriesAndTimestampsOnly() async throws {
        let lab = try await TransparencyLab.start()
        let transport = try HTTPTransport()
        let root = try TrustedRoot(parsing: Files.read(lab.trustedRoot, limit: 1 << 20))
        let witnesses = Witnesses(
            logs: [LogClient(try Locator(lab.log), transport: transport)],
            authorities: [TimestampClient(try Locator(lab.authority), transport: transport)],
            root: root
        )
        let signer = WitnessedSigner(KeySigner(try EvidenceFixture.key()), witness: witnesses)
        let bench = try await Workbench.make(signer: signer)
        var policy = try VerificationTests.trust()
        var requirements = BundleVerifier.Requirements()
        requirements.needsTimestamp = true
        policy.transparency = BundleVerifier(root: root, requirements: requirements)
        #expect(try await failures(bench, policy).isEmpty)

        // Nothing that a digest depends on has changed, and the same signatures are entered once.
        let plain = try await Workbench.make()
        #expect(plain.index.digest == bench.index.digest)
        #expect(tagged(plain) == tagged(bench))
        let again = try await Workbench.make(signer: signer)
        #expect(try await failures(again, policy).isEmpty)

        // Believed without a trusted root, and not with one.
        #expect(try await failures(plain, VerificationTests.trust()).isEmpty)
        #expect(try await failures(plain, policy).isSuperset(of: ["transparency", "signature-bundle"]))

        let material = "verificationMaterial"
        for path in [
            [material, "tlogEntries"], [material, "timestampVerificationData"],
            [material, "tlogEntries", "0", "inclusionProof"],
            [material, "tlogEntries", "0", "inclusionProof", "hashes"],
        ] {
            var altered = bench
            try altered.rewriteBundle(EvidenceGraph.signaturePredicate, about: bench.index.digest) { json, _ in
                json.change(path) { $0 = .null }
            }
            #expect(try await failures(altered, policy).contains("transparency"), "\(path)")
        }
        for path in [
            [material, "tlogEntries", "0", "canonicalizedBody"],
            [material, "tlogEntries", "0", "inclusionProof", "rootHash"],
        ] {
            var altered = bench
            try altered.rewriteBundle(EvidenceGraph.signaturePredicate, about: bench.index.digest) { json, _ in
                json.change(path) { $0.flipBase64() }
            }
            #expect(try await failures(altered, policy).contains("transparency"), "\(path)")
        }
        // The signature is what a response ends with; certificates before it are for those who have none.
        let stamp = [material, "timestampVerificationData", "rfc3161Timestamps", "0", "signedTimestamp"]
        var altered = bench
        try altered.rewriteBundle(EvidenceGraph.signaturePredicate, about: bench.index.digest) { json, _ in
            json.change(stamp) { value in
                guard var der = value.text.flatMap({ Base64.decode($0) }) else { return }
                der[der.count - 4] ^= 1
                value = .string(Base64.encode(der))
            }
        }
        #expect(try await failures(altered, policy).contains("transparency"))
    }

    @Test func failingLogLeavesNothingBehind() async throws {
        let server = try LoopbackServer { _, connection in connection.answer(400, text: "closed") }
        defer { server.stop() }
        let log = LogClient(try Locator(server.url), transport: try HTTPTransport())
        let witnesses = Witnesses(logs: [log], authorities: [], root: nil)
        let signer = WitnessedSigner(KeySigner(try EvidenceFixture.key()), witness: witnesses)
        let error = await #expect(throws: TransparencyError.self) { try await Workbench.make(signer: signer) }
        #expect(error?.kind == .log)
        #expect(error?.message.contains("closed") == true)
    }
}

@Suite struct TransparencyPolicyTests {
    private static let root = #"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#

    private func policy(_ members: String) throws -> TrustPolicy {
        try TrustPolicy(parsing: Array("{\(members)}".utf8)) { name in
            name == "root.json" ? Array(Self.root.utf8) : Array(try EvidenceFixture.key().publicKey.pem.utf8)
        }
    }

    @Test func membersAreRead() throws {
        let key = #""trust": [{"key": "k.pub"}]"#
        #expect(try policy(key).transparency == nil)
        let plain = try #require(try policy(#"\#(key), "trustedRoot": "root.json""#).transparency)
        #expect(plain.requirements == BundleVerifier.Requirements())
        #expect(plain.requirements.needsLog && !plain.requirements.needsTimestamp)
        let other = try #require(
            try policy(
                #"\#(key), "trustedRoot": "root.json", "requireLog": false, "requireTimestamp": true, "requireCertificateLog": false"#
            ).transparency
        )
        #expect(!other.requirements.needsLog && other.requirements.needsTimestamp)
        #expect(!other.requirements.needsCertificateLog)
        let identity = try policy(
            #""trust": [{"certificateIdentity": "i", "certificateOidcIssuer": "o", "level": 2}], "trustedRoot": "root.json""#
        )
        #expect(identity.roots[0].signer == .certificate(CertificateIdentity(name: "i", issuer: "o")))
        #expect(identity.roots[0].level == 2)
    }

    @Test(arguments: [
        #""trust": [{"key": "k.pub"}], "requireLog": true"#,
        #""trust": [{"key": "k.pub"}], "trustedRoot": "root.json", "requireLog": "yes""#,
        #""trust": [{"key": "k.pub"}], "trustedRoot": 7"#,
        #""trust": [{"certificateIdentity": "i", "certificateOidcIssuer": "o"}]"#,
        #""trust": [{"certificateIdentity": "i"}], "trustedRoot": "root.json""#,
        #""trust": [{"key": "k.pub", "certificateIdentity": "i", "certificateOidcIssuer": "o"}], "trustedRoot": "root.json""#,
    ])
    func contradictionsAreRefused(_ members: String) {
        #expect(throws: VerificationError.self) { try policy(members) }
    }
}
