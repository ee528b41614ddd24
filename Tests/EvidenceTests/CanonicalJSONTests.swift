// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    /// RFC 8785 section 3.2.3: the names of its sample, in the order that it gives.
    @Test func sortsByCodeUnits() {
        let sorted = ["\r", "1", "\u{80}", "\u{F6}", "\u{20AC}", "\u{1F600}", "\u{FB33}"]
        let shuffled = JSON.object(sorted.reversed().map { ($0, true) })
        let members = (try? JSON(parsing: shuffled.canonical))?.members ?? []
        #expect(members.map(\.0) == sorted)
    }

    /// RFC 8785 section 3.2.2.2.
    @Test func escapesWhatHasToBeEscapedAndNothingElse() {
        let text = JSON.string("\u{20AC}$\u{F}\nA'B\"\\\\\"/\u{8}\t\u{C}\r\u{7F}")
        #expect(text.canonical == Array("\"\u{20AC}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\\b\\t\\f\\r\u{7F}\"".utf8))
        #expect(JSON.string("").canonical == Array("\"\"".utf8))
    }

    /// The order is that of UTF-16 whatever the names: every pair of some that differ late, early and in length.
    @Test func ordersLikeUTF16() {
        let pieces = [
            "", "a", "ab", "\u{7F}", "\u{80}", "\u{7FF}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}",
        ]
        let names = pieces.flatMap { first in pieces.map { first + $0 } }
        for a in names {
            for b in names {
                #expect(JSON.precedes(a, b) == a.utf16.lexicographicallyPrecedes(b.utf16))
            }
        }
    }
}
