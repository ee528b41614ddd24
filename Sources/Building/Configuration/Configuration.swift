// SPDX-License-Identifier: Apache-2.0

package import Attestations
package import Cryptography

/// What a deployment decides beside its definitions: whose images they are, where repositories lie, what is acknowledged.
/// docs/configuration.md describes the file.
package struct Configuration: Sendable {
    package var branding = Branding()
    /// Repository id or URL prefix, and the URL that replaces it, in order.
    package var mirrors: [(prefix: String, url: String)] = []
    /// Files of certificate authorities that are trusted besides the machine's, absolute.
    package var certificateAuthorities: [String] = []
    /// Directories with public keys, absolute.
    package var keys: [String] = []
    /// SHA-256 of maintainer scripts that no effect knows and that are known to need none.
    package var acknowledgedScripts: Set<Digest> = []
    /// Package names that a definition uses and the distribution lacks, and what stands in for them.
    package var substitutions: [String: String] = [:]
    /// Ids of standard checks whose failure stops no build, and by image name where it is for one image only:
    /// `needed-libraries`, `nginx/no-shell`.
    package var acknowledgedChecks: Set<String> = []
    /// Who states the VEX of images, and in which role; nil for the author of the statements.
    package var vexAuthor: String?
    package var vexRole: String?
    /// The builder's id in provenance; nil for the local builder's.
    package var builder: String?
    /// The base of the URIs that statements use; nil for the reserved default.
    package var namespace: String?
    /// Where definitions are published; nil to say nothing of it.
    package var source: SourceRepository?
    /// The file that all this was read from.
    package var file: File?

    package init() {}

    package struct File: Hashable, Sendable {
        package var path: String
        package var sha256: Digest
        package init(path: String, sha256: Digest) {
            self.path = path
            self.sha256 = sha256
        }
    }

    /// Whether a check is acknowledged for one image only, so that it matters what an image is called.
    package var acknowledgesByName: Bool { acknowledgedChecks.contains { $0.contains("/") } }

    /// The names of the images for which a check is acknowledged, sorted.
    package func images(acknowledging check: String) -> [String] {
        acknowledgedChecks.filter { $0.hasSuffix("/" + check) }.map { String($0.dropLast(check.count + 1)) }.sorted()
    }

    /// The checks that are acknowledged for an image.
    ///
    /// - Parameter image: its repository, of which the end counts.
    package func acknowledged(for image: String) -> Set<String> {
        Set(
            acknowledgedChecks.compactMap { text in
                guard let slash = text.lastIndex(of: "/") else { return text }
                let name = text[..<slash]
                return image == name || image.hasSuffix("/" + name) ? String(text[text.index(after: slash)...]) : nil
            }
        )
    }
}
