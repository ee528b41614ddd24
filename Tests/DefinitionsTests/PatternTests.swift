// SPDX-License-Identifier: Apache-2.0

import Definitions
import Testing

struct PatternTests {
    private func first(_ pattern: String, _ text: String) throws -> String? {
        var budget = 1_000_000
        guard let match = try Pattern(pattern).match(in: text, budget: &budget) else { return nil }
        return match.count > 1 ? match[1].map(String.init) : match[0].map(String.init)
    }

    @Test(arguments: [
        ("^.+/(.+)$", "https://a/b/c.deb", "c.deb"), ("([0-9]+.[0-9]+).*$", "4.2.1", "4.2"),
        ("([0-9]+).*$", "42.1", "42"),
        ("^v?([0-9]+\\.[0-9]+).*$", "v1.27.3", "1.27"), ("(a|ab)(c|bcd)", "abcd", "a"), ("(a*?)b", "aab", "aa"),
        ("x(\\d{2,3})", "x12345", "123"), ("x(\\d{2})y", "x12y", "12"), ("([^-]+)-", "abc-def", "abc"),
        ("([a-z\\-]+)\\d", "a-b1", "a-b"), ("(?:foo|bar)(\\w+)", "barbaz", "baz"), ("\\b(\\w+)$", "one two", "two"),
        ("([]x]+)", "a]x", "]x"), ("(é+)", "caféé", "éé"), ("a{,2}(b)", "a{,2}b", "b"), ("(a?){3}b", "aab", ""),
        ("(.*)", "one\ntwo", "one"), ("^(a+)+$", "aaaa", "aaaa"),
    ])
    func findsWhatRE2Finds(_ test: (pattern: String, text: String, expected: String)) throws {
        #expect(try first(test.pattern, test.text) == test.expected)
    }

    @Test(arguments: [("^b", "ab"), ("a$", "ab"), ("[^a]", "a"), ("\\d", "x"), ("a{3}", "aa")])
    func findsNothing(_ pattern: String, _ text: String) throws {
        #expect(try first(pattern, text) == nil)
    }

    @Test(arguments: ["(", ")", "[a", "*a", "a**", "\\q", "(?=a)", "a{2,1}", "[z-a]", "a\\"])
    func refusesWhatIsNoPattern(_ pattern: String) {
        #expect(throws: Pattern.Mistake.self) { try Pattern(pattern) }
    }

    /// A backtracking engine needs 2^n steps for this one.
    @Test func takesTimeInProportion() throws {
        #expect(try first("^(a|a)*(a|a)*b$", String(repeating: "a", count: 4_000)) == nil)
    }

    @Test func stopsWhenTheBudgetIsUsedUp() throws {
        let pattern = try Pattern("(a*)*b")
        var budget = 100
        #expect(throws: Pattern.Mistake.self) {
            try pattern.match(in: String(repeating: "a", count: 4_000), budget: &budget)
        }
    }

    @Test(arguments: ["((a{100}){100}){100}", String(repeating: "(", count: 100) + String(repeating: ")", count: 100)])
    func refusesWhatWouldBeHuge(_ pattern: String) {
        #expect(throws: Pattern.Mistake.self) { try Pattern(pattern) }
    }
}
