// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import RegularExpressions
package import Signing

/// Who a certificate must be for: a name, and who vouched for it to the certificate authority. cosign asks for both, too: a
/// name means nothing without the one who says so.
package struct CertificateIdentity: Hashable, Sendable {
    package enum Criterion: Hashable, Sendable, CustomStringConvertible {
        /// Compared as a whole, by bytes.
        case exact(String)
        /// Found anywhere in it, unless the expression is anchored.
        case matching(RegularExpression)

        /// What a user asked for: a text, or a pattern in its place; nil without either.
        ///
        /// - Throws: for both, for an empty one, and for what is no regular expression.
        package init?(exact: String?, pattern: String?) throws(RegularExpressionError) {
            switch (exact, pattern) {
            case (nil, nil): return nil
            case (let exact?, nil) where !exact.isEmpty: self = .exact(exact)
            case (nil, let pattern?) where !pattern.isEmpty:
                do {
                    self = .matching(try RegularExpression(pattern))
                } catch {
                    throw RegularExpressionError("'\(pattern)' is no regular expression: \(error)")
                }
            case (.some, .some): throw RegularExpressionError("it is given both as a text and as a regular expression")
            default: throw RegularExpressionError("it is empty")
            }
        }

        func accepts(_ text: String) -> Bool {
            switch self {
            // Two texts that Unicode calls equal are two names.
            case .exact(let expected): text.utf8.elementsEqual(expected.utf8)
            case .matching(let expression): expression.matches(text)
            }
        }

        package var description: String {
            switch self {
            case .exact(let text): text
            case .matching(let expression): "something like '\(expression.pattern)'"
            }
        }
    }

    /// Of the subject's alternative names, one must be accepted.
    package var name: Criterion
    /// The OpenID Connect issuer. A certificate without one has the empty text, which an expression may accept.
    package var issuer: Criterion

    package init(name: Criterion, issuer: Criterion) {
        self.name = name
        self.issuer = issuer
    }

    package init(name: String, issuer: String) { self.init(name: .exact(name), issuer: .exact(issuer)) }

    /// Fulcio's extensions with the issuer (sigstore/fulcio, docs/oid-info.md): the newer one is a DER string, the older one
    /// the bare text.
    private static let issuerExtension = "1.3.6.1.4.1.57264.1.8"
    private static let olderIssuerExtension = "1.3.6.1.4.1.57264.1.1"

    /// The type of Fulcio's names that are neither URI nor e-mail address (the same document): of other types nobody but their
    /// owner knows what their text means, and who issues them need not have looked at it.
    private static let otherNameType = "1.3.6.1.4.1.57264.1.7"

    /// The names that a certificate is for.
    package static func names(of certificate: Certificate) -> [String] {
        certificate.alternativeNames.compactMap { name in
            if case .other(let type, _) = name, type != otherNameType { return nil }
            return name.text
        }
    }

    /// Nil without one, and where the two extensions name different ones: programs read the one or the other.
    static func issuer(of certificate: Certificate) -> String? {
        let newer = certificate.extensionContent(issuerExtension).map { Certificate.utf8String($0) }
        let older = certificate.extensionContent(olderIssuerExtension).map { String(validating: $0, as: UTF8.self) }
        if let newer, let older, newer != older { return nil }
        return (newer ?? older) ?? nil
    }

    /// Why the certificate of a bundle is for somebody else; nil when it says that it is not. Who issued it is not looked at.
    package func mismatch(of bundle: Bundle) -> String? {
        guard let leaf = bundle.certificates.first.flatMap({ Certificate(der: $0) }) else {
            return "its certificate is damaged"
        }
        do throws(TransparencyError) {
            try check(leaf)
            return nil
        } catch {
            return error.message
        }
    }

    func check(_ certificate: Certificate) throws(TransparencyError) {
        let names = Self.names(of: certificate)
        guard names.contains(where: name.accepts) else {
            let found = names.isEmpty ? "nobody" : names.joined(separator: ", ")
            throw TransparencyError(.signer, "the certificate is for \(found), expected \(name)")
        }
        let actual = Self.issuer(of: certificate)
        guard issuer.accepts(actual ?? "") else {
            throw TransparencyError(.signer, "the identity is vouched for by \(actual ?? "nobody"), expected \(issuer)")
        }
    }
}
