// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// Tar wants the first entry of a file with several names to carry the bytes and the others to point back to it.
enum HardLinks {
    /// The same nodes, in the same order, with the first name in byte order made the one that holds the content.
    static func normalised(_ nodes: [Node]) -> [Node] {
        var groups: [TreePath: [Int]] = [:]
        var positions: [TreePath: Int] = [:]
        for (index, node) in nodes.enumerated() {
            positions[node.path] = index
            if case .hardLink(let target) = node.kind { groups[target, default: []].append(index) }
        }
        if groups.isEmpty { return nodes }
        var out = nodes
        for (target, links) in groups {
            guard let holder = positions[target], let first = ([holder] + links).min() else { continue }
            for index in [holder] + links {
                // All names are one inode: mode, owner and attributes are those of the content's holder.
                var node = nodes[holder]
                node.path = nodes[index].path
                if index != first { node.kind = .hardLink(nodes[first].path) }
                out[index] = node
            }
        }
        return out
    }
}
