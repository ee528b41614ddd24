// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography
internal import Glibc

/// An OCI image layout on disk (image-spec 1.1.1, image-layout.md), read with distrust: nothing is handed out whose size
/// and digest were not checked.
package struct Layout: Sendable {
    /// Documents larger than this are refused; layers are streamed and have no limit here.
    package static let documentLimit = 256 << 20

    package let directory: String
    /// index.json.
    package let index: Index

    package init(directory: String) throws(OCIError) {
        self.directory = directory
        guard access(directory + "/oci-layout", F_OK) == 0, access(directory + "/index.json", F_OK) == 0 else {
            throw OCIError(.notALayout, directory, "it has no 'oci-layout' and 'index.json'")
        }
        let marker = try Layout.read(directory + "/oci-layout", limit: 4096)
        guard let json = try? JSON(parsing: marker), json["imageLayoutVersion"]?.text == "1.0.0" else {
            throw OCIError(.notALayout, directory, "its 'oci-layout' does not say version 1.0.0")
        }
        index = try Index(
            parsing: Layout.read(directory + "/index.json", limit: 16 << 20),
            name: directory + "/index.json"
        )
    }

    /// The tags of images: names that are no evidence of another image.
    package var tags: [String] {
        index.manifests.compactMap { $0.annotations[Annotation.refName] }.filter { !Layout.isEvidence($0) }
    }

    private static func isEvidence(_ tag: String) -> Bool {
        tag.hasPrefix("sha256-") && (tag.hasSuffix(".sig") || tag.hasSuffix(".att") || tag.hasSuffix(".sbom"))
    }

    /// The descriptor that a tag names; without a tag, the only image there is.
    package func resolve(_ tag: String?) throws(OCIError) -> Descriptor {
        let images = index.manifests.filter { entry in
            guard let name = entry.annotations[Annotation.refName] else { return false }
            return !Layout.isEvidence(name)
        }
        if let tag {
            let found = index.manifests.filter { $0.annotations[Annotation.refName] == tag }
            if let first = found.first {
                // Two entries with one tag: nobody can say which is meant.
                guard found.allSatisfy({ $0.digest == first.digest }) else {
                    throw OCIError(.malformed, directory, "the tag '\(tag)' names two different images")
                }
                return first
            }
            throw OCIError(.unknownTag, tag, "the layout has \(images.isEmpty ? "none" : tags.joined(separator: ", "))")
        }
        let digests = Set(images.map(\.digest))
        if let first = images.first, digests.count == 1 { return first }
        if images.isEmpty {
            let plain = index.manifests.filter { $0.artifactType == nil && $0.annotations[Annotation.refName] == nil }
            if let only = plain.first, plain.count == 1 { return only }
        }
        throw OCIError(
            .unknownTag,
            directory,
            images.isEmpty ? "the layout has no image" : "name one of \(tags.joined(separator: ", "))"
        )
    }

    /// The place of a blob, which need not exist.
    package func path(of digest: Digest) -> String { "\(directory)/blobs/\(digest.algorithm.rawValue)/\(digest.hex)" }

    /// A document's bytes, checked against its descriptor.
    package func blob(_ descriptor: Descriptor) throws(OCIError) -> [UInt8] {
        guard descriptor.size <= Layout.documentLimit else {
            throw OCIError(.tooLarge, "\(descriptor.digest)", "\(descriptor.size) bytes")
        }
        if access(path(of: descriptor.digest), F_OK) != 0 {
            throw OCIError(.missing, "\(descriptor.digest)", "\(directory) has no such blob")
        }
        let bytes = try Layout.read(path(of: descriptor.digest), limit: descriptor.size)
        guard bytes.count == descriptor.size else {
            throw OCIError(
                .mismatch,
                "\(descriptor.digest)",
                "it has \(bytes.count) bytes, expected \(descriptor.size)"
            )
        }
        let actual = Digest.of(bytes, descriptor.digest.algorithm)
        guard actual == descriptor.digest else { throw OCIError(.mismatch, "\(descriptor.digest)", "it has \(actual)") }
        return bytes
    }

    package func manifest(_ descriptor: Descriptor) throws(OCIError) -> Manifest {
        try Manifest(parsing: blob(descriptor), name: "the manifest \(descriptor.digest)")
    }

    package func imageIndex(_ descriptor: Descriptor) throws(OCIError) -> Index {
        try Index(parsing: blob(descriptor), name: "the index \(descriptor.digest)")
    }

    /// The manifests listed in index.json whose `subject` is this digest, in the order listed.
    package func referrers(of digest: Digest) throws(OCIError) -> [(descriptor: Descriptor, manifest: Manifest)] {
        var found: [(Descriptor, Manifest)] = []
        for entry in index.manifests where entry.mediaType == MediaType.manifest && entry.artifactType != nil {
            let manifest = try manifest(entry)
            if manifest.subject?.digest == digest { found.append((entry, manifest)) }
        }
        return found
    }

    /// Opens a regular file and nothing else: to open a FIFO would wait for a writer that never comes.
    ///
    /// - Returns: the descriptor, which the caller closes, and the file's size in bytes.
    static func open(_ path: String) throws(OCIError) -> (descriptor: Int32, size: Int) {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw OCIError(.inputOutput, path, String(cString: strerror(errno))) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw OCIError(.inputOutput, path, "is no regular file")
        }
        return (file, Int(status.st_size))
    }

    private static func read(_ path: String, limit: Int) throws(OCIError) -> [UInt8] {
        let (file, size) = try open(path)
        defer { close(file) }
        guard size <= limit else { throw OCIError(.tooLarge, path, "\(size) bytes, at most \(limit)") }
        var bytes = [UInt8](repeating: 0, count: size)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                Glibc.read(file, $0.baseAddress.map { $0 + filled }, $0.count - filled)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw OCIError(.inputOutput, path, String(cString: strerror(errno))) }
            if count == 0 { break }
            filled += count
        }
        return Array(bytes.prefix(filled))
    }
}
