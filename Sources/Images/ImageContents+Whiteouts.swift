// SPDX-License-Identifier: Apache-2.0

internal import FileTree

extension ImageContents {
    /// What a layer hides of the layers below it (image-spec 1.1.1, layer.md, "Whiteouts"), by the highest layer that does.
    struct Cover {
        /// Hides the path and all that lies below it.
        var whole = -1
        /// Hides what lies below the path.
        var inside = -1
    }

    /// Takes a whiteout for what it says.
    ///
    /// - Returns: false for a path that is none.
    mutating func cover(_ path: TreePath, number: Int) throws(TreeError) -> Bool {
        guard path.name.starts(with: ".wh.".utf8) else { return false }
        let parent = path.parent ?? .root
        if path.name.elementsEqual(".wh..wh..opq".utf8) {
            covers[parent, default: Cover()].inside = number
        } else {
            let name = path.name.dropFirst(4)
            guard !name.isEmpty else {
                throw TreeError(.unsafePath, path: path.description, detail: "it is a whiteout of nothing")
            }
            covers[parent.appending(name), default: Cover()].whole = number
        }
        return true
    }

    /// Whether upper layers hide a path of a layer, by what is known so far.
    func isHidden(_ path: TreePath, of layer: Int) -> Bool {
        if let cover = covers[path], cover.whole > layer { return true }
        var at = path
        while let parent = at.parent {
            if let cover = covers[parent], max(cover.whole, cover.inside) > layer { return true }
            if let entry = entries[parent], entry.kind != .directory, entry.layer > layer { return true }
            at = parent
        }
        return false
    }

    /// Takes away all that upper layers hide, once for all layers: one pass in an order in which a directory is followed by
    /// all that lies below it, so that the number of whiteouts, layers and levels does not multiply the work.
    mutating func dropHidden() {
        var paths = Array(entries.keys)
        paths += covers.keys.filter { entries[$0] == nil }
        paths.sort(by: Self.isBefore)
        // Of the directories above the path, those that hide more than the ones above them.
        var above: [(path: TreePath, layer: Int)] = []
        for path in paths {
            while let last = above.last, !path.isWithin(last.path) { above.removeLast() }
            let outer = above.last?.layer ?? -1
            let cover = covers[path] ?? Cover()
            var inner = max(outer, cover.whole, cover.inside)
            if let entry = entries[path] {
                // Nothing of a lower layer lies below what is no directory any more.
                if entry.kind != .directory { inner = max(inner, entry.layer) }
                if max(outer, cover.whole) > entry.layer { drop(path) }
            }
            if inner > outer { above.append((path, inner)) }
        }
        covers = [:]
    }

    /// By components, where the byte order of paths has `a-b` between `a` and `a/b`.
    private static func isBefore(_ a: TreePath, _ b: TreePath) -> Bool {
        let (a, b) = (a.bytes, b.bytes)
        let count = min(a.count, b.count)
        var index = 0
        while index < count, a[index] == b[index] { index += 1 }
        guard index < count else { return a.count < b.count }
        return (a[index] == 0x2F ? 0 : a[index]) < (b[index] == 0x2F ? 0 : b[index])
    }
}
