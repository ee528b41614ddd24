// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON

/// An image index: one manifest per platform (image-spec 1.1.1, image-index.md).
package struct Index: Hashable, Sendable {
    package var manifests: [Descriptor]
    package var annotations: [String: String]

    package init(manifests: [Descriptor], annotations: [String: String] = [:]) {
        self.manifests = manifests
        self.annotations = annotations
    }

    package var json: JSON {
        .members([
            ("schemaVersion", 2),
            ("mediaType", .string(MediaType.index)),
            ("manifests", .array(manifests.map(\.json))),
            ("annotations", annotations.isEmpty ? nil : .map(annotations)),
        ])
    }

    package init(parsing bytes: [UInt8], name: String) throws(OCIError) {
        let json = try Document.parse(bytes, MediaType.index, MediaType.schema2List, name: name)
        guard let entries = json["manifests"]?.elements else { throw OCIError(.malformed, name, "it has no manifests") }
        guard entries.count <= 4096 else { throw OCIError(.tooLarge, name, "\(entries.count) manifests") }
        if let subject = json["subject"] { _ = try Descriptor(subject, place: name) }
        manifests = []
        for entry in entries { manifests.append(try Descriptor(entry, place: name)) }
        annotations = try Descriptor.annotations(json["annotations"], place: name)
    }

    /// The manifests of things that run, so without BuildKit's attestations.
    package var images: [Descriptor] {
        manifests.filter { $0.annotations[Annotation.referenceType] == nil && $0.platform?.os != "unknown" }
    }
}
