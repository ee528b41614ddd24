// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree

/// Makes the installed database true of the finished tree: what the definition changed in a package's files has the
/// checksum, mode and owner that it has now, and what it deleted is not listed. `apk audit` finds nothing then.
enum DatabaseSettlement {
    static func apply(to tree: inout Tree, contents: any ContentSource) throws {
        let path: TreePath = "lib/apk/db/installed"
        guard let real = try? tree.resolve(path), let content = tree[real]?.content else { return }
        var out: [UInt8] = []
        out.reserveCapacity(content.size)
        var directory = TreePath.root
        var file: Entry?
        func flush(_ file: inout Entry?) throws {
            if let entry = file { out += try entry.lines(in: tree, contents: contents) }
            file = nil
        }
        for line in try contents.read(content).split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
            let value = line.dropFirst(2)
            switch line.first {
            case UInt8(ascii: "R"):
                try flush(&file)
                file = Entry(path: directory.appending(Array(value)))
            case UInt8(ascii: "a") where file != nil: file?.acl = Array(line)
            case UInt8(ascii: "Z") where file != nil: file?.checksum = Array(line)
            default:
                try flush(&file)
                if line.first == UInt8(ascii: "F") { directory = try TreePath(Array(value)) }
                out += line + [0x0A]
            }
        }
        try flush(&file)
        tree.update(real) { $0.kind = .file(FileContent(out)) }
    }

    /// One file of a package as the database has it.
    private struct Entry {
        let path: TreePath
        var acl: [UInt8]?
        var checksum: [UInt8]?

        /// The entry's lines as they are now; none for a file that is gone.
        func lines(in tree: Tree, contents: any ContentSource) throws -> [UInt8] {
            guard let parent = path.parent, let folder = try? tree.resolve(parent),
                let node = tree[folder.appending(path.name)], !node.isDirectory
            else { return [] }
            var out = Array("R:".utf8) + path.name + [0x0A]
            if let acl = InstalledDatabase.acl(node, plain: 0o644) { out += Array("a:\(acl)\n".utf8) }
            let digest: Digest?
            switch node.kind {
            case .directory: digest = nil
            case .symlink(let target): digest = .of(target, .sha1)
            case .file(let content): digest = try sha1(content, contents)
            case .hardLink(let target): digest = try tree.follow(target)?.content.map { try sha1($0, contents) }
            }
            if let digest { out += Array("Z:\(Checksum(digest))\n".utf8) }
            return out
        }

        private func sha1(_ content: FileContent, _ contents: any ContentSource) throws -> Digest {
            try content.sha1 ?? .of(contents.read(content), .sha1)
        }
    }
}
