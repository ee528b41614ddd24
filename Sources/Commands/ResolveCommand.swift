// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Building
internal import CanonicalJSON
internal import Definitions
internal import Diagnostics
internal import Packages
internal import Resolver

package struct ResolveCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Print the packages that definitions come to, per platform.",
        discussion: """
            With several definitions, or a folder that holds some, indexes are opened once for all of them; what cannot be \
            resolved is listed, the exit code is then 1.

            Examples:
              basalt resolve definitions/nginx/13.yaml
              basalt resolve definitions/curl/13.yaml --explain libkrb5-3
              basalt resolve definitions/nginx/13.yaml --format json --strict
              basalt resolve image --distribution-only
            """
    )

    @Argument(help: ArgumentHelp("Definitions, or folders that hold some.", valueName: "definition"))
    var definitions: [String]

    @Option(
        name: .long,
        parsing: .singleValue,
        help: ArgumentHelp("A platform; repeatable (default: all of the definition).", valueName: "os/arch")
    )
    var platform: [Platform] = []

    @Option(name: .long, help: ArgumentHelp("Say who asked for this package.", valueName: "package"))
    var explain: String?

    @Flag(
        name: .long,
        help: "Leave out the repositories that a definition names itself, where its distribution has its own."
    )
    var distributionOnly = false

    @OptionGroup var environment: EnvironmentOptions

    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func run() async throws {
        let progress = ProgressRenderer(isQuiet: environment.quiet)
        try await Reporting.run(format, progress: progress) {
            let candidates = try DefinitionFinder().candidates(below: definitions)
            var options = BuildOptions(output: "")
            options.suites = try environment.implicitSuites()
            options.isStrict = environment.strict
            options.usesDistributionOnly = distributionOnly
            let resolving = Resolving(
                environment: try environment.environment(definitions: definitions, observer: progress.observer),
                options: options
            )
            let platforms = platform.isEmpty ? nil : Set(platform)
            guard candidates.count == 1, let only = candidates.first, only.isNamed else {
                if explain != nil { throw ValidationError("--explain is for one definition") }
                let run = ResolveRun(resolving: resolving, platforms: platforms)
                let report = try await run.resolve(candidates)
                progress.clear()
                Terminal.out(format == .json ? ResolveRendering.json(report) : ResolveRendering.text(report))
                if report.hasFailures { throw ExitCode(Reporting.exitCode(.negative)) }
                return
            }
            let planned = try PlannedDefinition(path: only.path, platforms: platforms, requiresBuildable: false)
            let lock = try await resolving.resolve(planned)
            progress.clear()
            if let explain {
                try explanation(of: explain, in: lock, definition: only.path)
            } else if format == .json {
                Terminal.out(ResolveRendering.json(lock))
            } else {
                for platform in lock.platforms { Terminal.out(ResolveRendering.text(platform)) }
            }
        }
    }

    private func explanation(of name: String, in lock: Lock, definition: String) throws {
        var found: [(String, [String])] = []
        for platform in lock.platforms {
            if let sentences = platform.resolution.why(name) { found.append((platform.platform.rawValue, sentences)) }
        }
        guard !found.isEmpty else {
            throw BuildError(
                "not-selected",
                "the package '\(name)' is not among those that \(definition) comes to",
                hint: "'basalt resolve \(definition)' lists them",
                outcome: .negative
            )
        }
        if format == .json {
            let platforms = found.map { JSON.object([("platform", .string($0.0)), ("reasons", .strings($0.1))]) }
            Terminal.out(
                String(
                    decoding: JSON.object([("package", .string(name)), ("platforms", .array(platforms))]).compact,
                    as: UTF8.self
                ) + "\n"
            )
        } else {
            for (platform, sentences) in found {
                Terminal.out("\(platform):\n" + sentences.map { "  \($0)\n" }.joined())
            }
        }
    }
}
