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
    package static let maximalText = 128 << 20
    package static let maximalFile = 64 << 20

    /// Verifies and reads an index. Nothing but its signatures is expanded before one of them is known to be good.
    ///
    /// - Throws: the errors of `Keyring.verify`, `truncated`, `unsupported-format`, `malformed-index`, `too-large`.
    package init(_ bytes: [UInt8], name: String, keyring: Keyring) throws {
        try SignedStream.check(bytes.prefix(4), name: name, malformed: .malformedIndex)
        let head = try SignedStream.translating(name, .malformedIndex) {
            let reader = GzipMemberReader(bytes: bytes, name: name, limit: Self.maximalText)
            return try SignedStream(reader, name: name, limit: 0, malformed: .malformedIndex)
        }
        let signed = Array(bytes[head.start...])
        signer = try Self.signer(of: signed, head.signatures, name: name, keyring: keyring)
        let content = try SignedStream.translating(name, .malformedIndex) {
            try Self.content(of: signed, name: name)
        }
        description = content.description
        entries = content.entries
    }

    private static func signer(
        of signed: [UInt8],
        _ signatures: [SignedStream.Signature],
        name: String,
        keyring: Keyring
    ) throws(AlpineError) -> String {
        do {
            return try keyring.verify(signatures, over: signed, of: name)
        } catch {
            // A file that was cut short is told from one that was changed.
            if error.kind == .badSignature && isCut(signed, name: name) {
                throw AlpineError(.truncated, name, "it is cut short", hint: "fetch it again")
            }
            throw error
        }
    }

    private static func isCut(_ bytes: [UInt8], name: String) -> Bool {
        let reader = GzipMemberReader(bytes: bytes, name: name, limit: maximalText)
        do {
            while try reader.nextMember() {}
            return false
        } catch {
            return (error as? ArchiveError)?.kind == .truncated
        }
    }

    private static func content(of bytes: [UInt8], name: String) throws -> (description: String, entries: [IndexEntry])
    {
        let members = GzipMemberReader(bytes: bytes, name: name, limit: maximalText)
        var text: [UInt8]?
        var description = ""
        // One tar over all members.
        let reader = try ArchiveReader(
            name: name,
            format: .tar,
            limits: ArchiveLimits(entries: 64, total: maximalText),
            producer: {
                while true {
                    let block = try members.read()
                    if !block.isEmpty { return block }
                    if try !members.nextMember() { return block }
                }
            }
        )
        while let entry = try reader.next() {
            switch String(decoding: entry.path, as: UTF8.self) {
            case "APKINDEX" where entry.kind == .file: text = try reader.data(limit: maximalText)
            case "DESCRIPTION" where entry.kind == .file:
                description = String(decoding: try reader.data(limit: 4096), as: UTF8.self)
            default: break
            }
        }
        guard let text else { throw AlpineError(.malformedIndex, name, "it has no member APKINDEX") }
        let line = description.split(separator: "\n").first.map(String.init) ?? ""
        return (line, try IndexReader.read(text, source: name))
    }
}
