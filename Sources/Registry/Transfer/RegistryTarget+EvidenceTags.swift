// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Diagnostics
internal import Fetching
internal import OCI

/// Evidence in cosign's older form is one manifest under a tag, and everybody who adds some writes it anew.
extension RegistryTarget {
    /// Files evidence under a tag beside what others filed there.
    ///
    /// - Returns: how long the longest way from a reading to the end of the writing took; nil when all was there already.
    /// - Throws: `contention` when others keep taking ours away; `unreadable-evidence` when what is there cannot be added to.
    func file(_ document: ImageGraph.Document, under tag: String) async throws -> Duration? {
        try await client.share(under: tag, named: "the tag") {
            try Self.completed(
                try await client.document(tag),
                with: document,
                place: "\(client.reference.host)/\(client.repository):\(tag)"
            )
        }
    }

    /// The manifest that has what is there and what is ours; nil when nothing of ours is missing.
    ///
    /// What is there and is not about the same image is not kept: the tag's name says what it is about.
    static func completed(
        _ present: RegistryClient.Document?,
        with document: ImageGraph.Document,
        place: String
    ) throws -> RegistryClient.Completion? {
        // As it is, and as what it is, whatever that may be.
        let whole = RegistryClient.Completion(mediaType: document.descriptor.mediaType, bytes: document.bytes)
        guard let present else { return whole }
        if present.digest == document.descriptor.digest { return nil }
        let ours = try read(document.bytes, "the evidence to be filed under \(place)")
        let theirs = try read(present.bytes, "the evidence that is under \(place)")
        let isSame = theirs.subject == nil || ours.subject == nil || theirs.subject?.digest == ours.subject?.digest
        if !isSame || theirs.layers.isEmpty { return whole }
        return ours.completing(theirs).map {
            RegistryClient.Completion(mediaType: MediaType.manifest, bytes: $0.json.compact)
        }
    }

    private static func read(_ bytes: [UInt8], _ name: String) throws -> EvidenceManifest {
        do {
            return try EvidenceManifest(parsing: bytes, name: name)
        } catch {
            throw RegistryError(
                .unreadable,
                "\((error as? any Failure)?.message ?? "\(name) cannot be read"): it is left as it is",
                hint: "look at the tag with another client; to let it be made anew, delete it"
            )
        }
    }
}
