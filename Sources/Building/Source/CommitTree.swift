// SPDX-License-Identifier: Apache-2.0

/// The files of a commit, as `git ls-tree -r -z` lists them.
struct CommitTree {
    struct Entry: Hashable {
        enum Kind: Hashable { case file, link, submodule }
        var kind: Kind
        /// The blob's or commit's id, in hexadecimal.
        var id: String
    }

    /// By the bytes of the path: Swift's strings take different spellings of a name for the same one.
    private var entries: [[UInt8]: Entry] = [:]

    /// Nil when the bytes are no such list.
    init?(_ listing: [UInt8]) {
        for record in listing.split(separator: 0) {
            guard let tab = record.firstIndex(of: 0x09) else { return nil }
            let words = record[..<tab].split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
            guard words.count == 3, let kind = Self.kind(mode: words[0]) else { return nil }
            entries[Array(record[record.index(after: tab)...])] = Entry(kind: kind, id: words[2])
        }
    }

    /// gitformat-index(5): the modes that there are of what is no folder, and one that old repositories have.
    private static func kind(mode: String) -> Entry.Kind? {
        switch mode {
        case "100644", "100755", "100664": .file
        case "120000": .link
        case "160000": .submodule
        default: nil
        }
    }

    /// What has a path in the commit, links followed.
    ///
    /// - Parameters:
    ///   - path: relative to the root.
    ///   - target: what a link leads to, by its path and its entry; nil when that is not known to be so in the commit.
    /// - Returns: the place without links, and what is there; nil for nothing, for a folder, and for a link out of the commit.
    func entry(at path: String, target: (String, Entry) -> String?) -> (path: String, entry: Entry)? {
        var place: [Substring] = []
        var pending = Array(path.split(separator: "/").reversed())
        var links = 0
        while let part = pending.popLast() {
            if part == "." { continue }
            if part == ".." {
                guard place.popLast() != nil else { return nil }
                continue
            }
            place.append(part)
            let name = place.joined(separator: "/")
            guard let entry = entries[Array(name.utf8)] else { continue }
            guard entry.kind == .link else { return pending.isEmpty ? (name, entry) : nil }
            links += 1
            guard links <= 40, let next = target(name, entry), !next.hasPrefix("/") else { return nil }
            place.removeLast()
            pending += next.split(separator: "/").reversed()
        }
        return nil
    }
}
