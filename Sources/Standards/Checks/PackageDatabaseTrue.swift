// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree

/// The files that the package database lists are in the image and have the checksums that it states.
enum PackageDatabaseTrue: StandardCheck {
    static let id = "package-database"
    static let reason = "scanners and administrators believe the database; one that lies hides what is really there"

    private struct Tally {
        struct Key: Hashable {
            var algorithm: Digest.Algorithm
            var content: Digest
        }

        var checked = 0
        /// Sums that are known: a database may name one large file on every line.
        var sums: [Key: String] = [:]
        var problems: [String] = []
    }

    static func run(_ image: TestedImage, _ options: StandardOptions) throws -> CheckOutcome {
        var tally = Tally()
        var databases = 0
        for node in image.nodes {
            guard let parent = node.path.parent else { continue }
            let isSums =
                (parent == "var/lib/dpkg/status.d" || parent == "var/lib/dpkg/info")
                && node.path.name.suffix(8).elementsEqual(".md5sums".utf8)
            let isInstalled = node.path == "lib/apk/db/installed" || node.path == "usr/lib/apk/db/installed"
            guard isSums || isInstalled, let content = image.content(of: node) else { continue }
            guard let bytes = try image.bytes(of: content) else {
                tally.problems.append("/\(node.path) is larger than a database is")
                continue
            }
            databases += 1
            if isSums {
                try check(sums: bytes, in: image, &tally)
            } else {
                try check(installed: bytes, in: image, &tally)
            }
        }
        if databases == 0 { return .skipped("the image has no database with checksums") }
        return .judging(tally.problems, "\(tally.checked) files as the database states them")
    }

    /// dpkg's `.md5sums`: 32 hexadecimal digits, two spaces, the path. Configuration files are not in it.
    private static func check(sums: [UInt8], in image: TestedImage, _ tally: inout Tally) throws {
        for line in sums.split(separator: 0x0A) where line.count > 34 {
            guard let path = try? TreePath(line.dropFirst(34)) else {
                tally.problems.append("a checksum file names a path that cannot be")
                continue
            }
            let real = (try? image.tree.resolve(path)) ?? path
            guard let node = image.tree[real], let content = image.content(of: node) else {
                tally.problems.append("/\(path) is listed and not there")
                continue
            }
            try compare(String(decoding: line.prefix(32), as: UTF8.self), .md5, content, path, image, &tally)
        }
    }

    /// apk's database: `F:` a directory, `R:` a file in it, `Z:Q1` and the base64 of the SHA-1 of its content (of a link's
    /// target for a link). Below /etc are the files that apk protects, since they are meant to be changed.
    private static func check(installed: [UInt8], in image: TestedImage, _ tally: inout Tally) throws {
        var directory = TreePath.root
        var path: TreePath?
        for line in installed.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let value = line.dropFirst(2)
            if line.starts(with: "F:".utf8) {
                directory = (try? TreePath(value)) ?? .root
            } else if line.starts(with: "R:".utf8) {
                path = try? TreePath(directory.bytes + [0x2F] + value)
                if path?.isWithin("etc") == true { path = nil }
                if let path, image.tree[path] == nil, (try? image.tree.resolve(path)) == nil {
                    tally.problems.append("/\(path) is listed and not there")
                }
            } else if line.starts(with: "Z:Q1".utf8), let at = path {
                path = nil
                guard let expected = Base64.decode(String(decoding: value.dropFirst(2), as: UTF8.self)) else {
                    tally.problems.append("/\(at) has a checksum that is none")
                    continue
                }
                guard let node = image.tree[at] else { continue }
                if let target = node.symlinkTarget {
                    tally.checked += 1
                    if Digest.of(target, .sha1).bytes != expected { tally.problems.append("/\(at) is another link") }
                } else if let content = image.content(of: node) {
                    try compare(Hex.encode(expected), .sha1, content, at, image, &tally)
                }
            }
        }
    }

    private static func compare(
        _ expected: String,
        _ algorithm: Digest.Algorithm,
        _ content: FileContent,
        _ path: TreePath,
        _ image: TestedImage,
        _ tally: inout Tally
    ) throws {
        tally.checked += 1
        let key = Tally.Key(algorithm: algorithm, content: content.sha256)
        let actual = try tally.sums[key] ?? image.facts.checksum(algorithm, of: content).hex
        tally.sums[key] = actual
        if actual != expected.lowercased() {
            tally.problems.append("/\(path) is not as the database states it")
        }
    }
}
