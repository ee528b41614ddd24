// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
package import Signing

/// Who asked, by the kernel's word.
package struct Peer: Hashable, Sendable {
    package var uid: UInt32
    package var pid: Int32
    package init(uid: UInt32, pid: Int32) {
        self.uid = uid
        self.pid = pid
    }
}

/// Judges requests by a policy, signs what is allowed, and writes down both. It knows nothing of how requests arrive.
package struct SigningService: Sendable {
    private let signer: any StatementSigner
    private let policy: SignerPolicy
    private let log: AuditLog

    package init(signer: any StatementSigner, policy: SignerPolicy, log: AuditLog) {
        self.signer = signer
        self.policy = policy
        self.log = log
    }

    /// The answer to one request, which is never partial: a signature that could not be written down is not given out.
    ///
    /// - Parameter peer: nil where the operating system already decided who may ask, as for a command.
    package func answer(_ bytes: [UInt8], peer: Peer?) async -> SignerResponse {
        let request: SignerRequest
        do {
            request = try SignerRequest(parsing: bytes)
        } catch {
            try? log.write(.malformed(error.message), peer: peer)
            return .failed(error.message)
        }
        guard case .sign(let document) = request else { return .publicKey(signer.publicKey) }
        do {
            let judgement = try policy.judge(document)
            let signature = try await signer.sign(document)
            try log.write(.signed(judgement, document), peer: peer)
            return .signature(signature)
        } catch let refusal as SignerPolicy.Refusal {
            try? log.write(.refused(refusal.reason, document), peer: peer)
            return .refused(refusal.reason)
        } catch {
            return .failed("it could not be signed: \(error)")
        }
    }

    func isAllowed(_ peer: Peer) -> Bool { policy.peers.contains(peer.uid) }

    /// Writes down that somebody was turned away at the door.
    func turnAway(_ peer: Peer) -> SignerResponse {
        let reason = "the user \(peer.uid) may not ask this signer"
        try? log.write(.turnedAway(reason), peer: peer)
        return .refused(reason)
    }
}
