// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography
package import OCI

/// The lock as an image carries it, so that whoever has the image can build it again.
///
/// An artifact with one layer, the lock in its canonical form, that refers to the image's index (image-spec 1.1.1,
/// manifest.md, "Guidelines for Artifact Usage"). It is not signed: the provenance names its digest among the byproducts.
package enum AttachedLock {
    private static let limit = 64 << 20

    /// Adds the artifact to a layout.
    static func add(_ lock: Lock, of index: Descriptor, to draft: inout LayoutDraft) {
        let name = lock.definition.split(separator: "/").last.map { Lock.path(beside: String($0)) } ?? "lock.json"
        let layer = draft.add(
            lock.json.canonical,
            mediaType: MediaType.lock,
            annotations: [Annotation.title: name]
        )
        // Repeated in the list of referrers, where registries show what an artifact is by its annotations (distribution-spec 1.1).
        let annotations = [Annotation.title: name]
        let manifest = draft.add(
            Manifest(
                artifactType: MediaType.lock,
                config: draft.addEmpty(),
                layers: [layer],
                subject: index.reference,
                annotations: annotations
            )
        )
        draft.list(manifest, annotations: annotations)
    }

    /// The lock of this digest that an image carries.
    ///
    /// - Returns: nil when it carries none; others than the one that is asked for are passed over.
    package static func read(_ digest: Digest, of root: Descriptor, in source: any ImageSource) async throws -> Lock? {
        for entry in try await source.referrers(of: root.digest).prefix(1024)
        where entry.mediaType == MediaType.manifest {
            let manifest = try await source.manifest(entry)
            guard manifest.artifactType == MediaType.lock,
                let layer = manifest.layers.first(where: { $0.digest == digest }),
                layer.size <= limit
            else { continue }
            return try Lock(parsing: await source.blob(layer), path: "attached to \(root.digest)")
        }
        return nil
    }
}
