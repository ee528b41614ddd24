// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Cryptography

/// What an image runs on (image-spec 1.1.1, image-index.md, `platform`).
package struct ImagePlatform: Hashable, Sendable, CustomStringConvertible {
    package var architecture: String
    package var os: String
    /// The CPU's variant: `v8` for arm64.
    package var variant: String?
    /// The system's version, which tells some systems' images apart: `10.0.17763.1`.
    package var osVersion: String?

    package init(architecture: String, os: String = "linux", variant: String? = nil, osVersion: String? = nil) {
        self.architecture = architecture
        self.os = os
        self.variant = variant
        self.osVersion = osVersion
    }

    /// The platform of manifests that run nowhere: BuildKit's in-index attestations.
    package static let unknown = ImagePlatform(architecture: "unknown", os: "unknown")

    package var description: String {
        [os + (osVersion.map { "(\($0))" } ?? ""), architecture, variant].compactMap { $0 }.joined(separator: "/")
    }

    package var json: JSON {
        .members([
            ("architecture", .string(architecture)), ("os", .string(os)),
            ("os.version", osVersion.map { .string($0) }), ("variant", variant.map { .string($0) }),
        ])
    }
}

/// A reference to content: what it is, its digest and its size (image-spec 1.1.1, descriptor.md).
package struct Descriptor: Hashable, Sendable {
    package var mediaType: String
    package var digest: Digest
    /// In bytes.
    package var size: Int
    package var platform: ImagePlatform?
    package var artifactType: String?
    package var annotations: [String: String]
    /// The content itself, when it is small enough to travel along.
    package var data: [UInt8]?

    package init(
        mediaType: String,
        digest: Digest,
        size: Int,
        platform: ImagePlatform? = nil,
        artifactType: String? = nil,
        annotations: [String: String] = [:],
        data: [UInt8]? = nil
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.platform = platform
        self.artifactType = artifactType
        self.annotations = annotations
        self.data = data
    }

    /// Only what identifies the content: the form of a `subject`.
    package var reference: Descriptor { Descriptor(mediaType: mediaType, digest: digest, size: size) }

    /// The form in which a list of referrers is handed on.
    package var listed: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: size, artifactType: artifactType)
    }

    package func annotated(_ more: [String: String]) -> Descriptor {
        var copy = self
        copy.annotations.merge(more) { $1 }
        return copy
    }

    package var json: JSON {
        .members([
            ("mediaType", .string(mediaType)),
            ("digest", .string(digest.description)),
            ("size", .integer(size)),
            ("platform", platform?.json),
            ("artifactType", artifactType.map { .string($0) }),
            ("annotations", annotations.isEmpty ? nil : .map(annotations)),
            ("data", data.map { .string(Base64.encode($0)) }),
        ])
    }

    /// - Parameter place: names the descriptor in the error.
    package init(_ json: JSON, place: String) throws(OCIError) {
        guard let mediaType = json["mediaType"]?.text, MediaType.isValid(mediaType) else {
            throw OCIError(.malformed, place, "a descriptor has no mediaType, or a malformed one")
        }
        if let type = json["artifactType"], !MediaType.isValid(type.text ?? "") {
            throw OCIError(.malformed, place, "a descriptor has a malformed artifactType")
        }
        for url in json["urls"]?.elements ?? [] {
            // RFC 3986 has no place for these characters in a URI.
            guard let text = url.text,
                text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"<>\"{}|\\^`".utf8.contains($0) })
            else { throw OCIError(.malformed, place, "a descriptor has a malformed URL") }
        }
        guard let text = json["digest"]?.text, let digest = Digest(text),
            digest.algorithm == .sha256 || digest.algorithm == .sha512
        else { throw OCIError(.malformed, place, "a descriptor has no sha256 or sha512 digest") }
        guard let size = json["size"]?.int, size >= 0 else {
            throw OCIError(.malformed, place, "the descriptor of \(digest) has no size")
        }
        var platform: ImagePlatform?
        if let value = json["platform"] {
            guard let architecture = value["architecture"]?.text, let os = value["os"]?.text else {
                throw OCIError(.malformed, place, "the platform of \(digest) has no architecture or os")
            }
            platform = ImagePlatform(
                architecture: architecture,
                os: os,
                variant: value["variant"]?.text,
                osVersion: value["os.version"]?.text
            )
        }
        var data: [UInt8]?
        if let value = json["data"] {
            guard let text = value.text, let bytes = Base64.decode(text), bytes.count == size,
                Digest.of(bytes, digest.algorithm) == digest
            else { throw OCIError(.mismatch, place, "the data of \(digest)") }
            data = bytes
        }
        self.init(
            mediaType: mediaType,
            digest: digest,
            size: size,
            platform: platform,
            artifactType: json["artifactType"]?.text,
            annotations: try Descriptor.annotations(json["annotations"], place: place),
            data: data
        )
    }

    static func annotations(_ json: JSON?, place: String) throws(OCIError) -> [String: String] {
        guard let json else { return [:] }
        if case .null = json { return [:] }
        guard let members = json.members else { throw OCIError(.malformed, place, "annotations are no object") }
        var out: [String: String] = [:]
        for (name, value) in members {
            guard let text = value.text else { throw OCIError(.malformed, place, "annotation '\(name)' is no string") }
            out[name] = text
        }
        return out
    }
}
