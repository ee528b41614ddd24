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

    @Flag(name: .long, help: "Accept bundles that no transparency log holds.")
    var allowUnlogged = false

    @Flag(name: .long, help: "Refuse bundles without a timestamp by an authority of the trusted root.")
    var requireTimestamp = false

    @Flag(name: .long, help: "Accept certificates that no certificate transparency log has promised to list.")
    var allowUnlistedCertificate = false

    init() {}

    func validate() throws {
        if (certificateIdentity == nil) != (certificateOidcIssuer == nil) {
            throw ValidationError("--certificate-identity and --certificate-oidc-issuer go together")
        }
        guard trustedRoot == nil else { return }
        if certificateIdentity != nil { throw ValidationError("a certificate needs --trusted-root") }
        if requireTimestamp { throw ValidationError("--require-timestamp needs --trusted-root") }
    }

    var identity: CertificateIdentity? {
        guard let certificateIdentity, let certificateOidcIssuer else { return nil }
        return CertificateIdentity(name: certificateIdentity, issuer: certificateOidcIssuer)
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
            ("identity", .string(certificateIdentity ?? "")), ("issuer", .string(certificateOidcIssuer ?? "")),
            ("requireTimestamp", .bool(requireTimestamp)), ("trustedRoot", .string(root ?? "")),
        ])
    }
}
