// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import FileTree
package import OCI

/// One platform's image, read: its documents, its layers as files that were checked, and what is in them.
package struct OpenedImage: Sendable {
    package let descriptor: Descriptor
    package let manifest: Manifest
    package let configuration: ImageConfiguration
    /// The configuration as it stands there, with members that `ImageConfiguration` does not know.
    package let document: JSON
    package let contents: ImageContents
    /// A file for each layer, lowest first.
    package var files: [String] { contents.files }

    /// - Parameter keeps: whether a file's content is kept in memory.
    package init(
        _ descriptor: Descriptor,
        in source: any ImageSource,
        limits: ImageLimits = ImageLimits(),
        keeps: (TreePath) -> Bool
    ) async throws {
        self.descriptor = descriptor
        manifest = try await source.manifest(descriptor)
        let bytes = try await source.blob(manifest.config, limit: ImageConfiguration.limit)
        let name = "the configuration of \(descriptor.digest)"
        configuration = try ImageConfiguration(parsing: bytes, name: name)
        document = try JSON(parsing: bytes, depth: 32)
        contents = try await ImageContents(
            layers: manifest.layers,
            configuration: configuration,
            source: source,
            limits: limits,
            keeps: keeps
        )
    }

    /// What the image says it runs on; the index's word where there is one.
    package var platform: ImagePlatform { descriptor.platform ?? configuration.platform }
}
