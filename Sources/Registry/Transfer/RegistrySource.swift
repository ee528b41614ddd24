// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Fetching
package import OCI
internal import Synchronization

/// An image in a registry; its blobs are fetched into the store, resumed and checked as packages are.
package final class RegistrySource: ImageSource {
    private let client: RegistryClient
    private let downloader: Downloader
    /// What the tag led to when it was looked at: from then on this is the image, wherever the tag is moved.
    private let resolved = Mutex<Descriptor?>(nil)

    /// - Parameter downloader: one whose transport knows the registry's credentials.
    package init(_ client: RegistryClient, downloader: Downloader) {
        self.client = client
        self.downloader = downloader
    }

    package var name: String { client.reference.description }
    /// The registry and repository: within one registry blobs need not travel.
    var home: RegistryReference { client.reference }

    /// The image, the same one each time.
    package func root() async throws -> Descriptor {
        if let known = resolved.withLock({ $0 }) { return known }
        guard let document = try await client.document(client.reference.target) else {
            throw RegistryError(
                .notFound,
                "there is no image \(client.reference)",
                hint: "check the repository's name and the tag"
            )
        }
        return resolved.withLock { known in
            // Of two that looked at the same time, the first counts.
            let root = known ?? document.descriptor
            known = root
            return root
        }
    }

    package func tags(of root: Descriptor) async throws -> [String] { client.reference.tag.map { [$0] } ?? [] }

    package func document(_ descriptor: Descriptor) async throws -> [UInt8] {
        guard let document = try await client.document(descriptor.digest.description) else {
            throw RegistryError(.notFound, "\(name) lacks the manifest \(descriptor.digest), which belongs to it")
        }
        guard document.bytes.count == descriptor.size else {
            throw RegistryError(
                .mismatch,
                "\(name): \(descriptor.digest) has \(document.bytes.count) bytes, expected \(descriptor.size)"
            )
        }
        return document.bytes
    }

    package func blob(_ descriptor: Descriptor) async throws -> [UInt8] {
        guard descriptor.size <= Layout.documentLimit else {
            throw RegistryError(.tooLarge, "\(name): \(descriptor.digest) is a document of \(descriptor.size) bytes")
        }
        let bytes = try Files.read(try await file(descriptor), limit: descriptor.size)
        guard Digest.of(bytes) == descriptor.digest else {
            throw RegistryError(.mismatch, "the store's copy of \(descriptor.digest) is damaged")
        }
        return bytes
    }

    package func file(_ blob: Descriptor) async throws -> String {
        guard blob.digest.algorithm == .sha256 else {
            throw RegistryError(.refused, "\(name): the blob \(blob.digest) is not named by its sha256")
        }
        let path = try await downloader.file(client.item(blob), sha256: blob.digest, size: blob.size)
        guard let size = FileStatus(of: path)?.size, size == blob.size else {
            throw RegistryError(.mismatch, "\(name): the blob \(blob.digest) does not have \(blob.size) bytes")
        }
        return path
    }

    package func referrers(of digest: Digest) async throws -> [Descriptor] {
        try await client.referrers(of: digest).map(\.listed)
    }

    package func tagged(_ tag: String) async throws -> Descriptor? { try await client.document(tag)?.descriptor }
}
