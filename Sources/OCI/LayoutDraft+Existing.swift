// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

extension LayoutDraft {
    /// Everything that a layout on disk holds, to add to it: `write(to:)` then replaces the layout in one step.
    package init(_ layout: Layout) {
        self.init()
        for algorithm in [Digest.Algorithm.sha256, .sha512] {
            let directory = "\(layout.directory)/blobs/\(algorithm.rawValue)"
            for name in Files.names(in: directory) {
                guard let digest = Digest(algorithm, hex: name) else { continue }
                add(
                    file: "\(directory)/\(name)",
                    descriptor: Descriptor(mediaType: MediaType.empty, digest: digest, size: 0)
                )
            }
        }
        for entry in layout.index.manifests { list(entry) }
    }

    /// Takes an entry out of index.json; its content stays.
    package mutating func unlist(_ entry: Descriptor) { remove { $0 == entry } }

    /// Takes the entries of a tag out of index.json; their content stays.
    package mutating func unlist(tag: String) {
        remove { $0.annotations[Annotation.refName] == tag }
    }
}
