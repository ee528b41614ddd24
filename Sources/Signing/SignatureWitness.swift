// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// Somebody outside who confirms that signatures exist: a transparency log, a timestamp authority.
///
/// What witnesses say goes into bundles only, which no image digest depends on: it differs from run to run.
package protocol SignatureWitness: Sendable {
    /// The same bundles in the same order, with log entries and timestamps.
    ///
    /// - Throws: when one of them cannot be had: a signature that should be public and is not is none.
    func witness(_ bundles: [Bundle], by key: PublicKey) async throws -> [Bundle]
}

/// A signer whose signatures are witnessed.
package struct WitnessedSigner: StatementSigner {
    private let signer: any StatementSigner
    package let witness: (any SignatureWitness)?

    package init(_ signer: any StatementSigner, witness: any SignatureWitness) {
        self.signer = signer
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
            bundles.append(Bundle(envelope: envelope, keyHint: publicKey.identifier))
        }
        guard let witness else { return bundles }
        return try await witness.witness(bundles, by: publicKey)
    }
}
