// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

extension BundleVerifier {
    /// Checks that an authority of the root issued the certificate for signing, and that it was valid whenever the signature
    /// is known to have existed.
    func check(_ leaf: Certificate, chain: [[UInt8]], at outcome: Outcome) throws(TransparencyError) {
        guard !outcome.times.isEmpty else {
            throw TransparencyError(
                .noTime,
                "nothing proves when the signature was made, so that the certificate may have expired before"
                    + (outcome.notes.first.map { ": \($0)" } ?? "")
            )
        }
        var given: [Certificate] = []
        for der in chain.dropFirst() {
            guard let certificate = Certificate(der: der) else {
                throw TransparencyError(.certificate, "a certificate of the bundle's chain is damaged")
            }
            // A root is for the verifier to choose (sigstore_bundle.proto, X509CertificateChain).
            guard !certificate.isSelfIssued else {
                throw TransparencyError(.certificate, "the bundle brings a root certificate of its own")
            }
            given.append(certificate)
        }
        guard leaf.allowsCodeSigning, !leaf.isAuthority else {
            throw TransparencyError(.certificate, "the certificate is not for code signing")
        }
        var reason = "the trusted root has no certificate authority"
        for authority in root.certificateAuthorities {
            if let time = outcome.times.first(where: { !authority.validity.contains($0) }) {
                reason = "the authority '\(authority.uri)' was not trusted at the time of the signature (\(time))"
                continue
            }
            do throws(CertificatePath.Failure) {
                let issuer = try issuer(of: leaf, authority, given, at: outcome.times)
                if requirements.needsCertificateLog { try checkCertificateLog(leaf, issuer: issuer) }
                return
            } catch {
                reason = error.reason
            }
        }
        throw TransparencyError(.certificate, "the certificate is not to be trusted: \(reason)")
    }

    /// The certificate that issued the leaf, on a path that was valid at every one of the times.
    private func issuer(
        of leaf: Certificate,
        _ authority: TrustedRoot.Authority,
        _ given: [Certificate],
        at times: [Int]
    ) throws(CertificatePath.Failure) -> Certificate {
        var issuer: Certificate?
        for time in times {
            let path = try CertificatePath(
                of: leaf,
                through: authority.intermediates + given,
                to: authority.roots,
                at: time,
                for: .codeSigning
            )
            issuer = path.certificates.dropFirst().first
        }
        guard let issuer else { throw CertificatePath.Failure(reason: "the certificate is a trusted one itself") }
        return issuer
    }

    private func checkCertificateLog(
        _ leaf: Certificate,
        issuer: Certificate
    ) throws(CertificatePath.Failure) {
        guard let promises = leaf.transparencyTimestamps else {
            throw CertificatePath.Failure(reason: "its list of log promises is damaged")
        }
        let isListed = promises.prefix(16).contains { promise in
            // Milliseconds of an hostile certificate need not fit.
            guard let time = Int(exactly: promise.time / 1000) else { return false }
            return root.certificateLogs.contains { log in
                guard let key = log.key, log.validity.contains(time), log.identifiers.contains(promise.logID) else {
                    return false
                }
                return promise.isValid(for: leaf, issuer: issuer, key: key)
            }
        }
        guard isListed else {
            throw CertificatePath.Failure(
                reason: promises.isEmpty
                    ? "no log has promised to list it" : "no promise to list it is by a log of the trusted root"
            )
        }
    }
}
