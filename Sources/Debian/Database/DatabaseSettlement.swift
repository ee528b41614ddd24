// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// Keeps dpkg's record true after a definition deleted or replaced files of packages: a sum whose file is not the package's
/// any more is taken out of its `md5sums`. Which paths a package owns (`list`) stays, as it does under dpkg.
enum DatabaseSettlement {
    static func apply(to tree: inout Tree, contents: any ContentSource) throws {
        for directory in ["var/lib/dpkg/status.d", "var/lib/dpkg/info"] as [TreePath] {
            for node in tree.children(of: directory) {
                guard node.path.name.suffix(suffix.count).elementsEqual(suffix), case .effect = node.origin,
                    let content = node.content
                else { continue }
                let owner = Array(node.path.name.dropLast(suffix.count))
                let before = try contents.read(content)
                let after = kept(before, of: owner, in: tree)
                guard after.count != before.count else { continue }
                var settled = node
                settled.kind = .file(FileContent(after))
                if after.isEmpty { tree.remove(node.path) } else { try tree.put(settled) }
            }
        }
    }

    private static let suffix = Array(".md5sums".utf8)

    /// The lines whose path is still of the package. `status.d` names a package without its architecture, `info` may name
    /// it with one.
    private static func kept(_ sums: [UInt8], of owner: [UInt8], in tree: Tree) -> [UInt8] {
        var out: [UInt8] = []
        for line in sums.split(separator: 0x0A) {
            // 32 digits, two blanks, the path.
            guard line.count > 34, let path = try? TreePath(line.dropFirst(34)),
                case .package(let identity)? = tree[tree.canonical(path)]?.origin,
                identity.utf8.elementsEqual(owner) || identity.utf8.starts(with: owner + [0x3A])
            else { continue }
            out += line
            out.append(0x0A)
        }
        return out
    }
}
