// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Transparency

extension TrustPolicy {
    /// The members of an entry of `trust`.
    private static let entryMembers = [
        "key", "certificateIdentity", "certificateIdentityRegexp", "certificateOidcIssuer",
        "certificateOidcIssuerRegexp", "builders", "level", "predicateTypes", "verifiers",
    ]

    /// Reads an entry of `trust`.
    static func root(_ json: JSON, read: (String) throws -> [UInt8]) throws -> Root {
        let entry = try PolicyMembers(json, of: "an entry of 'trust'", known: entryMembers)
        var root = Root(
            signer: try signer(entry, read: read),
            builders: try entry.permitted("builders") ?? [],
            level: try entry.number("level", in: 0...3) ?? 0
        )
        root.predicateTypes = try entry.permitted("predicateTypes") ?? []
        root.verifiers = try entry.permitted("verifiers") ?? []
        return root
    }

    private static func signer(
        _ entry: PolicyMembers,
        read: (String) throws -> [UInt8]
    ) throws -> BundleVerifier.Signer {
        let name = try criterion("certificateIdentity", in: entry)
        let issuer = try criterion("certificateOidcIssuer", in: entry)
        switch (try entry.text("key"), name, issuer) {
        case (let file?, nil, nil): return .key(try PublicKey(pem: try read(file)))
        case (nil, let name?, let issuer?): return .certificate(CertificateIdentity(name: name, issuer: issuer))
        default:
            throw VerificationError(
                "malformed-policy",
                "an entry of 'trust' names neither a key file nor an identity, or both",
                hint: "write \"key\", or \"certificateIdentity\" with \"certificateOidcIssuer\""
            )
        }
    }

    /// What a member and the one with `Regexp` behind its name ask for; nil without either.
    private static func criterion(
        _ member: String,
        in entry: PolicyMembers
    ) throws -> CertificateIdentity.Criterion? {
        let (exact, pattern) = (try entry.text(member), try entry.text(member + "Regexp"))
        do {
            return try CertificateIdentity.Criterion(exact: exact, pattern: pattern)
        } catch {
            throw VerificationError("malformed-policy", "'\(member)' in the trust policy: \(error)")
        }
    }

    /// What bundles must satisfy; nil without a `trustedRoot`.
    static func transparency(_ members: PolicyMembers, read: (String) throws -> [UInt8]) throws -> BundleVerifier? {
        var requirements = BundleVerifier.Requirements()
        for (name, member) in [
            ("requireLog", \BundleVerifier.Requirements.needsLog),
            ("requireTimestamp", \BundleVerifier.Requirements.needsTimestamp),
            ("requireCertificateLog", \BundleVerifier.Requirements.needsCertificateLog),
        ] {
            guard let flag = try members.flag(name) else { continue }
            guard members.has("trustedRoot") else { throw members.malformed(name, "there without a 'trustedRoot'") }
            requirements[keyPath: member] = flag
        }
        guard let name = try members.text("trustedRoot") else { return nil }
        return BundleVerifier(root: try TrustedRoot(parsing: try read(name)), requirements: requirements)
    }
}
