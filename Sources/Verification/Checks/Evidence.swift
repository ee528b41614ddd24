// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import OCI
internal import Signing
internal import Transparency

/// Everything beside an image that claims to be evidence about one manifest, sorted into what a trusted key signed and what not.
struct Evidence {
    struct Signed {
        var statement: Statement
        /// The entries of the policy that are about its signer and let it say such things; at least one.
        var roots: [TrustPolicy.Root]
        var isBundle: Bool
        /// The digest of the bundle or envelope.
        var artifact: Digest
        /// The digest of the statement's bytes, as they were signed.
        var payload: Digest
    }

    /// Findings about pieces that are broken.
    private(set) var findings: [Finding] = []
    private(set) var bundleSignatures = 0
    private(set) var legacySignatures = 0
    private(set) var statements: [Signed] = []
    /// All entries of the policy that are about somebody whose signature or statement was believed.
    private(set) var signers: [TrustPolicy.Root] = []
    /// The repositories that simple signatures name.
    private(set) var references: Set<String> = []
    /// Bundles that satisfied the policy's transparency.
    private(set) var witnessed: [BundleVerifier.Outcome] = []

    let subject: String
    let target: Descriptor
    let policy: TrustPolicy

    private var budget = EvidenceBudget()

    init(of target: Descriptor, named subject: String, in source: any ImageSource, policy: TrustPolicy) async {
        self.subject = subject
        self.target = target
        self.policy = policy
        if policy.signatures.readsBundles { await readBundles(source) }
        if policy.signatures.readsLegacy { await readLegacy(source) }
    }

    mutating func fail(_ check: String, _ detail: String) {
        findings.append(Finding(subject, check, .failed, detail))
    }

    mutating func note(_ check: String, _ detail: String) {
        findings.append(Finding(subject, check, .skipped, detail))
    }

    mutating func add(_ outcome: BundleVerifier.Outcome) { witnessed.append(outcome) }

    // MARK: Bundles

    private mutating func readBundles(_ source: any ImageSource) async {
        let referrers: [Descriptor]
        do {
            referrers = try await source.referrers(of: target.digest).filter { $0.mediaType == MediaType.manifest }
        } catch {
            fail("referrers", Finding.text(error))
            return
        }
        guard referrers.count <= EvidenceBudget.count else {
            fail("referrers", "there are \(referrers.count), more than the \(EvidenceBudget.count) that are looked at")
            return
        }
        for entry in referrers where !budget.isSpent {
            do {
                guard let manifest = try await source.manifest(entry, ofType: MediaType.bundle) else { continue }
                try await readBundle(entry, manifest, source)
            } catch {
                fail("bundle", "\(entry.digest): \(Finding.text(error))")
            }
        }
    }

    private mutating func readBundle(
        _ entry: Descriptor,
        _ manifest: Manifest,
        _ source: any ImageSource
    ) async throws {
        let name = "the bundle \(entry.digest)"
        guard let subject = manifest.subject, subject.reference == target.reference else {
            fail("bundle", "\(name) describes its subject with another digest, size or media type")
            return
        }
        guard manifest.layers.count == 1, let layer = manifest.layers.first, layer.mediaType == MediaType.bundle else {
            fail("bundle", "\(name) does not have exactly one layer, the bundle")
            return
        }
        let bundle = try Bundle(parsing: await budget.blob(layer, in: source), name: name)
        let envelope = try bundle.attachedEnvelope(name: name)
        let roots = trustedRoots(for: bundle, envelope, name: name)
        if roots.isEmpty { return }
        try accept(envelope, by: roots, layer, annotated: manifest.annotations, isBundle: true)
    }

    private mutating func accept(
        _ envelope: Envelope,
        by roots: [TrustPolicy.Root],
        _ layer: Descriptor,
        annotated: [String: String],
        isBundle: Bool
    ) throws {
        let name = "the \(isBundle ? "bundle" : "attestation") \(layer.digest)"
        guard envelope.payloadType == Envelope.inToto else {
            fail("attestation", "\(name) has the payload type '\(envelope.payloadType)'")
            return
        }
        let statement = try Statement(parsing: envelope.payload, name: name)
        guard statement.subjects.contains(where: { $0.digest == target.digest }) else {
            fail(
                "subject",
                "\(name) is about \(statement.subjects.first?.digest.description ?? "nothing") and not about this manifest"
            )
            return
        }
        let key = isBundle ? Annotation.bundlePredicateType : Annotation.cosignPredicateType
        for name in isBundle ? [key, Annotation.predicateType] : [key] {
            if let stated = annotated[name], stated != statement.predicateType {
                fail("predicate-type", "it is annotated as \(stated) and says \(statement.predicateType)")
                return
            }
        }
        let permitting = roots.filter { $0.mayVouch(for: statement.predicateType) }
        guard !permitting.isEmpty else {
            fail("key-use", "\(name): its key may not sign statements of the type \(statement.predicateType)")
            return
        }
        signers += roots
        if statement.predicateType == PredicateType.signature {
            bundleSignatures += 1
        } else {
            statements.append(
                Signed(
                    statement: statement,
                    roots: permitting,
                    isBundle: isBundle,
                    artifact: layer.digest,
                    payload: .of(envelope.payload)
                )
            )
        }
    }

    // MARK: cosign's older form

    private mutating func readLegacy(_ source: any ImageSource) async {
        for suffix in [".sig", ".att"] {
            let tag = target.digest.evidenceTag(suffix)
            do {
                guard let entry = try await source.tagged(tag) else { continue }
                let manifest = try await source.manifest(entry)
                if suffix == ".sig" {
                    try await readSignatures(manifest, source)
                } else {
                    try await readAttestations(manifest, source)
                }
            } catch {
                fail("legacy", "\(tag): \(Finding.text(error))")
            }
        }
    }

    private mutating func readSignatures(_ manifest: Manifest, _ source: any ImageSource) async throws {
        if let subject = manifest.subject, subject.reference != target.reference {
            fail("signature", "the signature manifest names another subject, \(subject.digest)")
        }
        for layer in try layers(of: manifest, MediaType.simpleSigning) {
            let name = "the signature \(layer.digest)"
            let payload = try await budget.blob(layer, in: source)
            let bundle = try Bundle(signedPayload: layer.annotations, name: name)
            let roots = trustedRoots(forOlder: bundle, over: payload, check: "signature", name: name)
            if roots.isEmpty { continue }
            guard roots.contains(where: { $0.mayVouch(for: PredicateType.signature) }) else {
                fail("key-use", "\(name): its key may not sign images")
                continue
            }
            let document = try SimpleSigning(parsing: payload, name: "the signature's payload")
            guard document.digest == target.digest else {
                fail("signature", "a signature is over another image, \(document.digest)")
                continue
            }
            if let repository = policy.repository, document.reference != repository {
                fail("repository", "the signature names '\(document.reference)', expected '\(repository)'")
                continue
            }
            legacySignatures += 1
            signers += roots
            references.insert(document.reference)
        }
    }

    private mutating func readAttestations(_ manifest: Manifest, _ source: any ImageSource) async throws {
        for layer in try layers(of: manifest, MediaType.dsse) {
            let name = "the attestation \(layer.digest)"
            let bundle = try Bundle(
                storedEnvelope: await budget.blob(layer, in: source),
                layer.annotations,
                name: name
            )
            guard case .envelope(let envelope) = bundle.content else { continue }
            let roots = trustedRoots(forOlder: bundle, over: nil, check: "attestation", name: name)
            if roots.isEmpty { continue }
            try accept(envelope, by: roots, layer, annotated: layer.annotations, isBundle: false)
        }
    }

    private func layers(of manifest: Manifest, _ type: String) throws -> [Descriptor] {
        guard manifest.layers.count <= EvidenceBudget.count else {
            throw VerificationError("too-many-signatures", "it has more than \(EvidenceBudget.count) layers")
        }
        return manifest.layers.filter { $0.mediaType == type }
    }
}
