// SPDX-License-Identifier: Apache-2.0

package import FileTree

/// What goes into one layer: nodes in byte order of their paths.
package struct LayerContents: Sendable {
    /// For people and for the image's history: `glibc`, `12 packages`, `generated files`.
    package var title: String
    package var nodes: [Node]

    package init(title: String, nodes: [Node]) {
        self.title = title
        self.nodes = nodes
    }
}

/// Divides a tree into layers.
///
/// Packages of one source go together, since they are updated together. The largest sources get layers of their own, so
/// that images which have them in common share those layers and an update of one touches one; the others share a layer;
/// what no package owns comes last, since it differs between any two images. A layer depends only on what is in it:
/// the same packages give the same layer in another image.
package enum LayerPlan {
    /// - Parameters:
    ///   - source: the source package's name for a package that owns a node (`Origin.package`), nil where unknown.
    ///   - limit: the most layers there may be, at least 1.
    package static func layers(
        of tree: Tree,
        limit: Int,
        source: (String) -> String?
    ) -> [LayerContents] {
        let nodes = HardLinks.normalised(tree.sorted)
        let directories = Dictionary(uniqueKeysWithValues: nodes.lazy.filter(\.isDirectory).map { ($0.path, $0) })
        if limit <= 1 { return [LayerContents(title: "all files", nodes: nodes)] }

        var groups: [String: [Node]] = [:]
        var generated: [Node] = []
        for node in nodes {
            if case .package(let name) = node.origin, let source = source(name) {
                groups[source, default: []].append(node)
            } else {
                generated.append(node)
            }
        }
        let ranked = groups.map {
            (name: $0.key, nodes: $0.value, size: $0.value.reduce(0) { $0 + ($1.content?.size ?? 0) })
        }
        .sorted { $0.size == $1.size ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) : $0.size > $1.size }

        // One layer is kept for what no package owns, and one for the sources that are too small for their own.
        let room = limit - 1
        let alone = ranked.count <= room ? ranked.count : room - 1
        var layers = ranked.prefix(max(alone, 0)).map { LayerContents(title: $0.name, nodes: $0.nodes) }
        let rest = ranked.dropFirst(max(alone, 0))
        if !rest.isEmpty {
            layers.append(
                LayerContents(title: "\(rest.count) smaller sources", nodes: rest.flatMap(\.nodes))
            )
        }
        if !generated.isEmpty { layers.append(LayerContents(title: "generated files", nodes: generated)) }
        return layers.map { LayerContents(title: $0.title, nodes: withParents($0.nodes, directories: directories)) }
    }

    /// Adds the directories above the nodes, as they are in the whole tree: a layer that names a directory sets its
    /// attributes, so every layer names it alike.
    private static func withParents(_ nodes: [Node], directories: [TreePath: Node]) -> [Node] {
        var seen = Set(nodes.map(\.path))
        var out = nodes
        for node in nodes {
            var path = node.path.parent
            while let parent = path, !parent.isRoot, seen.insert(parent).inserted {
                if let directory = directories[parent] { out.append(directory) }
                path = parent.parent
            }
        }
        return out.sorted { $0.path < $1.path }
    }
}
