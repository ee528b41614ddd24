// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography
package import OCI

/// An image with everything that belongs to it, in the order in which it is written: children before parents, evidence
/// after what it is about, names last.
package struct ImageGraph: Sendable {
    /// A manifest or index.
    package struct Document: Sendable {
        package var descriptor: Descriptor
        package var bytes: [UInt8]
        /// Config and layers.
        package var blobs: [Descriptor]
        /// Manifests of an index.
        package var children: [Descriptor]
        package var subject: Descriptor?
        package var artifactType: String?
        package var annotations: [String: String]

        /// The form in which indexes list it as a referrer (distribution-spec, "Listing Referrers").
        package var listing: Descriptor {
            var listing = descriptor.reference
            listing.artifactType = artifactType
            listing.annotations = annotations
            return listing
        }
    }

    package var root: Descriptor
    /// The tags that the image gets.
    package var tags: [String]
    /// The image's own documents.
    package var image: [Document] = []
    /// Signatures, attestations and whatever else refers to the image or a part of it.
    package var evidence: [Document] = []
    /// Tags of evidence: `sha256-….sig`.
    package var evidenceTags: [(tag: String, descriptor: Descriptor)] = []

    package var documents: [Document] { image + evidence }

    /// The documents in an order of writing, and of each subject the evidence that refers to it.
    package var referrers: [(subject: Digest, listings: [Descriptor])] {
        var order: [Digest] = []
        var listings: [Digest: [Descriptor]] = [:]
        for document in documents {
            guard let subject = document.subject?.digest else { continue }
            if listings[subject] == nil { order.append(subject) }
            listings[subject, default: []].append(document.listing)
        }
        return order.map { ($0, listings[$0] ?? []) }
    }

    private static let documentLimit = 20_000
    private static let byteLimit = 1 << 30
    private static let depthLimit = 8

    /// The forms in which cosign files evidence by name.
    private static let suffixes = [".sig", ".att", ".sbom"]

    /// Evidence alone, of an image that is there already.
    init(evidence: [Document], about root: Descriptor) {
        self.root = root
        self.evidence = evidence
        tags = []
    }

    /// Collects the graph of a source's image.
    ///
    /// - Parameters:
    ///   - root: the image, which was resolved once: a tag may lead elsewhere the next time.
    ///   - withEvidence: whether referrers, and evidence filed by name, come along.
    package init(of root: Descriptor, in source: any ImageSource, tags: [String], withEvidence: Bool) async throws {
        self.root = root
        self.tags = tags
        var seen: Set<Digest> = []
        var size = 0
        try await Self.collect(root, from: source, depth: 0, seen: &seen, size: &size, into: &image)
        guard withEvidence else { return }
        var subjects = image
        while !subjects.isEmpty {
            var found: [Document] = []
            for subject in subjects {
                let digest = subject.descriptor.digest
                for referrer in try await source.referrers(of: digest) {
                    try await Self.collect(referrer, from: source, depth: 0, seen: &seen, size: &size, into: &found)
                }
                for suffix in Self.suffixes {
                    let tag = digest.evidenceTag(suffix)
                    guard let descriptor = try await source.tagged(tag) else { continue }
                    evidenceTags.append((tag, descriptor))
                    try await Self.collect(descriptor, from: source, depth: 0, seen: &seen, size: &size, into: &found)
                }
            }
            evidence += found
            // Evidence may itself be signed.
            subjects = found
        }
    }

    private static func collect(
        _ descriptor: Descriptor,
        from source: any ImageSource,
        depth: Int,
        seen: inout Set<Digest>,
        size: inout Int,
        into documents: inout [Document]
    ) async throws {
        guard seen.insert(descriptor.digest).inserted else { return }
        guard depth <= depthLimit, seen.count <= documentLimit else {
            throw RegistryError(.tooLarge, "\(source.name): the image has more, or deeper, indexes than any real one")
        }
        let bytes = try await source.document(descriptor)
        size += bytes.count
        guard size <= byteLimit else {
            throw RegistryError(
                .tooLarge,
                "\(source.name): the image's manifests are larger than those of any real one"
            )
        }
        let document = try Document(descriptor, bytes, name: source.name)
        for child in document.children {
            try await collect(child, from: source, depth: depth + 1, seen: &seen, size: &size, into: &documents)
        }
        documents.append(document)
    }
}

extension ImageGraph.Document {
    /// Reads what a document links to; of the four media types that images use, and of those unknown the same fields.
    init(_ descriptor: Descriptor, _ bytes: [UInt8], name: String) throws {
        let place = "\(name): the document \(descriptor.digest)"
        let json: JSON
        do {
            json = try JSON(parsing: bytes, depth: 64)
        } catch {
            throw OCIError(.malformed, place, "\(error)")
        }
        // CVE-2021-41190: a document that could be read as an index and as a manifest.
        if json["manifests"] != nil && (json["layers"] != nil || json["config"] != nil) {
            throw OCIError(.malformed, place, "it is a manifest and an index at the same time")
        }
        self.descriptor = descriptor
        self.bytes = bytes
        func list(_ values: [JSON]) throws -> [Descriptor] { try values.map { try Descriptor($0, place: place) } }
        children = try list(json["manifests"]?.elements ?? [])
        let config = try json["config"].map { try Descriptor($0, place: place) }
        // Layers that may not be distributed lie where their URLs say, in no registry.
        let layers = try list(json["layers"]?.elements ?? []).filter {
            !$0.mediaType.contains("nondistributable") && !$0.mediaType.contains(".foreign.")
        }
        blobs = (config.map { [$0] } ?? []) + layers
        subject = try json["subject"].map { try Descriptor($0, place: place) }
        // distribution-spec, "Listing Referrers": an artifact's type is its own, or its config's.
        artifactType = json["artifactType"]?.text ?? (children.isEmpty ? config?.mediaType : nil)
        var annotations: [String: String] = [:]
        for (name, value) in json["annotations"]?.members ?? [] { annotations[name] = value.text }
        self.annotations = annotations
    }
}
