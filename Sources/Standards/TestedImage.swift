// SPDX-License-Identifier: Apache-2.0

package import FileTree
package import OCI

/// One platform's image as checks see it, wherever it lies: in a build that is not written yet, in a layout, in a registry.
package struct TestedImage: Sendable {
    /// What an image is for. A development image is meant to be changed, so it may have a shell, a package manager and root.
    package enum Variant: String, Sendable { case runtime, dev }

    package var tree: Tree
    /// Devices, FIFOs and sockets, which a tree cannot hold.
    package var specials: [TreePath]
    package var contents: any ContentSource
    /// What is known of the contents.
    package var facts: any FactSource
    package var configuration: ImageConfiguration
    /// Compressed size of all layers in bytes.
    package var size: Int
    /// All nodes in byte order of their paths.
    package let nodes: [Node]

    package init(
        tree: Tree,
        specials: [TreePath] = [],
        contents: any ContentSource,
        configuration: ImageConfiguration,
        size: Int,
        facts: (any FactSource)? = nil
    ) {
        self.tree = tree
        self.specials = specials
        self.contents = contents
        self.facts = facts ?? ComputedFacts(contents)
        self.configuration = configuration
        self.size = size
        nodes = tree.sorted
    }

    /// The value of the label with this last part of its name, whoever's prefix it has: `dev.basalt.variant`.
    package func label(_ name: String) -> String? {
        configuration.labels.filter { $0.key.hasSuffix(".\(name)") }.min { $0.key < $1.key }?.value
    }

    /// An image that does not say what it is for is held to the stricter rules.
    package var variant: Variant { label("variant").flatMap(Variant.init) ?? .runtime }

    /// The number of the user that the container runs as; nil where it is a name or not stated.
    package var uid: Int? {
        guard let user = configuration.user else { return nil }
        return Int(user.prefix { $0 != ":" })
    }

    package var gid: Int? {
        guard let user = configuration.user, let colon = user.firstIndex(of: ":") else { return nil }
        return Int(user[user.index(after: colon)...])
    }

    /// The content of a regular file or of another name of one; nil for everything else.
    package func content(of node: Node) -> FileContent? {
        switch node.kind {
        case .file(let content): content
        case .hardLink(let target): tree[target]?.content
        case .directory, .symlink: nil
        }
    }

    /// The regular file at a path, links followed.
    package func file(at path: String) -> (node: Node, content: FileContent)? {
        guard let path = try? TreePath(path), let node = tree.follow(path), let content = content(of: node) else {
            return nil
        }
        return (node, content)
    }

    /// The bytes of a file; nil when it is larger than `limit`.
    package func bytes(of content: FileContent, limit: Int = 64 << 20) throws -> [UInt8]? {
        content.size <= limit ? try contents.read(content) : nil
    }

    package func text(at path: String, limit: Int = 64 << 20) throws -> String? {
        guard let file = file(at: path), let bytes = try bytes(of: file.content, limit: limit) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
