// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import OCI

/// Evidence filed under a tag, read for nothing but adding to it.
///
/// The manifest need not be an image manifest of the OCI specification: cosign also files evidence in Docker's schema 2
/// (image manifest version 2), and what is the same in both is all that adding needs.
struct EvidenceManifest {
    var artifactType: String?
    var config: Descriptor
    var layers: [Descriptor]
    var subject: Descriptor?
    var annotations: [String: String]

    /// - Throws: `OCIError` when it is no manifest of layers.
    init(parsing bytes: [UInt8], name: String) throws {
        let json: JSON
        do {
            json = try JSON(parsing: bytes, depth: 64)
        } catch {
            throw OCIError(.malformed, name, "\(error)")
        }
        guard json["manifests"] == nil, let config = json["config"], let layers = json["layers"]?.elements else {
            throw OCIError(.malformed, name, "it is no manifest with a config and layers")
        }
        artifactType = json["artifactType"]?.text
        self.config = try Descriptor(config, place: name)
        self.layers = try layers.map { try Descriptor($0, place: name) }
        subject = try json["subject"].map { try Descriptor($0, place: name) }
        var annotations: [String: String] = [:]
        for (name, value) in json["annotations"]?.members ?? [] { annotations[name] = value.text }
        self.annotations = annotations
    }

    /// An image manifest of the OCI specification that has the layers of both, theirs in front.
    ///
    /// - Returns: nil when nothing of ours is missing in theirs.
    func completing(_ theirs: EvidenceManifest) -> Manifest? {
        // The same content may be annotated with another signature: that is another layer.
        let known = Set(theirs.layers)
        let missing = layers.filter { !known.contains($0) }
        if missing.isEmpty { return nil }
        return Manifest(
            artifactType: artifactType,
            config: config,
            layers: theirs.layers + missing,
            subject: subject,
            annotations: annotations
        )
    }
}
