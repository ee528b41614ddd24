// SPDX-License-Identifier: Apache-2.0

internal import RegularExpressions
internal import Testing

/// The answers are those of Go's own `regexp` (Go 1.27), which cosign asks.
@Suite struct RegularExpressionTests {
    private static let answers: [(String, String, Bool)] = [
        ("^https://git\\.example\\.org/ci@refs/heads/main$", "https://git.example.org/ci@refs/heads/main", true),
        ("^https://git\\.example\\.org/ci@refs/heads/main$", "https://gitxexample.org/ci@refs/heads/main", false),
        ("github.com/acme/", "https://github.com/acme/app", true),
        ("github.com/acme/", "https://github_com/acme/app", true),
        ("^github.com/acme/", "https://github.com/acme/app", false),
        (".*@example\\.org", "me@example.org.evil.test", true),
        (".*@example\\.org$", "me@example.org.evil.test", false), (".*@example\\.org$", "me@example.org\n", false),
        ("(?m).*@example\\.org$", "me@example.org\nx", true), ("^a|b$", "xb", true), ("^(a|b)$", "xb", false),
        ("a.c", "a\nc", false), ("(?s)a.c", "a\nc", true), ("(?i)ABC", "abc", true), ("a(?i)b", "aB", true),
        ("a(?i)b", "AB", false), ("(?i:a)b", "Ab", true), ("(?i:a)b", "AB", false), ("(?i)k", "\u{212A}", true),
        ("(?i)s", "\u{17F}", true), ("(?i)\u{131}", "I", false), ("(?i)\u{3C3}", "\u{3C2}", true),
        ("(?i)[^k]", "\u{212A}", false), ("(?i)\u{C9}", "\u{E9}", true), ("\\d+", "\u{661}", false),
        ("\\w", "\u{E9}", false), ("\\W", "\u{E9}", true), ("\\s", "\u{B}", false), ("[[:space:]]", "\u{B}", true),
        ("\\bx\\b", "a x b", true), ("\\b\u{E9}\\b", "\u{E9}", false), ("\\Bx", "ax", true),
        ("\\Ax\\z", "x", true), ("x\\z", "x\n", false), ("[]a]+", "]", true), ("[^]a]", "]", false),
        ("[a\\-z]", "b", false), ("[a-]", "-", true), ("[\\d-x]", "-", true), ("[[:^digit:]]", "5", false),
        ("[\\W\\d]", "_", false), ("[^\\W]", "_", true), ("\\pL", "\u{E9}", true), ("\\p{Lu}", "e", false),
        ("\\p{^Lu}", "e", true), ("\\PN", "5", false), ("[^\\pL\\d]", "_", true), ("\\p{Any}", "\n", true),
        ("a{2}", "a", false), ("^a{2}$", "aa", true), ("^a{2,3}$", "aaaa", false), ("^a{2,}$", "aaaa", true),
        ("^a{0}$", "a", false), ("a{,2}", "a{,2}", true), ("a{x}", "a{x}", true), ("a{2", "a{2", true),
        ("{", "{", true), ("a{01}", "a{01}", true), ("a*?b+?c??", "bc", true), ("(a*)*$", "b", true),
        ("^(a|ab)(c|bcd)(d*)$", "abcd", true), ("(?P<who>a)\\z", "a", true), ("(?<who>a)", "a", true),
        ("(?U)a+", "a", true), ("()", "", true), ("|a", "b", true), ("(|a)+", "b", true), ("^*", "a", true),
        ("(?i)", "a", true), ("x*", "", true), ("\\Qa.b\\E", "axb", false), ("\\Qa.b\\E", "a.b", true),
        ("\\Qa.b", "a.b", true), ("\\x41\\x{e9}", "A\u{E9}", true), ("\\101", "A", true), ("\\07", "\u{7}", true),
        ("\\_\\-\\.", "_-.", true), ("a(?i)*", "b", true), ("", "x", true), ("$^", "", true),
        ("[^\\n]", "\n", false), ("(?-s).", "\n", false),
    ]

    private static let refused: [String] = [
        "a|*", "(?=a)a", "(?!a)b", "(?<=a)b", "(?<!a)b", "(a)\\1", "\\8", "\\Z", "\\q", "\\\u{E9}", "\\C", "a**",
        "a*+", "a{2}{3}", "*a", "(*)", "+", "{2}", "a{1001}", "a{3,2}", "(a{100}){11}", "(", ")", "a)", "(?a)",
        "(?", "(?i", "(?i-)", "(?-)", "(?P<>a)", "(?P<a", "(?P=a)", "(?>a)", "(?#a)", "[", "[]", "[a", "[z-a]",
        "[[:no:]]", "[\\b]", "\\x", "\\x4", "\\x{110000}", "\\x{}", "\\p", "\\p{", "\\p{Nope}", "\\", "(?i)(?",
        "a++", "a??b???",
    ]

    @Test(arguments: answers)
    func matchesWhatGoMatches(_ pattern: String, _ text: String, _ isMatch: Bool) throws {
        #expect(try RegularExpression(pattern).matches(text) == isMatch)
    }

    @Test(arguments: refused)
    func refusesWhatGoRefuses(_ pattern: String) {
        #expect(throws: RegularExpressionError.self) { try RegularExpression(pattern) }
    }

    @Test func scriptsAreRefusedThoughGoKnowsThem() {
        #expect(throws: RegularExpressionError.self) { try RegularExpression("\\p{Greek}") }
    }

    /// Each takes longer than the universe has been there, where a match is found by trying.
    @Test(arguments: [
        ("^(a+)+$", 4000), ("^(a|a)*$", 4000), ("^(.*)*x", 4000), ("(a*)*(a*)*(a*)*$y", 4000),
        ("^(a?){400}a{400}$", 799),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", 4000),
    ])
    func patternsThatExplodeElsewhereEnd(_ pattern: String, _ count: Int) throws {
        let expression = try RegularExpression(pattern)
        #expect(!expression.matches(String(repeating: "a", count: count) + "!"))
    }

    @Test func sizesAreBounded() throws {
        #expect(throws: RegularExpressionError.self) {
            try RegularExpression(String(repeating: "a", count: RegularExpression.patternLimit + 1))
        }
        #expect(throws: RegularExpressionError.self) { try RegularExpression(String(repeating: "(", count: 1000)) }
        #expect(throws: RegularExpressionError.self) {
            try RegularExpression(String(repeating: "a{1000}", count: 100))
        }
        let any = try RegularExpression("a")
        #expect(any.matches(String(repeating: "a", count: RegularExpression.textLimit)))
        #expect(!any.matches(String(repeating: "a", count: RegularExpression.textLimit + 1)))
    }
}
