// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import Diagnostics
internal import Packages
internal import Resolver

package struct ResolveCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Print the packages that a definition comes to, per platform.",
        discussion: """
            Examples:
              basalt resolve definitions/nginx/13.yaml
              basalt resolve definitions/nginx/13.yaml --explain libkrb5-3
              basalt resolve definitions/nginx/13.yaml --format json --strict
            """
    )

    @Argument(help: ArgumentHelp("The definition.", valueName: "definition"))
    var definition: String

    @Option(
        name: .long,
        parsing: .singleValue,
        help: ArgumentHelp("A platform; repeatable (default: all of the definition).", valueName: "os/arch")
    )
    var platform: [Platform] = []

    @Option(name: .long, help: ArgumentHelp("Say who asked for this package.", valueName: "package"))
    var explain: String?

    @OptionGroup var environment: EnvironmentOptions

    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func run() async throws {
        let progress = ProgressRenderer(isQuiet: environment.quiet)
        try await Reporting.run(format, progress: progress) {
            var options = BuildOptions(output: "")
            options.suites = try environment.implicitSuites()
            options.isStrict = environment.strict
            let planned = try PlannedDefinition(
                path: definition,
                platforms: platform.isEmpty ? nil : Set(platform),
                requiresBuildable: false
            )
            let resolving = Resolving(
                environment: try environment.environment(definitions: [definition], observer: progress.observer),
                options: options
            )
            let lock = try await resolving.resolve(planned)
            progress.clear()
            if let explain {
                try explanation(of: explain, in: lock)
            } else if format == .json {
                Terminal.out(json(lock))
            } else {
                for platform in lock.platforms { Terminal.out(text(platform)) }
            }
        }
    }

    private func text(_ platform: Lock.PlatformLock) -> String {
        let packages = platform.resolution.packages
        let size = packages.reduce(0) { $0 + $1.size }
        var out = "\(platform.platform.rawValue): \(packages.count) packages, \(Size.text(size)) to fetch\n"
        for package in packages { out += "  \(package.name) \(package.version) \(package.architecture)\n" }
        for dropped in platform.resolution.dropped { out += "  dropped: \(dropped.package): \(dropped.clause)\n" }
        return out
    }

    private func json(_ lock: Lock) -> String {
        let platforms = lock.platforms.map { platform -> JSON in
            [
                "platform": .string(platform.platform.rawValue),
                "packages": .array(
                    platform.resolution.packages.map {
                        .members([
                            ("name", .string($0.name)), ("version", .string($0.version)),
                            ("architecture", .string($0.architecture)), ("sha256", $0.sha256.map { .string($0.hex) }),
                            ("size", .integer($0.size)), ("path", .string($0.path)),
                        ])
                    }
                ),
                "dropped": .strings(platform.resolution.dropped.map { "\($0.package): \($0.clause)" }),
            ]
        }
        return String(decoding: JSON.object([("platforms", .array(platforms))]).compact, as: UTF8.self) + "\n"
    }

    private func explanation(of name: String, in lock: Lock) throws {
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
