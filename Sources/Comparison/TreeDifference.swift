// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Diagnostics
package import FileTree
package import Images
internal import OCI

/// How the trees of two images differ, their layers laid over each other.
package struct TreeDifference: Sendable {
    /// In byte order of paths.
    package private(set) var files: [FileDifference] = []

    /// - Parameter origin: who put a path there, where that is known better than the images' package databases know it.
    package init(_ before: ImageContents, _ after: ImageContents, origin: (TreePath) -> String? = { _ in nil }) {
        let old = FileOwners(before)
        let new = FileOwners(after)
        for (path, entry) in before.entries {
            let other = after.entries[path]
            guard var found = TreeDifference.difference(at: path, entry, other) else { continue }
            found.origin = origin(path) ?? (new[path] ?? old[path]).map { "package " + $0 }
            files.append(found)
        }
        for (path, entry) in after.entries where before.entries[path] == nil {
            files.append(
                FileDifference(
                    path: path,
                    kind: .added,
                    layer: entry.layer,
                    origin: origin(path) ?? new[path].map { "package " + $0 },
                    fields: TreeDifference.properties(entry).map { FieldDifference($0.key, nil, $0.value) }
                        .sorted { $0.field < $1.field },
                    content: nil
                )
            )
        }
        files.sort { $0.path < $1.path }
    }

    private static func difference(
        at path: TreePath,
        _ entry: ImageContents.Entry,
        _ other: ImageContents.Entry?
    ) -> FileDifference? {
        guard let other else {
            return FileDifference(path: path, kind: .removed, layer: entry.layer, origin: nil, fields: [], content: nil)
        }
        let fields = FieldDifference.between(properties(entry), properties(other))
        var content: FileDifference.Content?
        if case .file(let a, let sizeA) = entry.kind, case .file(let b, let sizeB) = other.kind, a != b {
            content = .init(before: a, after: b, sizeBefore: sizeA, sizeAfter: sizeB)
        }
        if fields.isEmpty && content == nil { return nil }
        return FileDifference(
            path: path,
            kind: .changed,
            layer: other.layer,
            origin: nil,
            fields: fields,
            content: content
        )
    }

    /// What a tar says of an entry besides its content.
    private static func properties(_ entry: ImageContents.Entry) -> [String: String] {
        let octal = String(entry.mode, radix: 8)
        var out = [
            "mode": String(repeating: "0", count: max(0, 4 - octal.count)) + octal,
            "owner": "\(entry.uid):\(entry.gid)",
            "time": Timestamp.text(entry.mtime),
        ]
        switch entry.kind {
        case .file: out["type"] = "file"
        case .directory: out["type"] = "directory"
        case .symlink(let target):
            out["type"] = "symlink"
            out["target"] = PlainText.of(target)
        case .special(let what): out["type"] = what.rawValue
        }
        for (name, value) in entry.xattrs {
            out["xattr \(PlainText.of(name, limit: 64))"] = Hex.encode(value.prefix(32)) + (value.count > 32 ? "…" : "")
        }
        return out
    }

    /// Finds the first byte that differs, for the first `count` files of at most `limit` bytes: both layers are read once
    /// more, up to them.
    package mutating func locate(in before: OpenedImage, _ after: OpenedImage, count: Int = 20, limit: Int = 64 << 20)
        throws
    {
        let wanted = files.indices.filter { index in
            guard let content = files[index].content else { return false }
            return content.sizeBefore <= limit && content.sizeAfter <= limit
        }.prefix(count)
        let paths = Set(wanted.map { files[$0].path })
        if paths.isEmpty { return }
        let old = try LayerFiles(paths, of: before)
        let new = try LayerFiles(paths, of: after)
        for index in wanted {
            let offset = try old.firstDifference(from: new, at: files[index].path)
            files[index].content?.offset = offset
        }
    }
}
