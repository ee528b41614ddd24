// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import OCI
internal import Signing
internal import TestSupport
internal import Testing
internal import Verification

/// Images that others signed with keys of other kinds than ours: by every hash and padding that `verify-blob` takes, too.
@Suite(.enabled(if: Tool.exists("openssl"), "openssl is not installed"))
struct SignatureAlgorithmTests {
    /// Signs by `openssl dgst`.
    private struct OpenSSLSigner: StatementSigner {
        let directory: TestSupport.TemporaryDirectory
        let publicKey: PublicKey
        let options: [String]

        init(key: [String], _ options: [String]) throws {
            directory = try TestSupport.TemporaryDirectory()
            self.options = options
            let file = directory.path("key.pem")
            #expect(try Tool.run("openssl", ["genpkey"] + key + ["-out", file]).status == 0)
            publicKey = try PublicKey(pem: try Tool.run("openssl", ["pkey", "-in", file, "-pubout"]).text)
        }

        func sign(_ request: SigningRequest) async throws -> [UInt8] {
            try Tool.run(
                "openssl",
                ["dgst"] + options + ["-sign", directory.path("key.pem")],
                input: request.message
            ).stdout
        }
    }

    /// Adds an entry of a log that says how the signature was made.
    private struct Logged: SignatureWitness {
        let log: LogFixture
        let details: String
        func witness(_ bundles: [Signing.Bundle], by key: PublicKey) async throws -> [Signing.Bundle] {
            try bundles.map { bundle in
                guard case .envelope(let envelope) = bundle.content else { return bundle }
                var bundle = bundle
                bundle.logEntries = [
                    try log.entry(
                        LogFixture.hashedRekord2(
                            envelope.preAuthentication,
                            signature: bundle.signature,
                            key: key,
                            details: details
                        )
                    )
                ]
                return bundle
            }
        }
        func stamp(_ texts: [[UInt8]]) async throws -> [[UInt8]]? { nil }
    }

    private func failures(_ signer: any StatementSigner, _ forms: SignatureForms) async throws -> [Finding] {
        let bench = try await Workbench.make(signer: signer)
        let directory = try TestSupport.TemporaryDirectory()
        try bench.draft.write(to: directory.path("img"))
        var policy = TrustPolicy(roots: [.init(key: signer.publicKey)])
        policy.signatures = forms
        let source = try LayoutSource(directory: directory.path("img"), tag: "1.0.0")
        return try await ImageVerifier(source: source, policy: policy).verify().findings
            .filter { $0.outcome == .failed }
    }

    @Test(arguments: [("P-384", "-sha384"), ("P-384", "-sha256"), ("P-521", "-sha512")])
    func hashOfTheCurveIsAccepted(_ curve: String, _ hash: String) async throws {
        let signer = try OpenSSLSigner(key: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(curve)"], [hash])
        #expect(try await failures(signer, .both) == [])
    }

    @Test func paddingThatTheEntrySaysIsAccepted() async throws {
        let signer = try OpenSSLSigner(
            key: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            ["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
        )
        let log = try LogFixture()
        func witnessed(_ details: String) -> WitnessedSigner {
            WitnessedSigner(signer, witness: Logged(log: log, details: details))
        }
        #expect(try await failures(witnessed("PKIX_RSA_PSS_2048_SHA256"), .bundle) == [])
        // Where nobody says it, it is the older one.
        #expect(try await !failures(witnessed("PKIX_RSA_PKCS1V15_2048_SHA256"), .bundle).isEmpty)
    }
}
