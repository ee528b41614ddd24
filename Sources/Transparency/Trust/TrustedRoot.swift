// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// The logs and authorities to trust, and when (protobuf-specs, sigstore_trustroot.proto, TrustedRoot).
package struct TrustedRoot: Sendable {
    /// A log of signatures (Rekor) or of certificates (RFC 6962).
    package struct Log: Sendable {
        package var baseURL: String
        /// Nil when it is of a kind that we do not verify with: such a log proves nothing here.
        package var key: PublicKey?
        /// How it signs, if the key is an RSA one.
        package var padding = PublicKey.Padding.pkcs1
        /// What entries may name the log by.
        package var identifiers: [[UInt8]]
        package var validity: ValidityPeriod

        func isSignature(_ signature: [UInt8], over message: [UInt8]) -> Bool {
            key?.isSignature(signature, over: message, padding: padding) ?? false
        }
    }

    /// An authority that issues certificates or timestamps.
    package struct Authority: Sendable {
        package var uri: String
        /// The issued certificate's side first, the trusted one last.
        package var chain: [Certificate]
        package var validity: ValidityPeriod

        var roots: [Certificate] { Array(chain.suffix(1)) }
        var intermediates: [Certificate] { Array(chain.dropLast()) }

        /// Verifies a timestamp as this authority's, from a time when it was trusted.
        func verify(_ response: [UInt8], over message: [UInt8]) throws(TimestampToken.Failure) -> TimestampToken {
            let token = try TimestampToken(
                verifying: response,
                over: message,
                certificates: intermediates,
                roots: roots
            )
            if let own = chain.first, chain.count > 1, !own.isAuthority, own != token.signer {
                throw TimestampToken.Failure(
                    reason: "it is signed by another certificate than the authority's",
                    isUntrusted: true
                )
            }
            guard validity.contains(token.time) else {
                throw TimestampToken.Failure(
                    reason: "it is from a time when the authority was not trusted",
                    isUntrusted: true
                )
            }
            return token
        }
    }

    package var logs: [Log] = []
    package var certificateLogs: [Log] = []
    package var certificateAuthorities: [Authority] = []
    package var timestampAuthorities: [Authority] = []

    package init() {}

    /// The name of the log's origin, as a Rekor v2 log signs it: its URL without scheme.
    static func origin(of url: String) -> String {
        var text = Substring(url)
        for scheme in ["https://", "http://"] where text.hasPrefix(scheme) { text = text.dropFirst(scheme.count) }
        while text.hasSuffix("/") { text = text.dropLast() }
        return String(text)
    }
}
