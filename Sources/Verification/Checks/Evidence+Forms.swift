// SPDX-License-Identifier: Apache-2.0

extension Evidence {
    /// Whether the manifest is signed, in the forms that the policy asks for.
    ///
    /// - Parameter isCovered: whether the signature of the index is enough.
    func signatureFindings(isCovered: Bool) -> [Finding] {
        let forms = policy.signatures
        if isCovered, !forms.isSatisfied(bundles: bundleSignatures, legacy: legacySignatures) {
            return [
                Finding(subject, "signature", .skipped, "it has none of its own; the signature of the index covers it")
            ]
        }
        func finding(_ check: String, _ count: Int, _ what: String, _ otherForm: (SignatureForms, count: Int))
            -> Finding
        {
            if count > 0 { return Finding(subject, check, .passed, "signed by a trusted signer") }
            var detail = "no \(what) of this manifest by a trusted signer"
            if otherForm.count > 0 {
                detail +=
                    "; for images that basalt did not sign, '--signatures \(otherForm.0.rawValue)' asks for the other form only"
            }
            return Finding(subject, check, .failed, detail)
        }
        let bundle = finding("signature-bundle", bundleSignatures, "bundle", (.legacy, legacySignatures))
        let legacy = finding("signature-legacy", legacySignatures, "simple signature", (.bundle, bundleSignatures))
        switch forms {
        case .both: return [bundle, legacy]
        case .bundle: return [bundle]
        case .legacy: return [legacy]
        case .any:
            let found = [bundle, legacy].filter { $0.outcome == .passed }
            return found.isEmpty
                ? [Finding(subject, "signature", .failed, "no signature of this manifest by a trusted signer")] : found
        }
    }
}
