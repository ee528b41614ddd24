// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Definitions
internal import Diagnostics

/// Findings of lint for people, programs and code hosts.
enum LintRendering {
    static func text(_ report: LintRun.Report, usesColor: Bool) -> String {
        let renderer = CaretRenderer(usesColor: usesColor)
        var out = ""
        for diagnostic in report.diagnostics { out += renderer.render(diagnostic) }
        let errors = report.diagnostics.count(of: .error)
        let warnings = report.diagnostics.count(of: .warning)
        out += "\(counted(report.files, "definition")): \(counted(errors, "error")), \(counted(warnings, "warning"))\n"
        return out
    }

    static func json(_ report: LintRun.Report) -> String {
        let object = JSON.object([
            ("files", .integer(report.files)),
            ("errors", .integer(report.diagnostics.count(of: .error))),
            ("warnings", .integer(report.diagnostics.count(of: .warning))),
            ("diagnostics", .array(report.diagnostics.map(\.json))),
        ])
        return String(decoding: object.compact, as: UTF8.self) + "\n"
    }

    static func sarif(_ report: LintRun.Report) -> String {
        StaticAnalysisReport(tool: "basalt", diagnostics: report.diagnostics).json.pretty
    }

    private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
