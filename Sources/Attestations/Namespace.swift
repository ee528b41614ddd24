// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// The URIs that our statements use where a specification asks for one of the producer's own.
///
/// The default lies under a reserved name (RFC 2606) that nobody can own: an operator who publishes images names a
/// place of their own in the configuration, where the build type and the builder are described.
package struct Namespace: Hashable, Sendable {
    /// Without a trailing slash.
    package var base: String

    package init(base: String = "https://basalt.example") {
        var base = base
        while base.hasSuffix("/") { base.removeLast() }
        self.base = base
    }

    /// The build type whose parameters docs/slsa.md describes.
    package var buildType: String { "\(base)/buildtypes/image/v1" }
    /// The builder id of a run on somebody's own machine: no SLSA level beyond 1 is claimed.
    package var localBuilder: String { "\(base)/builder/local/v1" }
    /// The predicate type of the report on maintainer scripts.
    package var scripts: String { base + Namespace.scriptsSuffix }
    /// What that type ends in, whoever made the statement.
    package static let scriptsSuffix = "/attestations/scripts/v1"
    /// The predicate type that wraps a CTRF document.
    package var ctrf: String { "\(base)/attestations/ctrf/v1" }
    /// The rules that docs/testing.md lists, as the configuration of test results names them.
    package var standards: String { "\(base)/standards/v1" }
    package var verifier: String { "\(base)/verifier/v1" }

    /// A document's URI, derived from what it is about.
    package func document(_ kind: String, _ digest: Digest) -> String { "\(base)/\(kind)/\(digest.hex)" }

    /// A UUID of version 5 (RFC 9562 section 5.5) below the URL namespace.
    package static func uuid(_ name: String) -> String {
        let url = Hex.decode("6ba7b8119dad11d180b400c04fd430c8") ?? []
        var bytes = Array(Digest.of(url + Array(name.utf8), .sha1).bytes.prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x50
        bytes[8] = bytes[8] & 0x3F | 0x80
        let hex = Array(Hex.encode(bytes))
        return [hex[0..<8], hex[8..<12], hex[12..<16], hex[16..<20], hex[20..<32]].map { String($0) }
            .joined(separator: "-")
    }
}
