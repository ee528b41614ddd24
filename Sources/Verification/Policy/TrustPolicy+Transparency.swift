// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Transparency

extension TrustPolicy {
    /// The signer of an entry of `trust`.
    static func signer(_ entry: JSON, read: (String) throws -> [UInt8]) throws -> BundleVerifier.Signer {
        switch (entry["key"]?.text, entry["certificateIdentity"]?.text, entry["certificateOidcIssuer"]?.text) {
        case (let name?, nil, nil): return .key(try PublicKey(pem: try read(name)))
        case (nil, let identity?, let issuer?): return .certificate(CertificateIdentity(name: identity, issuer: issuer))
        default:
            throw VerificationError(
                "malformed-policy",
                "an entry of 'trust' names neither a key file nor an identity, or both",
                hint: "write \"key\", or \"certificateIdentity\" with \"certificateOidcIssuer\""
            )
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
