// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import OCI
internal import Signing
internal import Transparency

extension Evidence {
    /// The signer of a bundle among those of the policy, once what the policy asks of its signatures was found true; nil,
    /// with a finding, when there is none.
    mutating func trustedRoot(for bundle: Bundle, _ envelope: Envelope, name: String) -> TrustPolicy.Root? {
        if !bundle.certificates.isEmpty {
            return identity(of: bundle, policy.transparency, about: nil, among: policy.roots, name: name)
        }
        guard let root = policy.roots.first(where: { $0.key.map(envelope.isSigned) ?? false }) else {
            // Others may sign an image too; but what claims to be by a key that we trust has to be.
            if policy.roots.contains(where: { $0.key?.identifier == bundle.keyHint }) || bundle.keyHint == "" {
                fail("bundle", "\(name): its signature does not match its content")
            } else {
                note("bundle", "\(name) is signed by a key that is not trusted here")
            }
            return nil
        }
        return isConfirmed(bundle, by: root, policy.transparency, about: nil, name: name) ? root : nil
    }

    /// The same for cosign's older form.
    ///
    /// - Parameters:
    ///   - payload: what a signature is over; nil for an attestation, whose envelope has it.
    ///   - roots: who may have signed it.
    mutating func trustedRoot(
        forOlder bundle: Bundle,
        over payload: [UInt8]?,
        among roots: [TrustPolicy.Root],
        check: String,
        name: String
    ) -> TrustPolicy.Root? {
        let artifact = payload.map { Artifact($0) }
        let verifier = verifierOfOlder
        if !bundle.certificates.isEmpty {
            return identity(of: bundle, verifier, about: artifact, among: roots, name: name)
        }
        let message: [UInt8]
        switch bundle.content {
        case .envelope(let envelope): message = envelope.preAuthentication
        case .message: message = payload ?? []
        }
        guard let root = roots.first(where: { $0.key?.isSignature(bundle.signature, over: message) ?? false }) else {
            let detail = "\(name) is by no trusted key, or was changed"
            // Our own images have no others.
            if policy.signatures == .both { fail(check, detail) } else { note(check, detail) }
            return nil
        }
        return isConfirmed(bundle, by: root, verifier, about: artifact, name: name) ? root : nil
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

    private mutating func identity(
        of bundle: Bundle,
        _ verifier: BundleVerifier?,
        about artifact: Artifact?,
        among roots: [TrustPolicy.Root],
        name: String
    ) -> TrustPolicy.Root? {
        let identities = roots.filter { $0.key == nil }
        guard let verifier, !identities.isEmpty else {
            note("bundle", "\(name) is signed with a certificate, and no identity is trusted here")
            return nil
        }
        var reason = "its certificate is damaged"
        for root in identities {
            guard case .certificate(let identity) = root.signer else { continue }
            // Others may sign an image too; but what claims to be by somebody whom we trust has to be.
            if let mismatch = identity.mismatch(of: bundle) {
                reason = mismatch
                continue
            }
            do throws(TransparencyError) {
                add(try verifier.verify(bundle, by: root.signer, about: artifact))
                return root
            } catch {
                fail("transparency", "\(name): \(error.message)")
                return nil
            }
        }
        note("bundle", "\(name) is signed by an identity that is not trusted here: \(reason)")
        return nil
    }
}
