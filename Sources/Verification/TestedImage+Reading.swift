// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree
internal import Images
package import OCI
package import Standards

extension TestedImage {
    /// Reads one platform's image for checks, from wherever it lies; its layers are checked against their digests.
    package init(_ image: Descriptor, in source: any ImageSource) async throws {
        let manifest = try await source.manifest(image)
        let configuration = try await source.configuration(image)
        let spool = try FileSpool()
        let contents = try await ImageContents(
            layers: manifest.layers,
            configuration: configuration,
            source: source,
            spool: spool,
            keeps: { _ in false }
        )
        var tree = Tree()
        var specials: [TreePath] = []
        for (path, entry) in contents.sorted {
            let kind: Node.Kind
            switch entry.kind {
            case .file(let sha256, let size): kind = .file(spool.content(sha256, size: size))
            case .directory: kind = .directory
            case .symlink(let target): kind = .symlink(target)
            case .special:
                specials.append(path)
                continue
            }
            try tree.put(
                Node(
                    path,
                    kind,
                    mode: entry.mode,
                    uid: entry.uid,
                    gid: entry.gid,
                    xattrs: entry.xattrs,
                    origin: .definition("image")
                )
            )
        }
        self.init(
            tree: tree,
            specials: specials,
            contents: spool,
            configuration: configuration,
            size: manifest.layers.reduce(0) { $0 + $1.size }
        )
    }
}
