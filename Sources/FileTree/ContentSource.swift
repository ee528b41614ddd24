// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// Reads the bytes of files in a tree. The store implements it; tests use `InlineContents`.
package protocol ContentSource: Sendable {
    /// The bytes of `content` in `range` (offsets within the file), or all of them.
    func read(_ content: FileContent, range: Range<Int>?) throws -> [UInt8]
}

extension ContentSource {
    package func read(_ content: FileContent) throws -> [UInt8] { try read(content, range: nil) }
}

/// For trees whose every file is in memory.
package struct InlineContents: ContentSource {
    package init() {}

    package func read(_ content: FileContent, range: Range<Int>?) throws -> [UInt8] {
        guard case .bytes(let bytes) = content.place else {
            throw TreeError(.missing, path: content.sha256.description, detail: "its bytes are not in memory")
        }
        guard let range else { return bytes }
        return Array(bytes[range.clamped(to: 0..<bytes.count)])
    }
}
