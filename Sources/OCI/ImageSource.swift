// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography

/// Where an image and its evidence are read from: a layout, a registry.
///
/// Nothing is handed out that was not checked against its descriptor, and only what is asked for is read: documents into
/// memory, layers as files.
package protocol ImageSource: Sendable {
    /// For messages.
    var name: String { get }
    /// The image.
    func root() async throws -> Descriptor
    /// All tags that name the image here.
    func tags(of root: Descriptor) async throws -> [String]
    /// A manifest or index.
    func document(_ descriptor: Descriptor) async throws -> [UInt8]
    /// The content of a blob that is small enough for memory: a configuration, a statement.
    func blob(_ descriptor: Descriptor) async throws -> [UInt8]
    /// A file with a blob's content, of any size.
    func file(_ blob: Descriptor) async throws -> String
    /// Manifests whose subject is this one.
    func referrers(of digest: Digest) async throws -> [Descriptor]
    /// What is filed under a tag; nil when there is no such tag.
    func tagged(_ tag: String) async throws -> Descriptor?
}

extension ImageSource {
    /// The content of a blob, which is refused by its stated size before it is fetched.
    ///
    /// - Parameter limit: in bytes.
    package func blob(_ descriptor: Descriptor, limit: Int) async throws -> [UInt8] {
        guard descriptor.size <= limit else {
            throw OCIError(.tooLarge, "\(descriptor.digest)", "\(descriptor.size) bytes, at most \(limit)")
        }
        return try await blob(descriptor)
    }

    package func manifest(_ descriptor: Descriptor) async throws -> Manifest {
        try Manifest(parsing: await document(descriptor), name: "the manifest \(descriptor.digest)")
    }

    /// A manifest of one type of artifacts; nil for what is of another one, whose form is nobody's business here.
    ///
    /// What a list of referrers says of the type decides only where there is no manifest to ask: some registries list the type of
    /// the configuration, for every artifact.
    package func manifest(_ entry: Descriptor, ofType artifactType: String) async throws -> Manifest? {
        let bytes: [UInt8]
        do {
            bytes = try await document(entry)
        } catch {
            if let stated = entry.artifactType, stated != artifactType { return nil }
            throw error
        }
        if let json = try? JSON(parsing: bytes, depth: 64), json["artifactType"]?.text != artifactType { return nil }
        return try Manifest(parsing: bytes, name: "the manifest \(entry.digest)")
    }

    package func imageIndex(_ descriptor: Descriptor) async throws -> Index {
        try Index(parsing: await document(descriptor), name: "the index \(descriptor.digest)")
    }

    /// The configuration of an image of one platform.
    package func configuration(_ image: Descriptor) async throws -> ImageConfiguration {
        try ImageConfiguration(
            parsing: await blob(manifest(image).config, limit: ImageConfiguration.limit),
            name: "the configuration of \(image.digest)"
        )
    }

    /// The images of a root, each for one platform: those of an index, or the root itself.
    package func images(of root: Descriptor) async throws -> [Descriptor] {
        MediaType.isIndex(root.mediaType) ? try await imageIndex(root).images : [root]
    }
}

extension Digest {
    /// The tag under which evidence about a manifest is filed (cosign specs/SIGNATURE_SPEC.md, "Discovery"; distribution-spec
    /// 1.1.1, "Referrers Tag Schema", without a suffix).
    package func evidenceTag(_ suffix: String) -> String { "\(algorithm.rawValue)-\(hex)\(suffix)" }
}
