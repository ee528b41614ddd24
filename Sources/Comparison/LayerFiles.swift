// SPDX-License-Identifier: Apache-2.0

internal import Archives
internal import Cryptography
internal import FileTree
internal import Images

/// The contents of a few files of an image, read from its layers to a file without a name.
struct LayerFiles {
    private let spool: FileSpool
    private var contents: [TreePath: FileContent] = [:]

    /// Hard links have no content of their own, and are left out.
    init(_ paths: Set<TreePath>, of image: OpenedImage) throws {
        spool = try FileSpool()
        for (number, file) in image.files.enumerated() {
            let here = paths.filter { image.contents.entries[$0]?.layer == number }
            if here.isEmpty { continue }
            let reader = try ArchiveReader(path: file, format: .tar)
            var found = 0
            while found < here.count, let header = try reader.next() {
                let path = try TreePath(header.path)
                guard here.contains(path) else { continue }
                found += 1
                guard header.kind == .file else { continue }
                let hasher = Hasher(.sha256)
                var size = 0
                try reader.readData { bytes in
                    hasher.update(bytes)
                    size += bytes.count
                    try spool.append(bytes)
                }
                let sha256 = hasher.finish()
                try spool.finish(sha256)
                contents[path] = spool.content(sha256, size: size)
            }
        }
    }

    /// Where a file first differs from its other self, which has the length of the shorter one where that is all of it.
    func firstDifference(from other: LayerFiles, at path: TreePath) throws -> Int? {
        guard let mine = contents[path], let its = other.contents[path] else { return nil }
        let end = min(mine.size, its.size)
        var start = 0
        while start < end {
            let range = start..<min(start + (1 << 20), end)
            let a = try spool.read(mine, range: range)
            let b = try other.spool.read(its, range: range)
            if let index = zip(a, b).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset {
                return start + index
            }
            start = range.upperBound
        }
        return end
    }
}
