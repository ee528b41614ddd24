// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// Who a certificate must be for: a name, and who vouched for it to the certificate authority.
package struct CertificateIdentity: Hashable, Sendable {
    /// The subject's alternative name, compared as a whole.
    package var name: String
    /// The OpenID Connect issuer.
    package var issuer: String

    package init(name: String, issuer: String) {
        self.name = name
        self.issuer = issuer
    }

    /// Fulcio's extensions with the issuer (sigstore/fulcio, docs/oid-info.md): the newer one is a DER string, the older one
    /// the bare text.
    private static let issuerExtension = "1.3.6.1.4.1.57264.1.8"
    private static let olderIssuerExtension = "1.3.6.1.4.1.57264.1.1"

    static func issuer(of certificate: Certificate) -> String? {
        if let der = certificate.extensionContent(issuerExtension) { return Certificate.utf8String(der) }
        return certificate.extensionContent(olderIssuerExtension).flatMap { String(validating: $0, as: UTF8.self) }
    }

    func check(_ certificate: Certificate) throws(TransparencyError) {
        let names = certificate.alternativeNames.map(\.text)
        guard names.contains(name) else {
            let found = names.isEmpty ? "nobody" : names.joined(separator: ", ")
            throw TransparencyError(.signer, "the certificate is for \(found), expected \(name)")
        }
        let actual = Self.issuer(of: certificate)
        guard actual == issuer else {
            throw TransparencyError(.signer, "the identity is vouched for by \(actual ?? "nobody"), expected \(issuer)")
        }
    }
}
