// SPDX-License-Identifier: Apache-2.0

/// A regular expression of the language, in the common syntax of RE2: literals, classes, groups, alternatives, repetition
/// (greedy and lazy), anchors and word boundaries.
///
/// It is matched by simulating all threads at once (Thompson, Pike), so that no expression of a definition can take more
/// than `program × text` steps; a backtracking engine could be made to run for ever.
package struct Pattern: Sendable {
    /// The text it was made from.
    package let source: String
    let program: [Instruction]
    /// Capture groups, without the whole match.
    package let groups: Int

    /// Why a text is no pattern.
    package struct Mistake: Error, Sendable, Equatable {
        package let reason: String
    }

    package init(_ source: String) throws(Mistake) {
        self.source = source
        var parser = PatternParser(source)
        let syntax = try parser.parse()
        var compiler = PatternCompiler()
        program = try compiler.compile(syntax)
        groups = parser.groups
    }

    /// A pattern that stands in our own source; a mistake in it is a programmer's.
    static func literal(_ source: StaticString) -> Pattern {
        let text = source.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
        guard let pattern = try? Pattern(text) else { preconditionFailure("'\(text)' is no pattern") }
        return pattern
    }

    /// The leftmost match: the whole match, then each group (nil where a group took no part). Nil for no match.
    ///
    /// - Parameter budget: thread steps that may still be spent; what was spent is taken off.
    /// - Throws: for a text that is longer than `longestText`, and when the budget is used up.
    package func match(in text: String, budget: inout Int) throws(Mistake) -> [Substring?]? {
        guard text.utf8.count <= Self.longestText else {
            throw Mistake(reason: "the text has more than \(Self.longestText) bytes")
        }
        return try PatternMachine(program: program, slots: 2 * (groups + 1)).run(on: text, budget: &budget)
    }

    /// Whether the pattern is found in a text, for the short texts and patterns of the schema.
    func isFound(in text: String) -> Bool {
        var budget = program.count * (Self.longestText + 1)
        return (try? match(in: text, budget: &budget)) != nil
    }

    /// Bytes of text that a pattern is tried on.
    package static let longestText = 4_096
    /// Instructions of a compiled pattern.
    static let largestProgram = 1_000

    indirect enum Syntax {
        case empty
        case scalar(Unicode.Scalar)
        /// Any but a line break.
        case any
        case oneOf([ClosedRange<UInt32>], isNegated: Bool)
        case sequence([Syntax])
        case alternatives([Syntax])
        case group(Syntax, index: Int)
        case repeated(Syntax, from: Int, to: Int?, isGreedy: Bool)
        case assertion(Assertion)
    }

    enum Assertion { case start, end, wordBoundary, noWordBoundary }

    enum Instruction: Sendable {
        case scalar(Unicode.Scalar)
        case any
        case oneOf([ClosedRange<UInt32>], isNegated: Bool)
        case assertion(Assertion)
        /// Continues at both, preferring the first.
        case split(Int, Int)
        case jump(Int)
        case save(Int)
        case match
    }
}

extension Pattern.Assertion: Sendable {}
