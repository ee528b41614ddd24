// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Cryptography
import Foundation
import OCI
import TestSupport

/// An image of which somebody changed the first platform, every digest chain kept intact, with the evidence of the one
/// that it was made from.
struct AlteredImage {
    private let source: LayoutSource
    private let target: String
    private let root: Descriptor

    init(_ layout: String, to target: String) async throws {
        source = try LayoutSource(directory: layout, tag: nil)
        self.target = target
        root = try await source.root()
    }

    /// - Parameters:
    ///   - configuration: changes the configuration.
    ///   - layer: changes the tar at a path; what it changed is compressed again, by gzip(1).
    ///   - recompresses: whether what it left alone is, too.
    func write(
        configuration change: (inout ImageConfiguration) -> Void,
        layer: (String) throws -> Void,
        recompresses: Bool
    ) async throws {
        var draft = LayoutDraft()
        var images = try await source.images(of: root)
        for (number, image) in images.enumerated() {
            let manifest = try await source.manifest(image)
            var configuration = try await source.configuration(image)
            var layers: [Descriptor] = []
            for descriptor in manifest.layers {
                let file = try await source.file(descriptor)
                guard number == 0 else {
                    draft.add(file: file, descriptor: descriptor)
                    layers.append(descriptor)
                    continue
                }
                let folder = try TemporaryDirectory()
                let tar = try Tool.run("gzip", ["-dc"], input: Array(Data(contentsOf: URL(filePath: file)))).stdout
                try folder.write(tar, to: "layer")
                try layer(folder.path("layer"))
                // The folder goes with the last reference to it, which would be before the file is read.
                let changed = try withExtendedLifetime(folder) {
                    Array(try Data(contentsOf: URL(filePath: folder.path("layer"))))
                }
                let index = layers.count
                configuration.diffIDs[index] = .of(changed)
                if changed == tar && !recompresses {
                    draft.add(file: file, descriptor: descriptor)
                    layers.append(descriptor)
                } else {
                    let bytes = try Tool.run("gzip", ["-n", "-1"], input: changed).stdout
                    layers.append(draft.add(bytes, mediaType: descriptor.mediaType))
                }
            }
            change(&configuration)
            images[number] = draft.add(image: configuration, layers: layers, annotations: manifest.annotations)
        }
        let index = draft.add(index: images, annotations: try await source.imageIndex(root).annotations)
        draft.list(index, tag: "1.0")
        // Evidence of the original, which now says that it is about this one.
        for entry in try await source.referrers(of: root.digest) {
            var manifest = try await source.manifest(entry)
            for blob in manifest.layers + [manifest.config] {
                _ = draft.add(try await source.blob(blob), mediaType: blob.mediaType)
            }
            manifest.subject = index.reference
            draft.list(draft.add(manifest))
        }
        try draft.write(to: target)
    }
}
