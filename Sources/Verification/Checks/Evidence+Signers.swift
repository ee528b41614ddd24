// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Signing
internal import Transparency

extension Evidence {
    /// The signer of a bundle among those of the policy, once what the policy asks of its signatures was found true; nil,
    /// with a finding, when there is none.
    mutating func trustedRoot(for bundle: Bundle, _ envelope: Envelope, name: String) -> TrustPolicy.Root? {
        if !bundle.certificates.isEmpty { return identity(of: bundle, name: name) }
        guard let root = policy.roots.first(where: { $0.key.map(envelope.isSigned) ?? false }) else {
            // Others may sign an image too; but what claims to be by a key that we trust has to be.
            if policy.roots.contains(where: { $0.key?.identifier == bundle.keyHint }) || bundle.keyHint == "" {
                fail("bundle", "\(name): its signature does not match its content")
            } else {
                note("bundle", "\(name) is signed by a key that is not trusted here")
            }
            return nil
        }
        guard let verifier = policy.transparency else { return root }
        do throws(TransparencyError) {
            add(try verifier.verify(bundle, by: root.signer, about: nil))
            return root
        } catch {
            fail("transparency", "\(name): \(error.message)")
            return nil
        }
    }

    private mutating func identity(of bundle: Bundle, name: String) -> TrustPolicy.Root? {
        guard let verifier = policy.transparency, policy.roots.contains(where: { $0.key == nil }) else {
            note("bundle", "\(name) is signed with a certificate, and no identity is trusted here")
            return nil
        }
        for root in policy.roots where root.key == nil {
            do throws(TransparencyError) {
                add(try verifier.verify(bundle, by: root.signer, about: nil))
                return root
            } catch {
                if error.kind == .signer { continue }
                fail("transparency", "\(name): \(error.message)")
                return nil
            }
        }
        note("bundle", "\(name) is signed by an identity that is not trusted here")
        return nil
    }
}
