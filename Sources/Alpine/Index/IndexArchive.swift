// SPDX-License-Identifier: Apache-2.0

internal import Archives
internal import Diagnostics

/// An APKINDEX.tar.gz: signatures, then a tar of `DESCRIPTION` and `APKINDEX`.
package struct IndexArchive: Sendable {
    package var entries: [IndexEntry]
    /// What the repository says of itself, such as `v3.19.1-0-ga1b2c3`.
    package var description: String
    /// The key whose signature was good.
    package var signer: String

    /// Alpine's largest index is about 10 MB of text.
    package static let maximalText = 512 << 20
    package static let maximalFile = 64 << 20

    /// Verifies and reads an index.
    package init(_ bytes: [UInt8], name: String, keyring: Keyring) throws {
        let stream = try SignedStream(bytes, name: name, limit: Self.maximalText, malformed: .malformedIndex)
        guard let start = stream.members.first?.range.lowerBound else {
            throw AlpineError(.truncated, name, "there is nothing after its signatures")
        }
        signer = try keyring.verify(stream.signatures, over: Array(bytes[start...]), of: name)

        var text: [UInt8]?
        var description = ""
        let reader = try ArchiveReader(
            bytes: stream.members.flatMap(\.data),
            name: name,
            format: .tar,
            limits: ArchiveLimits(entries: 64, total: Self.maximalText)
        )
        while let entry = try reader.next() {
            switch String(decoding: entry.path, as: UTF8.self) {
            case "APKINDEX" where entry.kind == .file: text = try reader.data(limit: Self.maximalText)
            case "DESCRIPTION" where entry.kind == .file:
                description = String(decoding: try reader.data(limit: 4096), as: UTF8.self)
            default: break
            }
        }
        guard let text else { throw AlpineError(.malformedIndex, name, "it has no member APKINDEX") }
        self.description = description.split(separator: "\n").first.map(String.init) ?? ""
        self.entries = try IndexReader.read(text, source: name)
    }
}
