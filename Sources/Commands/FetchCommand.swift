// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Building
internal import Packages

package struct FetchCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fill the store with everything that a build from a lock needs.",
        discussion: """
            Afterwards 'basalt build DEFINITION --locked --offline' needs no network.

            Examples:
              basalt fetch definitions/debian-base/13.yaml
              basalt fetch definitions/debian-base/13.yaml --lock /tmp/13.lock.json
            """
    )

    @Argument(help: ArgumentHelp("The definition.", valueName: "definition"))
    var definition: String

    @Option(name: .long, help: ArgumentHelp("The lock (default: the one beside the definition).", valueName: "file"))
    var lock: String?

    @OptionGroup var environment: EnvironmentOptions

    package init() {}

    package func run() async throws {
        let progress = ProgressRenderer(isQuiet: environment.quiet)
        try await Reporting.run(.text, progress: progress) {
            var options = BuildOptions(output: "")
            options.suites = try environment.implicitSuites()
            options.locking = lock.map { .lock($0) } ?? .beside
            let build = Build(
                environment: try environment.environment(definitions: [definition], observer: progress.observer),
                options: options
            )
            let counts = try await build.fetch(definition)
            progress.clear()
            for (platform, count) in counts {
                Terminal.out("\(platform.rawValue): \(count) packages are in the store\n")
            }
        }
    }
}
