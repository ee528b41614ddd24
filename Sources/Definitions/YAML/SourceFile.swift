// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// The text of a definition file, kept while its problems are located and shown.
package struct SourceFile: Sendable {
    /// The path as it is shown.
    package let path: String
    package let bytes: [UInt8]

    /// A byte order mark at the beginning, which some editors write, is no part of the text.
    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    /// The text of a line (from 1), without its line break; nil beyond the end. Called only for files with problems.
    package func line(_ number: Int) -> String? {
        var start = 0
        for _ in 1..<max(1, number) {
            guard let end = bytes[start...].firstIndex(of: 0x0A) else { return nil }
            start = end + 1
        }
        guard start < bytes.count || number == 1 else { return nil }
        var end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        return String(decoding: bytes[start..<min(end, start + Self.longestExcerpt)], as: UTF8.self)
    }

    /// More of a line than this is never shown, in bytes.
    private static let longestExcerpt = 16_384

    package func location(_ mark: Mark, length: Int? = nil) -> SourceLocation {
        SourceLocation(file: path, line: Int(mark.line), column: Int(mark.column), length: length ?? Int(mark.length))
    }
}

/// A place in one of the files that make up a definition.
package struct Mark: Hashable, Sendable {
    /// Which file: an index into `DefinitionDocument.sources`. 0 is the definition itself, the others are included.
    package var source: UInt16
    /// From 1.
    package var line: UInt32
    /// From 1, in code points.
    package var column: UInt32
    /// Code points to underline.
    package var length: UInt32

    package init(source: UInt16 = 0, line: Int = 1, column: Int = 1, length: Int = 1) {
        self.source = source
        self.line = UInt32(clamping: line)
        self.column = UInt32(clamping: column)
        self.length = UInt32(clamping: max(1, length))
    }
}
