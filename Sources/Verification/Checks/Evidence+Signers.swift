// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import OCI
internal import Signing
internal import Transparency

extension Evidence {
    /// The entries of the policy that are about the signer of a bundle, once what the policy asks of its signatures was found
    /// true; none, with a finding, when nobody there has signed it. A signer may have several, for several builders or
    /// types of statements.
    mutating func trustedRoots(for bundle: Bundle, _ envelope: Envelope, name: String) -> [TrustPolicy.Root] {
        if !bundle.certificates.isEmpty {
            return identities(of: bundle, policy.transparency, about: nil, name: name)
        }
        let roots = Self.entries(of: policy.roots) { envelope.isSigned(by: $0, padding: bundle.padding) }
        guard let root = roots.first else {
            // Others may sign an image too; but what claims to be by a key that we trust has to be.
            if policy.roots.contains(where: { $0.key?.identifier == bundle.keyHint }) || bundle.keyHint == "" {
                fail("bundle", "\(name): its signature does not match its content")
            } else {
                note("bundle", "\(name) is signed by a key that is not trusted here")
            }
            return []
        }
        return isConfirmed(bundle, by: root, policy.transparency, about: nil, name: name) ? roots : []
    }

    /// The entries with a key of which something is true; each key is tried once, however many entries have it.
    private static func entries(
        of roots: [TrustPolicy.Root],
        _ isSigner: (PublicKey) -> Bool
    ) -> [TrustPolicy.Root] {
        var answers: [PublicKey: Bool] = [:]
        return roots.filter { root in
            guard let key = root.key else { return false }
            let answer = answers[key] ?? isSigner(key)
            answers[key] = answer
            return answer
        }
    }

    /// The same for cosign's older form.
    ///
    /// - Parameter payload: what a signature is over; nil for an attestation, whose envelope has it.
    mutating func trustedRoots(
        forOlder bundle: Bundle,
        over payload: [UInt8]?,
        check: String,
        name: String
    ) -> [TrustPolicy.Root] {
        let artifact = payload.map { Artifact($0) }
        let verifier = verifierOfOlder
        if !bundle.certificates.isEmpty {
            return identities(of: bundle, verifier, about: artifact, name: name)
        }
        let message: [UInt8]
        switch bundle.content {
        case .envelope(let envelope): message = envelope.preAuthentication
        case .message: message = payload ?? []
        }
        let roots = Self.entries(of: policy.roots) {
            $0.isSignature(bundle.signature, over: message, padding: bundle.padding)
        }
        guard let root = roots.first else {
            let detail = "\(name) is by no trusted key, or was changed"
            // Our own images have no others.
            if policy.signatures == .both { fail(check, detail) } else { note(check, detail) }
            return []
        }
        return isConfirmed(bundle, by: root, verifier, about: artifact, name: name) ? roots : []
    }

    /// Where both forms have to be there, the bundle beside is held to everything, and of the older form only what is there has
    /// to be right: Rekor 2 has no place in it. A certificate needs its time all the same.
    private var verifierOfOlder: BundleVerifier? {
        guard policy.signatures == .both, let verifier = policy.transparency else { return policy.transparency }
        var requirements = verifier.requirements
        requirements.needsLog = false
        requirements.needsTimestamp = false
        return BundleVerifier(root: verifier.root, requirements: requirements)
    }

    /// Whether logs and timestamps are as they are asked for.
    private mutating func isConfirmed(
        _ bundle: Bundle,
        by root: TrustPolicy.Root,
        _ verifier: BundleVerifier?,
        about artifact: Artifact?,
        name: String
    ) -> Bool {
        guard let verifier else { return true }
        do throws(TransparencyError) {
            let outcome = try verifier.verify(bundle, by: root.signer, about: artifact)
            if bundle.version != .older || !outcome.isEmpty { add(outcome) }
            return true
        } catch {
            fail("transparency", "\(name): \(error.message)")
            return false
        }
    }

    private mutating func identities(
        of bundle: Bundle,
        _ verifier: BundleVerifier?,
        about artifact: Artifact?,
        name: String
    ) -> [TrustPolicy.Root] {
        let identities = policy.roots.filter { $0.key == nil }
        guard let verifier, !identities.isEmpty else {
            note("bundle", "\(name) is signed with a certificate, and no identity is trusted here")
            return []
        }
        var reason = "its certificate is damaged"
        var named: [TrustPolicy.Root] = []
        for root in identities {
            guard case .certificate(let identity) = root.signer else { continue }
            // Others may sign an image too; but what claims to be by somebody whom we trust has to be.
            if let mismatch = identity.mismatch(of: bundle) { reason = mismatch } else { named.append(root) }
        }
        guard let first = named.first else {
            note("bundle", "\(name) is signed by an identity that is not trusted here: \(reason)")
            return []
        }
        do throws(TransparencyError) {
            // All else that is asked of it is the same for each of them.
            add(try verifier.verify(bundle, by: first.signer, about: artifact))
            return named
        } catch {
            fail("transparency", "\(name): \(error.message)")
            return []
        }
    }
}
