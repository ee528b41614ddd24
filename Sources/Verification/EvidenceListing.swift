// SPDX-License-Identifier: Apache-2.0

package import Attestations
internal import CanonicalJSON
package import Cryptography
package import OCI
internal import Signing
internal import Transparency

/// The statements attached to an image, for reading. Whether they are to be believed is `ImageVerifier`'s to say, unless
/// a key is given here.
package struct EvidenceListing: Sendable {
    package struct Entry: Sendable {
        /// `index`, or the platform.
        package var subject: String
        package var target: Digest
        package var statement: Statement
        /// The exact bytes that were signed.
        package var bytes: [UInt8]
        /// The identifiers of the keys that signed it, as bundles hint, or `certificate`; empty where nothing says it.
        package var signers: Set<String>
    }

    package private(set) var entries: [Entry] = []

    /// - Parameter key: with one, statements that it did not sign are left out.
    package init(_ source: any ImageSource, key: PublicKey?) async throws {
        let root = try await source.root()
        var targets = [(MediaType.isIndex(root.mediaType) ? "index" : "image", root)]
        if MediaType.isIndex(root.mediaType) {
            targets += try await source.images(of: root).map { ($0.platform?.description ?? "?", $0) }
        }
        for (name, target) in targets {
            for (digest, envelope, padding, signer) in try await Self.envelopes(about: target, in: source) {
                if let key, !envelope.isSigned(by: key, padding: padding) { continue }
                let statement = try Statement(parsing: envelope.payload, name: "\(digest)")
                if statement.predicateType == PredicateType.signature { continue }
                let signers = Set([signer].compactMap { $0 }.filter { !$0.isEmpty })
                // What is filed in both forms, or signed by several, is one statement.
                let known = entries.firstIndex { $0.target == target.digest && $0.bytes == envelope.payload }
                if let known {
                    entries[known].signers.formUnion(signers)
                    continue
                }
                entries.append(
                    Entry(
                        subject: name,
                        target: target.digest,
                        statement: statement,
                        bytes: envelope.payload,
                        signers: signers
                    )
                )
            }
        }
    }

    /// The repository that a statement gives to what it is about (a purl's `repository_url`), or nil where none does.
    package var repository: String? {
        for entry in entries {
            for subject in entry.statement.subjects where subject.digest == entry.target {
                if let purl = subject.name.flatMap({ PackageURL($0) }), purl.type == "oci",
                    let repository = purl.qualifiers["repository_url"]
                {
                    return repository
                }
            }
        }
        return nil
    }

    /// Envelopes in bundles, then those of cosign's older form.
    private static func envelopes(
        about target: Descriptor,
        in source: any ImageSource
    ) async throws -> [(Digest, Envelope, PublicKey.Padding, signer: String?)] {
        var found: [(Digest, Envelope, PublicKey.Padding, signer: String?)] = []
        var budget = EvidenceBudget()
        let referrers = try await source.referrers(of: target.digest).filter { $0.mediaType == MediaType.manifest }
        try EvidenceBudget.check(referrers.count, "referrers", of: target.digest)
        for entry in referrers {
            guard let manifest = try await source.manifest(entry, ofType: MediaType.bundle) else { continue }
            try EvidenceBudget.check(manifest.layers.count, "layers", of: entry.digest)
            for layer in manifest.layers {
                let name = "the bundle \(entry.digest)"
                let bundle = try Bundle(parsing: await budget.blob(layer, in: source), name: name)
                let signer = bundle.certificates.isEmpty ? bundle.keyHint : "certificate"
                found.append((entry.digest, try bundle.attachedEnvelope(name: name), bundle.padding, signer))
            }
        }
        if let entry = try await source.tagged(target.digest.evidenceTag(".att")) {
            let layers = try await source.manifest(entry).layers.filter { $0.mediaType == MediaType.dsse }
            try EvidenceBudget.check(layers.count, "layers", of: entry.digest)
            for layer in layers {
                let json = try JSON(parsing: await budget.blob(layer, in: source))
                found.append((layer.digest, try Envelope(json, name: "the attestation \(layer.digest)"), .pkcs1, nil))
            }
        }
        return found
    }
}
