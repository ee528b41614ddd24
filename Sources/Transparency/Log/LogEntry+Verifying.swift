// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography

extension LogEntry {
    /// Whether Rekor's second version made it: that one promises nothing and knows no time.
    private var isSecondVersion: Bool { version == "0.0.2" && (kind == "hashedrekord" || kind == "dsse") }

    /// Verifies that the log holds the entry: by proof and checkpoint, by the log's promise, or by both where both are there.
    ///
    /// - Parameter needsProof: whether a promise alone is too little. A proof is one with a checkpoint: whoever made the bundle can
    ///   compute a root that leads from any entry to itself, and only the checkpoint says that it is the log's.
    /// - Returns: the time for which the log vouches; nil when it vouches for none.
    package func verify(in log: TrustedRoot.Log, needsProof: Bool) throws(TransparencyError) -> Int? {
        guard log.key != nil else {
            throw TransparencyError(.logEntry, "the key of the log '\(log.baseURL)' is of an unsupported kind")
        }
        guard proof != nil || (promise != nil && !needsProof) else {
            throw TransparencyError(.logEntry, "the log entry has no inclusion proof")
        }
        guard proof?.checkpoint != nil || (promise != nil && !needsProof) else {
            throw TransparencyError(.logEntry, "the log entry's inclusion proof has no checkpoint")
        }
        if let proof { try verify(proof, in: log) }
        guard let promise else { return nil }
        guard let integratedTime else {
            throw TransparencyError(.logEntry, "the log entry has an inclusion promise and no time")
        }
        let signed = JSON.object([
            ("body", .string(Base64.encode(body))), ("integratedTime", .integer(integratedTime)),
            ("logID", .string(Hex.encode(logID))), ("logIndex", .integer(index)),
        ])
        guard log.isSignature(promise, over: signed.canonical) else {
            throw TransparencyError(.logEntry, "the log's inclusion promise does not verify")
        }
        guard log.validity.contains(integratedTime) else {
            throw TransparencyError(.logEntry, "the log entry is from a time when the log's key was not in use")
        }
        return integratedTime
    }

    /// Checks what can be checked without the log's key: that the proof leads from the body to the root of its checkpoint.
    package func checkProof() throws(TransparencyError) {
        guard let proof else { throw TransparencyError(.logEntry, "the log entry has no inclusion proof") }
        let leaf = MerkleTree.leaf(body)
        guard MerkleTree.root(leaf: leaf, index: proof.index, size: proof.size, path: proof.hashes) == proof.root else {
            throw TransparencyError(.logEntry, "the log entry's inclusion proof does not lead to its root")
        }
        if let checkpoint = proof.checkpoint, checkpoint.root != proof.root || checkpoint.size != proof.size {
            throw TransparencyError(.logEntry, "the log's checkpoint is of another tree than the inclusion proof")
        }
    }

    private func verify(_ proof: Proof, in log: TrustedRoot.Log) throws(TransparencyError) {
        try checkProof()
        // Without one, the proof proves nothing, and the promise alone has to, where it may.
        guard let checkpoint = proof.checkpoint else { return }
        guard checkpoint.isSigned(by: log) else {
            throw TransparencyError(.logEntry, "the log's checkpoint is not signed by the log '\(log.baseURL)'")
        }
        if isSecondVersion {
            guard proof.index == index else {
                throw TransparencyError(.logEntry, "the log entry's index is not that of its inclusion proof")
            }
            // An Ed25519 log's identifier is made from its name, which may be another than its URL's.
            guard checkpoint.isNamed(by: log) || checkpoint.origin == TrustedRoot.origin(of: log.baseURL) else {
                throw TransparencyError(.logEntry, "the log's checkpoint is of '\(checkpoint.origin)', another log")
            }
        }
    }
}
