// SPDX-License-Identifier: Apache-2.0

/// A regular expression in the syntax and with the meaning of Go's `regexp` (RE2), which is what cosign's options and policies
/// are written in.
///
/// Swift's own expressions mean other things (they match characters and not code points, and `\w` is not ASCII), and by
/// backtracking they take exponential time for some patterns. This one is run as a set of states: its time is at most
/// proportional to the length of the pattern times that of the text, and both are bounded. As in RE2 there are neither
/// look-around nor back-references.
///
/// Not supported, and refused: `\p{…}` for scripts (`\p{Greek}`); general categories (`\pL`, `\p{Lu}`) are.
package struct RegularExpression: Sendable {
    /// The most bytes that a pattern may have.
    package static let patternLimit = 1024
    /// The most bytes that a text may have. A longer one does not match: names of signers are short.
    package static let textLimit = 4096

    package let pattern: String
    private let program: Program

    package init(_ pattern: String) throws(RegularExpressionError) {
        guard pattern.utf8.count <= Self.patternLimit else {
            throw RegularExpressionError("it has more than \(Self.patternLimit) bytes")
        }
        self.pattern = pattern
        var parser = Parser(pattern)
        program = try Program(try parser.parse())
    }

    /// Whether the pattern matches anywhere in the text: as in Go, nothing is anchored unless `^` and `$` say so.
    package func matches(_ text: String) -> Bool {
        text.utf8.count <= Self.textLimit && program.matches(Array(text.unicodeScalars))
    }
}

extension RegularExpression: Hashable {
    package static func == (a: RegularExpression, b: RegularExpression) -> Bool { a.pattern == b.pattern }
    package func hash(into hasher: inout Hasher) { hasher.combine(pattern) }
}

/// Why a text is no regular expression.
package struct RegularExpressionError: Error, Equatable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
