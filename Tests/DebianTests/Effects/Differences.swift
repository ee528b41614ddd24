// SPDX-License-Identifier: Apache-2.0

import Foundation

/// `docs/differences.tsv`: what differs between dpkg's tree and ours (`-` only dpkg has it, `+` only we have it, `!` both,
/// unlike), a pattern of paths (fnmatch(3), where `*` crosses slashes), the reason, and the suite that it is for when only
/// one has it. The first row that fits counts.
struct Differences {
    struct Row: Hashable {
        var kind: String
        var pattern: String
        var reason: String
        /// nil when it holds for every suite.
        var suite: String?
        /// Where in the table, for messages.
        var line: Int
    }

    /// A path that differs, and what the two sides have.
    struct Finding: Hashable {
        var kind: String
        var path: String
        var detail: String
    }

    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    let rows: [Row]
    private(set) var used: Set<Row> = []

    init(parsing text: String) throws {
        var rows: [Row] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || line.hasPrefix("#") { continue }
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard (3...4).contains(fields.count), ["-", "+", "!"].contains(fields[0]), !fields[2].isEmpty else {
                throw Malformed(description: "docs/differences.tsv:\(number + 1): not KIND, PATTERN, REASON [, SUITE]")
            }
            rows.append(
                Row(
                    kind: fields[0],
                    pattern: fields[1],
                    reason: fields[2],
                    suite: fields.count == 4 ? fields[3] : nil,
                    line: number + 1
                )
            )
        }
        self.rows = rows
    }

    /// The findings of one suite's set that no row explains; rows that explain one are marked as used.
    mutating func unexplained(_ findings: [Finding], suite: String) -> [Finding] {
        var rest: [Finding] = []
        for finding in findings {
            let row = rows.first { row in
                row.kind == finding.kind && (row.suite ?? suite) == suite && fnmatch(row.pattern, finding.path, 0) == 0
            }
            if let row { used.insert(row) } else { rest.append(finding) }
        }
        return rest
    }

    /// Rows that explained nothing although every set of the suites they are for was compared: what they say is not so any
    /// more, or an earlier row says it already.
    func stale(compared suites: Set<String>) -> [Row] {
        rows.filter { row in
            !used.contains(row) && (row.suite.map(suites.contains) ?? !suites.isEmpty)
        }
    }
}
