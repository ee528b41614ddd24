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

    /// The signer of an entry of `trust`.
    static func signer(_ entry: JSON, read: (String) throws -> [UInt8]) throws -> BundleVerifier.Signer {
        for (name, _) in entry.members ?? [] where !entryMembers.contains(name) {
            throw VerificationError(
                "malformed-policy",
                "an entry of 'trust' has a member '\(name)' that means nothing here",
                hint: "known are \(entryMembers.joined(separator: ", "))"
            )
        }
        let name = try criterion("certificateIdentity", in: entry)
        let issuer = try criterion("certificateOidcIssuer", in: entry)
        switch (entry["key"]?.text, name, issuer) {
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
    private static func criterion(_ member: String, in entry: JSON) throws -> CertificateIdentity.Criterion? {
        do {
            return try CertificateIdentity.Criterion(
                exact: entry[member]?.text,
                pattern: entry[member + "Regexp"]?.text
            )
        } catch {
            throw VerificationError("malformed-policy", "'\(member)' in the trust policy: \(error)")
        }
    }

    /// What bundles must satisfy; nil without a `trustedRoot`.
    static func transparency(_ json: JSON, read: (String) throws -> [UInt8]) throws -> BundleVerifier? {
        var requirements = BundleVerifier.Requirements()
        for (name, member) in [
            ("requireLog", \BundleVerifier.Requirements.needsLog),
            ("requireTimestamp", \BundleVerifier.Requirements.needsTimestamp),
            ("requireCertificateLog", \BundleVerifier.Requirements.needsCertificateLog),
        ] {
            guard let value = json[name] else { continue }
            guard let flag = value.boolean else {
                throw VerificationError("malformed-policy", "'\(name)' in the trust policy is neither true nor false")
            }
            guard json["trustedRoot"] != nil else {
                throw VerificationError("malformed-policy", "'\(name)' in the trust policy needs a 'trustedRoot'")
            }
            requirements[keyPath: member] = flag
        }
        guard let value = json["trustedRoot"] else { return nil }
        guard let name = value.text else {
            throw VerificationError("malformed-policy", "'trustedRoot' in the trust policy names no file")
        }
        return BundleVerifier(root: try TrustedRoot(parsing: try read(name)), requirements: requirements)
    }
}
