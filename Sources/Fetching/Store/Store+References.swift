// SPDX-License-Identifier: Apache-2.0

package import Cryptography

extension Store {
    /// What a mutable name last led to.
    package struct Reference: Sendable, Equatable {
        /// Nil: the repository said that there is no such thing.
        package var digest: Digest?
        /// When it was fetched, in seconds since the epoch.
        package var time: Int
        package init(digest: Digest?, time: Int) {
            self.digest = digest
            self.time = time
        }
    }

    /// Remembers what a name leads to, for offline runs.
    package func remember(_ reference: Reference, for name: String) throws(FetchError) {
        let title = String(decoding: name.utf8.map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self)
        let text = "basalt-reference 1\n\(title)\n\(reference.digest?.description ?? "absent")\n\(reference.time)\n"
        let temporary = try temporary()
        defer { Files.remove(temporary) }
        let file = try OpenFile.creating(temporary)
        try file.write(Array(text.utf8))
        try file.synchronize()
        try Files.move(temporary, to: place("refs", .of(name)))
    }

    /// What a name last led to; nil when it was never asked for, or when the note cannot be read.
    package func reference(for name: String) -> Reference? {
        guard let bytes = try? Files.read(place("refs", .of(name)), limit: 1 << 16) else { return nil }
        let lines = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        guard lines.count == 4, lines[0] == "basalt-reference 1", let time = Int(lines[3]) else { return nil }
        if lines[2] == "absent" { return Reference(digest: nil, time: time) }
        return Digest(lines[2]).map { Reference(digest: $0, time: time) }
    }
}
