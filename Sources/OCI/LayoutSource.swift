// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography

/// An image in an OCI layout directory.
package struct LayoutSource: ImageSource {
    private let layout: Layout
    private let tag: String?
    /// Manifests listed in index.json, by the digest of their subject, in the order listed; or why they cannot be known.
    private let bySubject: Result<[Digest: [Descriptor]], OCIError>

    /// - Parameter tag: a tag or a digest; may be left out when there is one image.
    package init(directory: String, tag: String?) throws(OCIError) {
        self.init(try Layout(directory: directory), tag: tag)
    }

    package init(_ layout: Layout, tag: String?) {
        self.layout = layout
        self.tag = tag
        do throws(OCIError) {
            bySubject = .success(try layout.subjects())
        } catch {
            bySubject = .failure(error)
        }
    }

    package var name: String { layout.directory }

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

    package func blob(_ descriptor: Descriptor) async throws -> [UInt8] { try layout.blob(descriptor) }

    package func file(_ blob: Descriptor) async throws -> String {
        try layout.check(blob)
        return layout.path(of: blob.digest)
    }

    package func referrers(of digest: Digest) async throws -> [Descriptor] { try bySubject.get()[digest] ?? [] }

    package func tagged(_ tag: String) async throws -> Descriptor? {
        layout.index.manifests.first { $0.annotations[Annotation.refName] == tag }?.reference
    }
}

extension Layout {
    /// What index.json lists, by the subject that each document names.
    fileprivate func subjects() throws(OCIError) -> [Digest: [Descriptor]] {
        var found: [Digest: [Descriptor]] = [:]
        for entry in index.manifests {
            let place = "the document \(entry.digest)"
            let bytes = try blob(entry)
            guard let json = try? JSON(parsing: bytes, depth: 64) else {
                throw OCIError(.malformed, place, "it is not JSON")
            }
            guard let value = json["subject"] else { continue }
            found[try Descriptor(value, place: place).digest, default: []].append(entry.listed)
        }
        return found
    }
}
