// SPDX-License-Identifier: Apache-2.0

package import FileTree

/// Which package a path belongs to, by the image's own package database: dpkg's lists of files and apk's.
package struct FileOwners: Sendable {
    private var owners: [TreePath: String] = [:]

    private static let dpkg: [TreePath] = ["var/lib/dpkg/info", "var/lib/dpkg/status.d"]
    private static let apk: [TreePath] = ["lib/apk/db/installed", "usr/lib/apk/db/installed"]

    /// Whether a file says what belongs to whom.
    package static func holds(_ path: TreePath) -> Bool {
        if apk.contains(path) { return true }
        guard let parent = path.parent, dpkg.contains(parent) else { return false }
        return suffix(of: path) != nil
    }

    private static func suffix(of path: TreePath) -> String? {
        [".list", ".md5sums"].first { path.name.suffix($0.utf8.count).elementsEqual($0.utf8) }
    }

    package init(_ contents: ImageContents) {
        for (file, bytes) in contents.documents where FileOwners.holds(file) {
            if FileOwners.apk.contains(file) {
                read(apk: bytes)
            } else if let suffix = FileOwners.suffix(of: file) {
                // `libc6:amd64.list` is of the package libc6.
                let stem = file.name.dropLast(suffix.utf8.count)
                let name = String(decoding: stem.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
                for line in bytes.split(separator: 0x0A) {
                    // md5sum's output: the digest, two spaces, the name.
                    let path = suffix == ".list" ? line[...] : line.dropFirst(34)
                    if let path = try? TreePath(path), contents.entries[path]?.kind != .directory {
                        owners[path] = name
                    }
                }
            }
        }
    }

    private mutating func read(apk bytes: [UInt8]) {
        var name = ""
        var directory = TreePath.root
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let value = line.dropFirst(2)
            guard line.count >= 2, line[line.startIndex + 1] == UInt8(ascii: ":") else { continue }
            switch line[line.startIndex] {
            case UInt8(ascii: "P"): name = String(decoding: value, as: UTF8.self)
            case UInt8(ascii: "F"): directory = (try? TreePath(value)) ?? .root
            case UInt8(ascii: "R"):
                if let path = try? TreePath(value) { owners[directory.appending(path.bytes)] = name }
            default: continue
            }
        }
    }

    /// The package's name; nil for what no list mentions.
    package subscript(_ path: TreePath) -> String? { owners[path] }
}
