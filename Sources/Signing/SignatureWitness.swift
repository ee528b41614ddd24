// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// Somebody outside who confirms that signatures exist: a transparency log, a timestamp authority.
///
/// What witnesses say differs from run to run. No image digest depends on it; it goes into bundles, and into cosign's older form
/// only where a certificate is worth nothing without it.
package protocol SignatureWitness: Sendable {
    /// The same bundles in the same order, with log entries and timestamps.
    ///
    /// - Throws: when one of them cannot be had: a signature that should be public and is not is none.
    func witness(_ bundles: [Bundle], by key: PublicKey) async throws -> [Bundle]

    /// RFC 3161 responses over each of the texts, by one authority; nil without an authority.
    func stamp(_ texts: [[UInt8]]) async throws -> [[UInt8]]?
}

/// A signer whose signatures are witnessed.
package struct WitnessedSigner: StatementSigner {
    private let signer: any StatementSigner
    package let certificates: [[UInt8]]
    package let witness: (any SignatureWitness)?

    /// - Parameter certificates: DER, for the signer's key, the leaf first.
    package init(_ signer: any StatementSigner, certificates: [[UInt8]] = [], witness: any SignatureWitness) {
        self.signer = signer
        self.certificates = certificates
        self.witness = witness
    }

    package var publicKey: PublicKey { signer.publicKey }
    package var isKeyAtHand: Bool { signer.isKeyAtHand }
    package func sign(_ request: SigningRequest) async throws -> [UInt8] { try await signer.sign(request) }
}

extension StatementSigner {
    package var witness: (any SignatureWitness)? { nil }

    /// Signs statements and has the signatures witnessed.
    func bundles(of statements: [[UInt8]]) async throws -> [Bundle] {
        var bundles: [Bundle] = []
        for statement in statements {
            let signature = try await sign(.statement(statement))
            let envelope = Envelope(payload: statement, signatures: [.init(bytes: signature)])
            bundles.append(Bundle(envelope: envelope, key: publicKey, certificates: certificates))
        }
        guard let witness else { return bundles }
        return try await witness.witness(bundles, by: publicKey)
    }
}
