// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// What a signer is asked to sign: whole documents, never bare digests, so that it can judge what it puts its name to.
package enum SigningRequest: Hashable, Sendable {
    /// An in-toto statement, signed in a DSSE envelope.
    case statement([UInt8])
    /// A simple-signing payload, signed as it is.
    case simpleSigning([UInt8])

    /// The bytes that the signature is over.
    package var message: [UInt8] {
        switch self {
        case .statement(let bytes): Envelope.preAuthentication(type: Envelope.inToto, payload: bytes)
        case .simpleSigning(let bytes): bytes
        }
    }
}

/// Holds a key, or knows who does.
package protocol StatementSigner: Sendable {
    var publicKey: PublicKey { get }
    /// Whether the process that asks could read the key. What signs for a hosted builder must not be so (SLSA v1.2, Build L3,
    /// "Provenance is unforgeable").
    var isKeyAtHand: Bool { get }
    /// DER of the certificates that say whose key it is, the leaf first, its issuers after it; none for a bare key.
    var certificates: [[UInt8]] { get }
    /// Who confirms the signatures of bundles; nil for nobody.
    var witness: (any SignatureWitness)? { get }
    /// The signature over `request.message`: DER for ECDSA.
    func sign(_ request: SigningRequest) async throws -> [UInt8]
}

extension StatementSigner {
    /// Unless a signer knows better, nothing is claimed.
    package var isKeyAtHand: Bool { true }
    package var certificates: [[UInt8]] { [] }
}

/// Signs with a key that is at hand.
package struct KeySigner: StatementSigner {
    private let key: PrivateKey
    package init(_ key: PrivateKey) { self.key = key }
    package var publicKey: PublicKey { key.publicKey }
    package func sign(_ request: SigningRequest) async throws -> [UInt8] { try key.sign(request.message) }
}
