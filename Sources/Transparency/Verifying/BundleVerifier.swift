// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Signing

/// Verifies bundles against a trusted root, without asking anybody.
///
/// What is in a bundle has to be right, needed or not: an entry of a log, or a timestamp of an authority, that the root
/// knows and that does not verify refuses the bundle. Those of others are counted as if they were not there.
package struct BundleVerifier: Sendable {
    package struct Requirements: Hashable, Sendable {
        /// Whether one of the root's logs must hold the signature.
        package var needsLog = true
        /// Whether one of the root's authorities must have stamped it.
        package var needsTimestamp = false
        /// Whether a log must have promised to list the signer's certificate (RFC 6962).
        package var needsCertificateLog = true
        package init() {}
    }

    package enum Signer: Hashable, Sendable {
        case key(PublicKey)
        case certificate(CertificateIdentity)
        /// Exactly this certificate, in DER.
        case leaf([UInt8])
    }

    /// What was found out about a bundle that was accepted.
    package struct Outcome: Sendable {
        /// The logs that hold the signature, with the index in each.
        package var logs: [(url: String, index: Int)] = []
        /// Times at which the signature existed, in seconds since the epoch.
        package var times: [Int] = []
        /// How many of the times are of timestamp authorities.
        package var timestamps = 0
        /// What is stated about the artifact: the type of the statement's predicate. Nil for a signature over the artifact's bytes,
        /// and where the caller left it to itself what the bundle is about. The verifier judges no statement's content.
        package var predicateType: String?
        /// What was passed over, and why.
        package var notes: [String] = []
        /// Whether nobody has confirmed the signature.
        package var isEmpty: Bool { logs.isEmpty && times.isEmpty }
    }

    package let root: TrustedRoot
    package let requirements: Requirements

    package init(root: TrustedRoot, requirements: Requirements = Requirements()) {
        self.root = root
        self.requirements = requirements
    }

    /// - Parameter artifact: what the bundle must be about; nil to leave that to the caller, for envelopes only.
    package func verify(_ bundle: Bundle, by signer: Signer, about artifact: Artifact?) throws(TransparencyError)
        -> Outcome
    {
        let leaf = try leaf(of: bundle, signer)
        let key: PublicKey
        switch (signer, leaf) {
        case (.key(let given), _): key = given
        case (_, let leaf?):
            guard let own = leaf.publicKey else {
                throw TransparencyError(.certificate, "the certificate's key is of an unsupported kind")
            }
            key = own
        case (_, nil): throw TransparencyError(.signer, "the bundle has no certificate")
        }
        var item = try signedItem(bundle, verifier: leaf.map { .certificate($0.der) } ?? .key(key), artifact)
        try checkSignature(&item, key, artifact)
        var outcome = Outcome()
        if let artifact, let envelope = item.envelope {
            outcome.predicateType = try artifact.predicateType(ofStatementIn: envelope)
        }
        try addTimestamps(of: bundle, to: &outcome)
        try addLogEntries(of: bundle, item, to: &outcome)
        if let leaf {
            try check(leaf, chain: bundle.certificates, at: outcome)
            switch signer {
            case .certificate(let identity): try identity.check(leaf)
            case .leaf(let der) where der != leaf.der:
                throw TransparencyError(.signer, "the certificate is another one than expected")
            case .leaf, .key: break
            }
        }
        return outcome
    }

    // MARK: The signature

    private func leaf(of bundle: Bundle, _ signer: Signer) throws(TransparencyError) -> Certificate? {
        switch signer {
        case .key:
            guard bundle.certificates.isEmpty else {
                throw TransparencyError(
                    .signer,
                    "the bundle is signed with a certificate and not with a key",
                    hint: "say whose certificate it must be: identity and issuer"
                )
            }
            return nil
        case .certificate, .leaf:
            guard let der = bundle.certificates.first else {
                throw TransparencyError(
                    .signer,
                    "the bundle is signed with a key and not with a certificate",
                    hint: "give the public key"
                )
            }
            guard let leaf = Certificate(der: der) else {
                throw TransparencyError(.certificate, "the bundle's certificate is damaged")
            }
            return leaf
        }
    }

    private func signedItem(
        _ bundle: Bundle,
        verifier: SignedItem.Verifier,
        _ artifact: Artifact?
    ) throws(TransparencyError) -> SignedItem {
        var item = SignedItem(signature: bundle.signature, verifier: verifier, envelope: nil, digests: [])
        item.envelopeText = bundle.envelopeText
        item.padding = bundle.padding
        switch bundle.content {
        case .envelope(let envelope):
            let message = envelope.preAuthentication
            item.envelope = envelope
            item.digests = [.of(message), .of(message, .sha384), .of(message, .sha512)]
        case .message(_, let digest):
            guard let artifact else { throw TransparencyError(.artifact, "the bundle holds no statement") }
            if let digest, let own = artifact.digests.first(where: { $0.algorithm == digest.algorithm }), own != digest
            {
                throw TransparencyError(.artifact, "the bundle is about \(digest), and the file is \(own)")
            }
            item.digests = artifact.digests
        }
        return item
    }

    /// Leaves in `item` only the digest that was signed, where the signature tells which.
    private func checkSignature(
        _ item: inout SignedItem,
        _ key: PublicKey,
        _ artifact: Artifact?
    ) throws(TransparencyError) {
        if key.kind != .ed25519 {
            let signed = item.digests.first {
                key.signatureDigests.contains($0.algorithm)
                    && key.verify(signature: item.signature, digest: $0, padding: item.padding)
            }
            guard let signed else {
                throw TransparencyError(.signature, "the signature does not match the content and the signer")
            }
            item.digests = [signed]
            return
        }
        guard let content = item.envelope?.preAuthentication ?? artifact?.content else {
            throw TransparencyError(
                .artifact,
                "an Ed25519 signature is verified over the content, and a digest or a very large file was given",
                hint: "give the file itself"
            )
        }
        guard key.verify(signature: item.signature, message: content) else {
            throw TransparencyError(
                .signature,
                "the signature does not match the content and the signer",
                hint: item.envelope == nil
                    ? "Ed25519ph, which signs a hash of the file and not the file, is not supported" : nil
            )
        }
    }

    // MARK: Logs and times

    private func addLogEntries(of bundle: Bundle, _ item: SignedItem, to outcome: inout Outcome)
        throws(TransparencyError)
    {
        var seen: Set<[UInt8]> = []
        for json in bundle.logEntries {
            let entry = try LogEntry(json)
            // What each version must have at least (sigstore_bundle.proto, VerificationMaterial).
            guard bundle.version <= .v01 ? entry.promise != nil : entry.proof != nil else {
                throw TransparencyError(
                    .logEntry,
                    "the log entry has no inclusion \(bundle.version <= .v01 ? "promise" : "proof")"
                )
            }
            // One entry, shown twice, is no second witness.
            guard seen.insert(entry.logID + Array("/\(entry.index)".utf8)).inserted else {
                throw TransparencyError(.logEntry, "the bundle has the same log entry twice")
            }
            // A log may be named more than once, with a period for each.
            let logs = root.logs.filter { $0.identifiers.contains(entry.logID) }
            guard !logs.isEmpty else {
                outcome.notes.append("an entry is in a log that the trusted root does not know")
                continue
            }
            try entry.check(isAbout: item)
            var failure: TransparencyError?
            var found: (log: TrustedRoot.Log, time: Int?)?
            for log in logs where found == nil {
                do throws(TransparencyError) {
                    found = (log, try time(of: entry, in: log, of: bundle, outcome.times))
                } catch {
                    failure = failure ?? error
                }
            }
            guard let found else { throw failure ?? TransparencyError(.logEntry, "the log entry does not verify") }
            if let time = found.time { outcome.times.append(time) }
            outcome.logs.append((found.log.baseURL, entry.index))
        }
        if outcome.logs.isEmpty && requirements.needsLog {
            throw TransparencyError(
                .notLogged,
                "no log of the trusted root holds the signature"
                    + (outcome.notes.first.map { ": \($0)" } ?? ": the bundle has no log entry")
            )
        }
    }

    /// The time for which a log vouches by an entry; nil when it vouches for none.
    private func time(
        of entry: LogEntry,
        in log: TrustedRoot.Log,
        of bundle: Bundle,
        _ times: [Int]
    ) throws(TransparencyError) -> Int? {
        if let time = try entry.verify(in: log, needsProof: bundle.version > .v01) { return time }
        if let time = times.first(where: { !log.validity.contains($0) }) {
            throw TransparencyError(.logEntry, "the log's key was not in use at the time \(time) of the timestamp")
        }
        return nil
    }

    private func addTimestamps(of bundle: Bundle, to outcome: inout Outcome) throws(TransparencyError) {
        guard Set(bundle.timestamps).count == bundle.timestamps.count else {
            throw TransparencyError(.timestamp, "the bundle has the same timestamp twice")
        }
        for response in bundle.timestamps {
            var reason = "the trusted root has no timestamp authority"
            var token: TimestampToken?
            for authority in root.timestampAuthorities where token == nil {
                do throws(TimestampToken.Failure) {
                    token = try authority.verify(response, over: bundle.stamped)
                } catch {
                    if !error.isUntrusted {
                        throw TransparencyError(.timestamp, "a timestamp is not valid: \(error.reason)")
                    }
                    reason = error.reason
                }
            }
            guard let token else {
                outcome.notes.append("a timestamp is by no authority of the trusted root: \(reason)")
                continue
            }
            outcome.times.append(token.time)
            outcome.timestamps += 1
        }
        if outcome.timestamps == 0 && requirements.needsTimestamp {
            throw TransparencyError(.noTime, outcome.notes.first ?? "the bundle has no timestamp")
        }
    }
}
