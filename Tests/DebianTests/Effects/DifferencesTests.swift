// SPDX-License-Identifier: Apache-2.0

import Testing

/// The table of differences can fail: it explains nothing that it does not name, and notices what it names in vain.
@Suite struct DifferencesTests {
    private static let table = """
        # a comment
        -\tvar/log/*\tlogs
        !\tetc/passwd\tids
        +\trun/x\tonly there\tbookworm
        -\tvar/log/apt/*\tshadowed by the first row

        """

    private func finding(_ kind: String, _ path: String) -> Differences.Finding {
        Differences.Finding(kind: kind, path: path, detail: "")
    }

    @Test func whatNoRowNamesStays() throws {
        var table = try Differences(parsing: Self.table)
        let known = [finding("-", "var/log/apt/term.log"), finding("!", "etc/passwd")]
        let new = [finding("+", "var/log/x"), finding("-", "etc/passwd"), finding("!", "etc/group")]
        #expect(table.unexplained(known + new, suite: "trixie") == new)
    }

    @Test func aRowOfOneSuiteExplainsNothingInAnother() throws {
        var table = try Differences(parsing: Self.table)
        #expect(table.unexplained([finding("+", "run/x")], suite: "trixie").count == 1)
        #expect(table.unexplained([finding("+", "run/x")], suite: "bookworm").isEmpty)
    }

    @Test func rowsThatExplainNothingAreStale() throws {
        var table = try Differences(parsing: Self.table)
        _ = table.unexplained([finding("-", "var/log/apt/term.log")], suite: "trixie")
        #expect(table.stale(compared: ["trixie"]).map(\.pattern) == ["etc/passwd", "var/log/apt/*"])
        #expect(
            table.stale(compared: ["trixie", "bookworm"]).map(\.pattern) == ["etc/passwd", "run/x", "var/log/apt/*"]
        )
        #expect(table.stale(compared: []).isEmpty)
    }

    @Test(arguments: ["-\tvar/log", "?\tvar/log\twhy", "-\tvar/log\t", "-\ta\tb\tc\td"])
    func aRowWithoutAReasonIsRefused(_ line: String) {
        #expect(throws: Differences.Malformed.self) { try Differences(parsing: line) }
    }
}
