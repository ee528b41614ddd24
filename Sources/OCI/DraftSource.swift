// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// An image that is still a draft, read like any other.
package struct DraftSource: ImageSource {
    private let draft: LayoutDraft
    private let image: Descriptor
    package let name: String

    /// - Parameter name: for messages.
    package init(_ draft: LayoutDraft, root: Descriptor, name: String) {
        self.draft = draft
        image = root.reference
        self.name = name
    }

    package func root() async throws -> Descriptor { image }

    package func tags(of root: Descriptor) async throws -> [String] {
        draft.entries.filter { $0.digest == root.digest }.compactMap { $0.annotations[Annotation.refName] }
    }

    package func document(_ descriptor: Descriptor) async throws -> [UInt8] { try bytes(descriptor) }

    package func blob(_ descriptor: Descriptor) async throws -> [UInt8] { try bytes(descriptor) }

    private func bytes(_ descriptor: Descriptor) throws -> [UInt8] {
        guard let bytes = draft.bytes(of: descriptor.digest) else {
            throw OCIError(.missing, "\(descriptor.digest)", "\(name) has no such document")
        }
        return bytes
    }

    package func file(_ blob: Descriptor) async throws -> String {
        guard let path = draft.file(of: blob.digest) else {
            throw OCIError(.missing, "\(blob.digest)", "\(name) has no such layer")
        }
        return path
    }

    package func referrers(of digest: Digest) async throws -> [Descriptor] {
        try draft.entries.filter { entry in
            guard entry.mediaType == MediaType.manifest, let bytes = draft.bytes(of: entry.digest) else { return false }
            return try Manifest(parsing: bytes, name: "the manifest \(entry.digest)").subject?.digest == digest
        }.map(\.reference)
    }

    package func tagged(_ tag: String) async throws -> Descriptor? {
        draft.entries.first { $0.annotations[Annotation.refName] == tag }?.reference
    }
}
