// SPDX-License-Identifier: Apache-2.0

package import Cryptography
internal import Fetching
package import OCI

/// An image in an OCI layout directory.
package final class LayoutSource: ImageSource {
    private let layout: Layout
    private let tag: String?
    /// Manifests listed in index.json, by the digest of their subject, in the order listed.
    private let bySubject: [Digest: [Descriptor]]

    /// - Parameter tag: may be left out when there is one image.
    package init(directory: String, tag: String?) throws {
        layout = try Layout(directory: directory)
        self.tag = tag
        var bySubject: [Digest: [Descriptor]] = [:]
        for entry in layout.index.manifests {
            let document = try ImageGraph.Document(entry, layout.blob(entry), name: directory)
            if let subject = document.subject?.digest { bySubject[subject, default: []].append(entry.reference) }
        }
        self.bySubject = bySubject
    }

    package var name: String { layout.directory }
    package var home: RegistryReference? { nil }

    package func root() async throws -> Descriptor {
        if let tag, let digest = Digest(tag) {
            guard let entry = layout.index.manifests.first(where: { $0.digest == digest }) else {
                throw OCIError(.unknownTag, tag, "index.json does not list it")
            }
            return entry.reference
        }
        return try layout.resolve(tag).reference
    }

    package func tags(of root: Descriptor) async throws -> [String] {
        layout.index.manifests.filter { $0.digest == root.digest }.compactMap { $0.annotations[Annotation.refName] }
    }

    package func document(_ descriptor: Descriptor) async throws -> [UInt8] { try layout.blob(descriptor) }

    package func file(_ blob: Descriptor) async throws -> String {
        let path = layout.path(of: blob.digest)
        guard Files.exists(path) else {
            throw OCIError(.missing, "\(blob.digest)", "\(layout.directory) has no such blob")
        }
        let file = try OpenFile.reading(path)
        let size = try file.status.size
        guard size == blob.size else {
            throw OCIError(.mismatch, "\(blob.digest)", "it has \(size) bytes, expected \(blob.size)")
        }
        let hasher = Hasher(blob.digest.algorithm)
        try file.hash(first: size, into: hasher)
        let digest = hasher.finish()
        guard digest == blob.digest else { throw OCIError(.mismatch, "\(blob.digest)", "it has \(digest)") }
        return path
    }

    package func referrers(of digest: Digest) async throws -> [Descriptor] { bySubject[digest] ?? [] }

    package func tagged(_ tag: String) async throws -> Descriptor? {
        layout.index.manifests.first { $0.annotations[Annotation.refName] == tag }?.reference
    }
}
