// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Building
internal import CanonicalJSON
internal import Comparison
internal import Diagnostics
internal import Packages

package struct DiffCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what changed between two images, locks or bills of materials.",
        discussion: """
            A and B are images (DIRECTORY[:TAG] or HOST/REPOSITORY[:TAG]), locks (*.lock.json), or SPDX or CycloneDX documents; \
            an image and a lock are compared by their packages. Nothing is verified: 'basalt verify' does that.

            Exit codes: 0 the same, 1 different, 2 wrong usage, 3 input or environment error.

            Examples:
              basalt diff out/nginx/13 registry.example.org/images/nginx:13
              basalt diff 13.lock.json out/nginx/13.lock.json --format markdown
              basalt diff registry.example.org/images/curl:8.14 registry.example.org/images/curl:8.15 \\
                --files
            """
    )

    @Argument(help: ArgumentHelp("What there was.", valueName: "a"))
    var before: String

    @Argument(help: ArgumentHelp("What there is.", valueName: "b"))
    var after: String

    @Flag(name: .long, help: "List the files that differ, and where their contents do.")
    var files = false

    @Flag(name: .long, help: "Speak HTTP without TLS to the registry. One on this machine needs no flag.")
    var plainHTTP = false

    @OptionGroup var network: NetworkOptions

    @Option(name: .long, help: "text, markdown (for pull requests) or json.")
    var format: DiffFormat = .text

    @Flag(name: [.short, .long], help: "Show no progress.")
    var quiet = false

    package init() {}

    package func run() async throws {
        let progress = ProgressRenderer(isQuiet: quiet || format != .text)
        try await Reporting.run(format == .json ? .json : .text, progress: progress) {
            let reader = SnapshotReader(plainHTTP: plainHTTP, network: network, progress: progress)
            let old = try await reader.read(before)
            let new = try await reader.read(after)
            guard SnapshotReader.areComparable(old.kind, new.kind) else {
                throw BuildError(
                    "not-comparable",
                    "'\(before)' is \(old.kind.words) and '\(after)' is \(new.kind.words): they have nothing in common to compare",
                    hint: "compare images or locks with each other, or bills of materials",
                    outcome: .usage
                )
            }
            let difference = try SnapshotDifference(old, new, order: Self.order, locates: files)
            progress.clear()
            switch format {
            case .json:
                Terminal.out(String(decoding: difference.json(withFiles: files).compact, as: UTF8.self) + "\n")
            case .text: Terminal.out(DifferenceRendering(difference, withFiles: files).text)
            case .markdown: Terminal.out(DifferenceRendering(difference, withFiles: files).markdown)
            }
            if !difference.isEqual { throw ExitCode(Reporting.exitCode(.negative)) }
        }
    }

    /// By the rules of the ecosystem whose packages have the type; nil for other types.
    private static func order(_ type: String, _ version: String, _ other: String) -> Int? {
        Ecosystems.all.first { $0.packageType == type }?.compare(version, other)
    }
}

/// How differences are printed.
enum DiffFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, markdown, json
}
