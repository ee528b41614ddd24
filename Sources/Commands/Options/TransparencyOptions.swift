// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CanonicalJSON
internal import Cryptography
internal import Fetching
internal import Transparency

/// What commands that verify bundles have in common.
struct TransparencyOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The logs and authorities to trust, as 'cosign trusted-root create' writes them; a log must then hold every bundle.",
            valueName: "file"
        )
    )
    var trustedRoot: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The identity that the signer's certificate must name.", valueName: "name")
    )
    var certificateIdentity: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The OpenID Connect issuer that must have vouched for the identity.", valueName: "url")
    )
    var certificateOidcIssuer: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A regular expression (RE2, found anywhere unless anchored) in place of --certificate-identity.",
            valueName: "pattern"
        )
    )
    var certificateIdentityRegexp: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A regular expression in place of --certificate-oidc-issuer.",
            valueName: "pattern"
        )
    )
    var certificateOidcIssuerRegexp: String?

    @Flag(name: .long, help: "Accept bundles that no transparency log holds.")
    var allowUnlogged = false

    @Flag(name: .long, help: "Refuse bundles without a timestamp by an authority of the trusted root.")
    var requireTimestamp = false

    @Flag(name: .long, help: "Accept certificates that no certificate transparency log has promised to list.")
    var allowUnlistedCertificate = false

    init() {}

    /// Whether a certificate is asked for.
    var isIdentityNamed: Bool {
        [certificateIdentity, certificateIdentityRegexp, certificateOidcIssuer, certificateOidcIssuerRegexp]
            .contains { $0 != nil }
    }

    func validate() throws {
        let identity = try identity()
        if trustedRoot == nil && identity != nil { throw ValidationError("a certificate needs --trusted-root") }
    }

    func identity() throws -> CertificateIdentity? {
        let name = try criterion("--certificate-identity", certificateIdentity, certificateIdentityRegexp)
        let issuer = try criterion("--certificate-oidc-issuer", certificateOidcIssuer, certificateOidcIssuerRegexp)
        switch (name, issuer) {
        case (nil, nil): return nil
        case (let name?, let issuer?): return CertificateIdentity(name: name, issuer: issuer)
        default:
            throw ValidationError(
                "--certificate-identity and --certificate-oidc-issuer go together, each as it is or with -regexp behind it"
            )
        }
    }

    private func criterion(
        _ option: String,
        _ exact: String?,
        _ pattern: String?
    ) throws -> CertificateIdentity.Criterion? {
        do {
            return try CertificateIdentity.Criterion(exact: exact, pattern: pattern)
        } catch {
            throw ValidationError("\(option): \(error)")
        }
    }

    var requirements: BundleVerifier.Requirements {
        var requirements = BundleVerifier.Requirements()
        requirements.needsLog = !allowUnlogged
        requirements.needsTimestamp = requireTimestamp
        requirements.needsCertificateLog = !allowUnlistedCertificate
        return requirements
    }

    /// Nil without a trusted root.
    func verifier() throws -> BundleVerifier? {
        try trustedRoot.map {
            BundleVerifier(root: try TrustedRoot(parsing: Files.read($0, limit: 16 << 20)), requirements: requirements)
        }
    }

    /// The options as a document, for a digest of what was verified against.
    func json() throws -> JSON {
        let root = try trustedRoot.map { Digest.of(try Files.read($0, limit: 16 << 20)).description }
        return .object([
            ("allowUnlisted", .bool(allowUnlistedCertificate)), ("allowUnlogged", .bool(allowUnlogged)),
            ("identity", .string(certificateIdentity ?? "")),
            ("identityRegexp", .string(certificateIdentityRegexp ?? "")),
            ("issuer", .string(certificateOidcIssuer ?? "")),
            ("issuerRegexp", .string(certificateOidcIssuerRegexp ?? "")),
            ("requireTimestamp", .bool(requireTimestamp)), ("trustedRoot", .string(root ?? "")),
        ])
    }
}
