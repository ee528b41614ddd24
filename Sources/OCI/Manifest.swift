// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON

/// An image manifest, also the envelope of every other artifact (image-spec 1.1.1, manifest.md).
package struct Manifest: Hashable, Sendable {
    package var artifactType: String?
    package var config: Descriptor
    package var layers: [Descriptor]
    /// What this artifact is about; makes it a referrer.
    package var subject: Descriptor?
    package var annotations: [String: String]

    package init(
        artifactType: String? = nil,
        config: Descriptor,
        layers: [Descriptor],
        subject: Descriptor? = nil,
        annotations: [String: String] = [:]
    ) {
        self.artifactType = artifactType
        self.config = config
        self.layers = layers
        self.subject = subject
        self.annotations = annotations
    }

    package var json: JSON {
        .members([
            ("schemaVersion", 2),
            ("mediaType", .string(MediaType.manifest)),
            ("artifactType", artifactType.map { .string($0) }),
            ("config", config.json),
            ("layers", .array(layers.map(\.json))),
            ("subject", subject?.json),
            ("annotations", annotations.isEmpty ? nil : .map(annotations)),
        ])
    }

    package init(parsing bytes: [UInt8], name: String) throws(OCIError) {
        let json = try Document.parse(bytes, MediaType.manifest, MediaType.schema2Manifest, name: name)
        guard let config = json["config"] else { throw OCIError(.malformed, name, "it has no config") }
        guard let layers = json["layers"]?.elements else { throw OCIError(.malformed, name, "it has no layers") }
        guard !layers.isEmpty else { throw OCIError(.malformed, name, "it has no layer") }
        guard layers.count <= 4096 else { throw OCIError(.tooLarge, name, "\(layers.count) layers") }
        self.config = try Descriptor(config, place: name)
        self.layers = []
        for layer in layers { self.layers.append(try Descriptor(layer, place: name)) }
        if let value = json["subject"] { subject = try Descriptor(value, place: name) } else { subject = nil }
        artifactType = json["artifactType"]?.text
        annotations = try Descriptor.annotations(json["annotations"], place: name)
        // image-spec 1.1.1, manifest.md: "If the config.mediaType is set to the empty value", artifactType MUST be set.
        if self.config.mediaType == MediaType.empty && (artifactType ?? "").isEmpty {
            throw OCIError(.malformed, name, "an artifact with an empty config has no artifactType")
        }
    }
}

/// What manifests and indexes have in common.
enum Document {
    /// - Parameter other: how schema 2 names the same document.
    static func parse(
        _ bytes: [UInt8],
        _ mediaType: String,
        _ other: String,
        name: String
    ) throws(OCIError) -> JSON {
        let json: JSON
        do {
            json = try JSON(parsing: bytes, depth: 32)
        } catch {
            throw OCIError(.malformed, name, "\(error)")
        }
        guard json["schemaVersion"]?.int == 2 else { throw OCIError(.malformed, name, "schemaVersion is not 2") }
        if let stated = json["mediaType"], stated.text != mediaType, stated.text != other {
            throw OCIError(.malformed, name, "its mediaType is \(stated.text ?? "no string") and not \(mediaType)")
        }
        // CVE-2021-41190: a document that could be read as an index and as a manifest.
        let isIndex = mediaType == MediaType.index
        if json[isIndex ? "layers" : "manifests"] != nil || isIndex && json["config"] != nil {
            throw OCIError(.malformed, name, "it is a manifest and an index at the same time")
        }
        return json
    }
}
