// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography

/// The payload of cosign's older signatures, which containers/image reads too (containers/image
/// docs/containers-signature.5.md, "atomic container signature").
package struct SimpleSigning: Hashable, Sendable {
    package static let type = "cosign container image signature"

    /// The canonical repository: containers/image compares it, cosign does not.
    package var reference: String
    package var digest: Digest

    package init(reference: String, digest: Digest) {
        self.reference = reference
        self.digest = digest
    }

    /// The bytes that are signed.
    package var bytes: [UInt8] {
        JSON.object([
            (
                "critical",
                .object([
                    ("identity", .object([("docker-reference", .string(reference))])),
                    ("image", .object([("docker-manifest-digest", .string(digest.description))])),
                    ("type", .string(SimpleSigning.type)),
                ])
            ),
            ("optional", .null),
        ]).canonical
    }

    package init(parsing bytes: [UInt8], name: String) throws(SigningError) {
        guard let json = try? JSON(parsing: bytes), let critical = json["critical"] else {
            throw SigningError(.malformed, name, "it has no critical part")
        }
        guard critical["type"]?.text == SimpleSigning.type else {
            throw SigningError(.malformed, name, "its type is not '\(SimpleSigning.type)'")
        }
        guard let text = critical["image"]?["docker-manifest-digest"]?.text, let digest = Digest(text) else {
            throw SigningError(.malformed, name, "it names no manifest digest")
        }
        guard let reference = critical["identity"]?["docker-reference"]?.text else {
            throw SigningError(.malformed, name, "it names no repository")
        }
        self.init(reference: reference, digest: digest)
    }
}
