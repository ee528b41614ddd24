// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import OCI

/// Where an image is copied from.
package protocol ImageSource: Sendable {
    /// For messages.
    var name: String { get }
    /// The registry's host and the repository, when the image lies in one: blobs need not travel within a registry.
    var home: RegistryReference? { get }
    /// The image.
    func root() async throws -> Descriptor
    /// All tags that name the image here.
    func tags(of root: Descriptor) async throws -> [String]
    /// A manifest or index, checked against its descriptor.
    func document(_ descriptor: Descriptor) async throws -> [UInt8]
    /// A file with a blob's content, checked against its descriptor.
    func file(_ blob: Descriptor) async throws -> String
    /// Manifests whose subject is this one.
    func referrers(of digest: Digest) async throws -> [Descriptor]
    /// What is filed under a tag; nil when there is no such tag.
    func tagged(_ tag: String) async throws -> Descriptor?
}

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
