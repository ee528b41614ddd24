// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Signing

/// A signature with everything that a log's entry about it must agree with.
package struct SignedItem: Sendable {
    package enum Verifier: Hashable, Sendable {
        case key(PublicKey)
        /// The leaf's DER.
        case certificate([UInt8])
    }

    package var signature: [UInt8]
    package var verifier: Verifier
    /// Nil for a signature over bare bytes.
    package var envelope: Envelope?
    /// Digests of the bytes that were signed: an envelope's pre-authentication encoding, or a file.
    package var digests: [Digest]

    package init(signature: [UInt8], verifier: Verifier, envelope: Envelope?, digests: [Digest]) {
        self.signature = signature
        self.verifier = verifier
        self.envelope = envelope
        self.digests = digests
    }

    /// Whether PEM text, as the first version's entries hold it, is the verifier.
    func isVerifier(pem: [UInt8]) -> Bool {
        guard let block = try? PEM(first: pem) else { return false }
        switch verifier {
        case .key(let key): return (try? PublicKey(pem: pem)) == key && block.label != "CERTIFICATE"
        case .certificate(let der): return block.label == "CERTIFICATE" && block.bytes == der
        }
    }
}
