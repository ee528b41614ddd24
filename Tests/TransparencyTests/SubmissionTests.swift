// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Fetching
internal import Foundation
internal import Signing
internal import TestSupport
internal import Testing
internal import Transparency

/// Bundles that a real log and a real timestamp authority confirmed, judged by us and by cosign.
@Suite(.serialized, .enabled(if: TransparencyLab.exists, Comment(rawValue: TransparencyLab.reason)))
struct SubmissionTests {
    private static let digest = String(repeating: "5a", count: 32)

    private static func statement(_ name: String) -> [UInt8] {
        let predicate: JSON = ["buildDefinition": ["buildType": .string(name)], "runDetails": [:]]
        return JSON.object([
            ("_type", "https://in-toto.io/Statement/v1"),
            ("subject", .array([.object([("digest", .object([("sha256", .string(digest))]))])])),
            ("predicateType", "https://slsa.dev/provenance/v1"), ("predicate", predicate),
        ]).canonical
    }

    private static func bundle(_ name: String, _ key: PrivateKey) throws -> Signing.Bundle {
        let statement = statement(name)
        let signature = try key.sign(Envelope.preAuthentication(type: Envelope.inToto, payload: statement))
        return Signing.Bundle(
            envelope: Envelope(payload: statement, signatures: [.init(bytes: signature)]),
            key: key.publicKey
        )
    }

    @Test func bundlesAreLoggedStampedAndAcceptedByCosign() async throws {
        let lab = try await TransparencyLab.start()
        let transport = try HTTPTransport()
        let root = try TrustedRoot(parsing: Files.read(lab.trustedRoot, limit: 1 << 20))
        let witnesses = Witnesses(
            logs: [LogClient(try Locator(lab.log), transport: transport)],
            authorities: [TimestampClient(try Locator(lab.authority), transport: transport)],
            root: root
        )
        let key = try PrivateKey.generate()
        let bare = try (0..<20).map { try Self.bundle("\($0)", key) }
        let first = try await witnesses.witness(bare, by: key.publicKey)
        // The log has all of them already; with the root, it is known which log that is.
        let again = try await witnesses.witness(bare, by: key.publicKey)

        var requirements = BundleVerifier.Requirements()
        requirements.needsTimestamp = true
        let verifier = BundleVerifier(root: root, requirements: requirements)
        let subject = try #require(Digest("sha256:\(Self.digest)"))
        var indexes: [Int] = []
        for (one, other) in zip(first, again) {
            let outcome = try verifier.verify(one, by: .key(key.publicKey), about: Artifact(digest: subject))
            let repeated = try verifier.verify(other, by: .key(key.publicKey), about: Artifact(digest: subject))
            #expect(outcome.logs.map(\.index) == repeated.logs.map(\.index))
            #expect(outcome.timestamps == 1)
            indexes += outcome.logs.map(\.index)
        }
        #expect(indexes.sorted() == Array(0..<20))

        let folder = try TemporaryDirectory()
        try Data(key.publicKey.pem.utf8).write(to: URL(filePath: folder.path("key.pub")))
        for (name, bundle) in [("first", first[7]), ("again", again[7])] {
            try Data(bundle.json.compact).write(to: URL(filePath: folder.path(name)))
            let arguments = [
                "verify-blob-attestation", "--key", folder.path("key.pub"), "--trusted-root", lab.trustedRoot,
                "--use-signed-timestamps", "--bundle", folder.path(name), "--type", "slsaprovenance1", "--digest",
                Self.digest, "--digestAlg", "sha256",
            ]
            let output = try Tool.run(TransparencyLab.find("cosign3") ?? "cosign3", arguments)
            #expect(output.status == 0, "\(output.stderr)")
            let own = try Basalt.run([
                "verify-blob", "sha256:\(Self.digest)", "--bundle", folder.path(name), "--key", folder.path("key.pub"),
                "--trusted-root", lab.trustedRoot, "--require-timestamp", "--type", "provenance",
            ])
            #expect(own.status == 0, "\(own.stderr)")
        }
        try refusesAlterations(of: first[0], other: first[1], key.publicKey, verifier)
    }

    /// What somebody could change in what a log or an authority said.
    private func refusesAlterations(
        of bundle: Signing.Bundle,
        other: Signing.Bundle,
        _ key: PublicKey,
        _ verifier: BundleVerifier
    ) throws {
        func refuses(_ kind: TransparencyError.Kind, _ change: (inout Signing.Bundle) -> Void) {
            var altered = bundle
            change(&altered)
            let error = #expect(throws: TransparencyError.self) {
                try verifier.verify(altered, by: .key(key), about: nil)
            }
            #expect(error?.kind == kind)
        }
        func entry(_ path: String, _ change: @escaping (inout JSON) -> Void) -> (inout Signing.Bundle) -> Void {
            { $0.logEntries[0].change(path.split(separator: ".").map(String.init), change) }
        }
        refuses(.notLogged) { $0.logEntries = [] }
        refuses(.noTime) { $0.timestamps = [] }
        refuses(.logEntry) { $0.logEntries = other.logEntries }
        refuses(.logEntry) { $0.logEntries += $0.logEntries }
        refuses(.timestamp) { $0.timestamps += $0.timestamps }
        refuses(.timestamp) { $0.timestamps = other.timestamps }
        refuses(.timestamp) { $0.timestamps[0][$0.timestamps[0].count - 5] ^= 1 }
        refuses(.timestamp) { $0.timestamps[0].removeLast() }
        refuses(.logEntry, entry("logIndex") { $0 = "1000" })
        refuses(.logEntry, entry("inclusionProof.logIndex") { $0 = "1000" })
        refuses(.logEntry, entry("inclusionProof.treeSize") { $0 = "1000" })
        refuses(.logEntry, entry("inclusionProof") { $0 = .null })
        refuses(.logEntry, entry("inclusionProof.checkpoint") { $0 = .null })
        refuses(
            .logEntry,
            entry("inclusionProof.rootHash") { $0 = .string(Base64.encode(.init(repeating: 1, count: 32))) }
        )
        refuses(.logEntry, entry("canonicalizedBody") { $0 = "e30=" })
        refuses(.notLogged, entry("logId.keyId") { $0 = .string(Base64.encode(.init(repeating: 1, count: 32))) })
        refuses(.logEntry, entry("kindVersion.version") { $0 = "0.0.1" })
        refuses(
            .logEntry,
            entry("inclusionProof.checkpoint.envelope") { note in
                note = .string((note.text ?? "").replacing("rekor.lab.local", with: "rekor.other.local"))
            }
        )
        refuses(.signature) { bundle in
            guard case .envelope(var envelope) = bundle.content else { return }
            envelope.payload.append(0x20)
            bundle.content = .envelope(envelope)
        }
        #expect(throws: TransparencyError.self) {
            try verifier.verify(bundle, by: .key(PrivateKey.generate().publicKey), about: nil)
        }
    }

    @Test func signingConfigurationOfCosignIsRead() async throws {
        let lab = try await TransparencyLab.start()
        let bytes = try Files.read(lab.signingConfiguration, limit: 1 << 20)
        let configuration = try SigningConfiguration(parsing: bytes, now: 1_800_000_000)
        #expect(configuration.logs == [lab.log])
        #expect(configuration.timestampAuthorities == [lab.authority])
        // 2023: before anything was in use.
        #expect(throws: TransparencyError.self) { try SigningConfiguration(parsing: bytes, now: 1_680_000_000) }
    }
}
