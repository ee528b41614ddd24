// SPDX-License-Identifier: Apache-2.0

package import Attestations
internal import CanonicalJSON
package import Cryptography
package import OCI
internal import Signing

/// The statements attached to an image, for reading. Whether they are to be believed is `ImageVerifier`'s to say, unless
/// a key is given here.
package struct EvidenceListing: Sendable {
    package struct Entry: Sendable {
        /// `index`, or the platform.
        package var subject: String
        package var target: Digest
        package var statement: Statement
        /// The exact bytes that were signed.
        package var bytes: [UInt8]
    }

    package private(set) var entries: [Entry] = []

    /// - Parameter key: with one, statements that it did not sign are left out.
    package init(_ layout: Layout, tag: String?, key: PublicKey?) throws {
        let root = try layout.resolve(tag)
        var targets = [(root.mediaType == MediaType.index ? "index" : "image", root)]
        if root.mediaType == MediaType.index {
            targets += try layout.imageIndex(root).images.map { ($0.platform?.description ?? "?", $0) }
        }
        for (name, target) in targets {
            for (entry, manifest) in try layout.referrers(of: target.digest)
            where manifest.artifactType == MediaType.bundle {
                for layer in manifest.layers {
                    let bundle = try Bundle(parsing: layout.blob(layer), name: "the bundle \(entry.digest)")
                    if let key, !bundle.envelope.isSigned(by: key) { continue }
                    let statement = try Statement(parsing: bundle.envelope.payload, name: "\(entry.digest)")
                    if statement.predicateType == PredicateType.signature { continue }
                    entries.append(
                        Entry(
                            subject: name,
                            target: target.digest,
                            statement: statement,
                            bytes: bundle.envelope.payload
                        )
                    )
                }
            }
        }
    }
}
