// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CanonicalJSON
internal import Definitions
internal import Diagnostics

package struct PlanCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what would be built, and whether it can be built here.",
        discussion: """
            For a folder, the totals over every definition below it.

            Examples:
              basalt plan definitions/static/13.yaml --platform linux/arm64
              basalt plan image --format json
            """
    )

    @Argument(help: ArgumentHelp("A definition, or a folder that holds some.", valueName: "path"))
    var path: String

    @Option(
        name: .long,
        parsing: .singleValue,
        help: ArgumentHelp("A platform; repeatable (default: all of the definition).", valueName: "os/arch")
    )
    var platform: [String] = []

    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func validate() throws {
        for name in platform where TargetPlatform(rawValue: name) == nil {
            let known = TargetPlatform.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(name)' is no platform of the language: \(known)")
        }
    }

    package func run() async throws {
        try await Reporting.run(format) {
            let finder = DefinitionFinder()
            let candidates = try finder.candidates(below: [path])
            let platforms = platform.compactMap { TargetPlatform(rawValue: $0) }
            if let only = candidates.first, candidates.count == 1, only.isNamed {
                try show(DefinitionLoader().load(path: path), platforms)
            } else {
                let loader = DefinitionLoader()
                var totals = PlanTotals()
                for candidate in candidates {
                    if let document = finder.load(candidate, with: loader) {
                        totals.add(document, platforms: platforms)
                    }
                }
                Terminal.out(format == .json ? totals.json : totals.text)
            }
        }
    }

    private func show(_ document: DefinitionDocument, _ platforms: [TargetPlatform]) throws {
        if document.diagnostics.hasErrors, format == .text {
            let renderer = CaretRenderer(usesColor: false)
            for diagnostic in document.diagnostics { Terminal.error(renderer.render(diagnostic)) }
        }
        var plans: [Plan] = []
        for platform in platforms.isEmpty ? document.platforms : platforms {
            plans.append(try document.plan(platform: platform))
        }
        Terminal.out(format == .json ? PlanRendering.json(plans, path: path) : PlanRendering.text(plans))
    }
}
