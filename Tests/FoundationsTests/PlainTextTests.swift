// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@Suite struct PlainTextTests {
    @Test func textCannotSteerATerminal() {
        #expect(PlainText.of("a\u{1B}[31m\n\u{7F}\u{9B}") == "a\\x1b[31m\\x0a\\x7f\\x9b")
        #expect(PlainText.of("a\u{202E}b") == "a\\u202eb")
        #expect(PlainText.of("caf\u{e9}") == "caf\u{e9}")
        #expect(PlainText.of(String(repeating: "x", count: 10), limit: 4) == "xxxx…")
    }

    /// A quoted line must not pass for one of the program's own.
    @Test func linesAfterTheFirstAreIndented() {
        #expect(PlainText.lines("a\nverified\n  b\n\u{1B}[2J") == "a\n  verified\n  b\n  \\x1b[2J")
    }
}
