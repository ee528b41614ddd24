// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Building
internal import CanonicalJSON
internal import Fetching
internal import Packages

package struct LockCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Write what a definition resolves to now, so that it can be built again.",
        discussion: """
            The lock names every package file and every signed index by digest. It lies beside the definition \
            (13.yaml has 13.lock.json), where 'basalt build --locked' finds it.

            Examples:
              basalt lock definitions/debian-base/13.yaml
              basalt lock definitions/debian-base/13.yaml --output /tmp/13.lock.json
            """
    )

    @Argument(help: ArgumentHelp("The definitions to lock.", valueName: "definition"))
    var definitions: [String]

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Where the lock of a single definition goes.", valueName: "file")
    )
    var output: String?

    @OptionGroup var environment: EnvironmentOptions

    package init() {}

    package func validate() throws {
        if output != nil && definitions.count > 1 { throw ValidationError("--output is for one definition") }
    }

    package func run() async throws {
        let progress = ProgressRenderer(isQuiet: environment.quiet)
        try await Reporting.run(.text, progress: progress) {
            var options = BuildOptions(output: "")
            options.suites = try environment.implicitSuites()
            options.isStrict = environment.strict
            let resolving = Resolving(
                environment: try environment.environment(definitions: definitions, observer: progress.observer),
                options: options
            )
            for definition in definitions {
                let planned = try PlannedDefinition(path: definition, platforms: nil, requiresBuildable: false)
                let lock = try await resolving.complete(try await resolving.resolve(planned), of: planned)
                let path = output ?? Lock.path(beside: definition)
                try Files.replace(path, with: Array(lock.json.pretty.utf8))
                progress.clear()
                let counts = lock.platforms.map {
                    "\($0.resolution.selected.count) packages for \($0.platform.rawValue)"
                }
                Terminal.out("\(path): \(counts.joined(separator: ", "))\n")
            }
        }
    }
}
