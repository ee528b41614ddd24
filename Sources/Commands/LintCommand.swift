// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CanonicalJSON
internal import Definitions
internal import Diagnostics
internal import Foundation

package struct LintCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Check definitions: every problem of every file, in one run.",
        discussion: """
            A path that is a folder stands for every definition below it. The exit code is 1 when there are errors.

            Examples:
              basalt lint definitions
              basalt lint image/python/debian-13/3.13.yaml --format json
              basalt lint . --format sarif > findings.sarif
            """
    )

    @Argument(help: ArgumentHelp("Definitions, or folders that hold some.", valueName: "path"))
    var paths: [String]

    @Option(name: .long, help: "text, json or sarif.")
    var format: LintFormat = .text

    @Option(
        name: .long,
        help: ArgumentHelp("The day by which ends of life are judged (default: today).", valueName: "YYYY-MM-DD")
    )
    var asOf: String?

    package init() {}

    package func validate() throws {
        if let asOf, !LintRun.isDay(asOf) { throw ValidationError("'\(asOf)' is not a day: write YYYY-MM-DD") }
    }

    package func run() async throws {
        try await Reporting.run(format == .text ? .text : .json) {
            let run = LintRun(today: asOf ?? Self.today(), width: ProcessInfo.processInfo.activeProcessorCount)
            let report = try await run.lint(paths: paths)
            switch format {
            case .text: Terminal.out(LintRendering.text(report, usesColor: OutputStyle.hasColor))
            case .json: Terminal.out(LintRendering.json(report))
            case .sarif: Terminal.out(LintRendering.sarif(report))
            }
            if report.diagnostics.hasErrors { throw ExitCode(Reporting.exitCode(.negative)) }
        }
    }

    /// The current day in UTC.
    private static func today() -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day], from: Date())
        func padded(_ value: Int?, _ width: Int) -> String {
            let digits = String(value ?? 0)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(parts.year, 4))-\(padded(parts.month, 2))-\(padded(parts.day, 2))"
    }
}

/// The formats of findings.
package enum LintFormat: String, ExpressibleByArgument, CaseIterable, Sendable { case text, json, sarif }
