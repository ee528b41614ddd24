// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import Standards

/// A test report for people: a line for each result, then what failed once more in full.
enum TestRendering {
    static func text(_ report: TestReport, image: String) -> String {
        var out = "\(image)  \(report.digest)\n"
        // Of names and outputs, much is the image's own word.
        let width = report.results.map { PlainText.of($0.name).count }.max() ?? 0
        var platform = ""
        for result in report.results {
            if result.platform != platform {
                platform = result.platform
                out += "\(PlainText.of(platform))\n"
            }
            let mark =
                switch result.outcome {
                case .passed: "ok     "
                case .failed: "FAILED "
                case .skipped: "skipped"
                case .warned: "allowed"
                }
            var name = PlainText.of(result.name)
            name += String(repeating: " ", count: max(0, width - name.count))
            out += "  \(mark)  \(name)  \(PlainText.of(result.detail, limit: 2_000))\n"
            if result.outcome == .failed, let output = result.output {
                for line in output.split(separator: "\n").prefix(20) {
                    out += "           | \(PlainText.of(line.utf8, limit: 1_000))\n"
                }
            }
        }
        let counts = [
            (report.count(.passed), "passed"), (report.count(.failed), "failed"),
            (report.count(.warned), "failed and allowed"), (report.count(.skipped), "skipped"),
        ]
        return out + counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ") + "\n"
    }
}
