// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CanonicalJSON
internal import Cryptography
internal import Fetching
internal import OCI
internal import Signing
internal import Transparency

package struct VerifyBlobCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "verify-blob",
        abstract: "Check a sigstore bundle about a file, offline.",
        discussion: """
            The bundle (version 0.1 to 0.3) holds a signature of the file itself, or a signed in-toto statement that names the \
            file's digest among its subjects. ARTIFACT is the file, or sha256:HEX when only its digest is known.

            The signer is a public key, or a certificate that names an identity, for which an OpenID Connect issuer vouched. The \
            trusted root says which logs, certificate authorities and timestamp authorities are believed, and when; nothing is \
            fetched. A transparency log must hold the signature, unless --allow-unlogged is given; a certificate needs a trusted \
            time besides: a log's or a timestamp authority's.

            Examples:
              basalt verify-blob a.txt --bundle a.sigstore.json --key release.pub \\
                --trusted-root trusted_root.json
              basalt verify-blob sha256:a0cf… --bundle a.sigstore.json --trusted-root trusted_root.json \\
                --certificate-identity https://git.example.org/ci@refs/heads/main \\
                --certificate-oidc-issuer https://issuer.example.org
              basalt verify-blob a.txt --bundle a.sigstore.json --trusted-root trusted_root.json \\
                --certificate-identity-regexp '^https://git\\.example\\.org/ci@' \\
                --certificate-oidc-issuer https://issuer.example.org
              basalt verify-blob sbom.json --bundle sbom.sigstore.json --key release.pub \\
                --allow-unlogged
            """
    )

    @Argument(help: ArgumentHelp("The file, or sha256:HEX.", valueName: "artifact"))
    var artifact: String

    @Option(name: .long, help: ArgumentHelp("The bundle.", valueName: "file"))
    var bundle: String

    @Option(name: .long, help: ArgumentHelp("The public key that must have signed.", valueName: "file"))
    var key: String?

    @OptionGroup var transparency: TransparencyOptions

    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func validate() throws {
        if (key == nil) != transparency.isIdentityNamed {
            throw ValidationError("give --key, or --certificate-identity with --certificate-oidc-issuer")
        }
        if transparency.trustedRoot == nil && !(key != nil && transparency.allowUnlogged) {
            throw ValidationError("give --trusted-root, or --key with --allow-unlogged")
        }
    }

    package func run() async throws {
        try await Reporting.run(format) {
            let verifier =
                try transparency.verifier()
                ?? BundleVerifier(root: TrustedRoot(), requirements: transparency.requirements)
            let bundle = try Bundle(parsing: Files.read(bundle, limit: 64 << 20), name: "the bundle '\(bundle)'")
            let signer: BundleVerifier.Signer
            if let key {
                signer = .key(try KeyReading.publicKey(key))
            } else if let identity = try transparency.identity() {
                signer = .certificate(identity)
            } else {
                throw ValidationError("no signer")
            }
            let artifact = try content()
            let outcome = try verifier.verify(bundle, by: signer, about: artifact)
            switch format {
            case .json: Terminal.out(String(decoding: Self.json(outcome, artifact).compact, as: UTF8.self) + "\n")
            case .text: Terminal.out(text(outcome))
            }
        }
    }

    /// A file may have any name, one that reads like a digest too.
    private func content() throws -> Artifact {
        guard let digest = Digest(artifact), FileStatus(of: artifact) == nil else {
            return try Artifact(file: artifact)
        }
        guard digest.algorithm != .md5, digest.algorithm != .sha1 else {
            throw ValidationError("a digest by \(digest.algorithm.rawValue) names no file: give its SHA-256")
        }
        return Artifact(digest: digest)
    }

    private func text(_ outcome: BundleVerifier.Outcome) -> String {
        var out = "verified \(artifact)\n"
        for log in outcome.logs { out += "  log    \(log.url), entry \(log.index)\n" }
        for time in outcome.times { out += "  time   \(Timestamp.text(time))\n" }
        for note in outcome.notes { out += "  note   \(note)\n" }
        return out
    }

    private static func json(_ outcome: BundleVerifier.Outcome, _ artifact: Artifact) -> JSON {
        .object([
            ("verified", true), ("digest", .string(artifact.digests[0].description)),
            (
                "logs",
                .array(outcome.logs.map { .object([("url", .string($0.url)), ("index", .integer($0.index))]) })
            ),
            ("times", .strings(outcome.times.map { Timestamp.text($0) })), ("notes", .strings(outcome.notes)),
        ])
    }
}
