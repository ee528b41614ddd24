// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Attestations
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

            A statement says something else than a signature does: that tests failed, for one. One of another type than \
            \(PredicateType.signature) is accepted only where --type asks for it. What it says of the file is for the reader to \
            judge, and not verified here.

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
              basalt verify-blob a.tar --bundle a.provenance.sigstore.json --key release.pub \\
                --trusted-root trusted_root.json --type provenance
            """
    )

    @Argument(help: ArgumentHelp("The file, or sha256:HEX.", valueName: "artifact"))
    var artifact: String

    @Option(name: .long, help: ArgumentHelp("The bundle.", valueName: "file"))
    var bundle: String

    @Option(name: .long, help: ArgumentHelp("The public key that must have signed.", valueName: "file"))
    var key: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The type that the bundle's statement must have: a URI, or one of spdx, cyclonedx, provenance, openvex, test-result.",
            valueName: "uri"
        )
    )
    var type: String?

    @OptionGroup var transparency: TransparencyOptions

    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func validate() throws {
        if (key == nil) != transparency.isIdentityNamed {
            throw ValidationError("give --key, or --certificate-identity with --certificate-oidc-issuer")
        }
        if let type { _ = try PredicateTypeName.type(type) }
        if transparency.trustedRoot == nil && transparency.requireTimestamp {
            throw ValidationError("--require-timestamp needs --trusted-root")
        }
        if transparency.trustedRoot == nil && !(key != nil && transparency.allowUnlogged) {
            throw ValidationError("give --trusted-root, or --key with --allow-unlogged")
        }
    }

    package func run() async throws {
        try await Reporting.run(format, judges: true) {
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
            try check(outcome.predicateType)
            switch format {
            case .json: Terminal.out(String(decoding: Self.json(outcome, artifact).compact, as: UTF8.self) + "\n")
            case .text: Terminal.out(text(outcome))
            }
        }
    }

    /// Whether it says what was asked for, once it is known who says it.
    private func check(_ stated: String?) throws {
        switch (try type.map(PredicateTypeName.type), stated) {
        case (nil, nil), (nil, PredicateType.signature): return
        case (let wanted?, let stated?) where wanted == stated: return
        case (nil, let stated?):
            throw TransparencyError(
                .artifact,
                "the bundle holds no signature of the file but a statement about it, of the type \(stated)",
                hint: "'--type \(stated)' accepts it; what it says is in its predicate"
            )
        case (let wanted?, let stated):
            throw TransparencyError(
                .artifact,
                "the bundle holds \(stated.map { "a statement of the type \($0)" } ?? "a signature and no statement"), "
                    + "expected a statement of the type \(wanted)"
            )
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
        if let type = outcome.predicateType { out += "  type   \(type)\n" }
        for log in outcome.logs { out += "  log    \(log.url), entry \(log.index)\n" }
        for time in outcome.times { out += "  time   \(Timestamp.text(time))\n" }
        for note in outcome.notes { out += "  note   \(note)\n" }
        return out
    }

    private static func json(_ outcome: BundleVerifier.Outcome, _ artifact: Artifact) -> JSON {
        .members([
            ("verified", true), ("digest", .string(artifact.digests[0].description)),
            ("predicateType", outcome.predicateType.map { .string($0) }),
            (
                "logs",
                .array(outcome.logs.map { .object([("url", .string($0.url)), ("index", .integer($0.index))]) })
            ),
            ("times", .strings(outcome.times.map { Timestamp.text($0) })), ("notes", .strings(outcome.notes)),
        ])
    }
}
