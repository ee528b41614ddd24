// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Attestations
internal import CanonicalJSON

package struct ScriptsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "scripts",
        abstract: "Print what stands for each package script that was not run.",
        discussion: """
            Every script of every package of a signed image, with its SHA-256, and whether an effect does what it would have \
            done, it was dropped on purpose and why, or the configuration acknowledges it.

            Examples:
              basalt scripts out/debian-base/13
              basalt scripts registry.example.org/base/debian:13 \\
                --key keys/signing/basalt.pub --format json
            """
    )

    @OptionGroup var options: StatementOptions

    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func run() async throws {
        try await Reporting.run(format) {
            let report = try await options.predicate(what: "script report") { $0.hasSuffix(Namespace.scriptsSuffix) }
            switch format {
            case .json: Terminal.out(report.pretty)
            case .text: Terminal.out(ScriptReportRendering.text(report, platform: options.platform))
            }
        }
    }
}
