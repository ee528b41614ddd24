// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography

/// An OCI image layout that is being put together: documents in memory, layers where the store has them.
///
/// Nothing is on disk before `write(to:)`, so a run that fails leaves nothing behind.
package struct LayoutDraft: Sendable {
    enum Content: Sendable {
        case bytes([UInt8])
        case file(String)
    }

    private(set) var blobs: [Digest: Content] = [:]
    /// The entries of index.json, in the order in which they were listed.
    package private(set) var entries: [Descriptor] = []

    package init() {}

    // MARK: Content

    /// Bytes with their digest, which takes a while for large ones and need not be taken where they are added.
    package struct Blob: Sendable {
        package let bytes: [UInt8]
        let digest: Digest

        package init(_ bytes: [UInt8]) {
            self.bytes = bytes
            digest = .of(bytes)
        }
    }

    /// Adds a blob that is in memory; the same bytes twice are one blob.
    package mutating func add(
        _ blob: Blob,
        mediaType: String,
        artifactType: String? = nil,
        annotations: [String: String] = [:]
    ) -> Descriptor {
        if blobs[blob.digest] == nil { blobs[blob.digest] = .bytes(blob.bytes) }
        return Descriptor(
            mediaType: mediaType,
            digest: blob.digest,
            size: blob.bytes.count,
            artifactType: artifactType,
            annotations: annotations
        )
    }

    package mutating func add(
        _ bytes: [UInt8],
        mediaType: String,
        artifactType: String? = nil,
        annotations: [String: String] = [:]
    ) -> Descriptor {
        add(Blob(bytes), mediaType: mediaType, artifactType: artifactType, annotations: annotations)
    }

    /// Adds a blob that lies in a file whose digest was checked when it was written.
    package mutating func add(file path: String, descriptor: Descriptor) { blobs[descriptor.digest] = .file(path) }

    /// The bytes of a document added before; nil for what lies in a file or is not there.
    package func bytes(of digest: Digest) -> [UInt8]? {
        if case .bytes(let bytes) = blobs[digest] { bytes } else { nil }
    }

    /// Where content that lies in a file lies; nil for what is in memory or is not there.
    func file(of digest: Digest) -> String? {
        if case .file(let path) = blobs[digest] { path } else { nil }
    }

    /// The empty JSON object, the config of artifacts that have none.
    package mutating func addEmpty() -> Descriptor { add(Array("{}".utf8), mediaType: MediaType.empty) }

    package mutating func add(
        _ manifest: Manifest,
        annotations: [String: String] = [:]
    ) -> Descriptor {
        add(
            manifest.json.compact,
            mediaType: MediaType.manifest,
            artifactType: manifest.artifactType,
            annotations: annotations
        )
    }

    /// Adds an image's configuration and manifest.
    ///
    /// - Returns: the manifest's descriptor, with its platform, as an index lists it.
    package mutating func add(
        image configuration: ImageConfiguration,
        layers: [Descriptor],
        annotations: [String: String] = [:]
    ) -> Descriptor {
        let config = add(configuration.json.compact, mediaType: MediaType.config)
        var descriptor = add(Manifest(config: config, layers: layers, annotations: annotations))
        descriptor.platform = configuration.platform
        return descriptor
    }

    /// Adds an image index over manifests.
    package mutating func add(index manifests: [Descriptor], annotations: [String: String] = [:]) -> Descriptor {
        add(Index(manifests: manifests, annotations: annotations).json.compact, mediaType: MediaType.index)
    }

    // MARK: index.json

    /// Lists a manifest in index.json, under a tag if it has one.
    package mutating func list(_ descriptor: Descriptor, tag: String? = nil, annotations: [String: String] = [:]) {
        var entry = descriptor.annotated(annotations)
        if let tag { entry.annotations[Annotation.refName] = tag }
        if !entries.contains(entry) { entries.append(entry) }
    }

    mutating func remove(where isUnwanted: (Descriptor) -> Bool) { entries.removeAll(where: isUnwanted) }

    /// The bytes of index.json.
    var indexDocument: [UInt8] { Index(manifests: entries).json.compact }
}
