// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import OCI

/// Where an image is copied to.
package protocol ImageTarget: Sendable {
    var name: String { get }
    func write(_ graph: ImageGraph, from source: any ImageSource) async throws -> TransferReport
}

/// What a transfer did.
package struct TransferReport: Sendable, Equatable {
    package var digest: Digest
    /// Manifests and indexes, evidence included.
    package var documents = 0
    package var uploaded = 0
    package var mounted = 0
    package var present = 0
    /// Bytes of blobs that travelled.
    package var bytes = 0
    package var tags: [String] = []
    /// Whether referrers had to be listed under fallback tags.
    package var usedFallback = false

    package init(digest: Digest) { self.digest = digest }
}
