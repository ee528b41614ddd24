// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Building
internal import Foundation
internal import Packages
internal import Signing

/// What every command that reaches repositories has in common.
struct EnvironmentOptions: ParsableArguments {
    @OptionGroup var repositories: RepositoryOptions

    @OptionGroup var network: NetworkOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "When the validity of signed indexes is judged: RFC 3339 or seconds since the epoch (default: now).",
            valueName: "time"
        )
    )
    var asOf: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Which of Debian's implicit suites count, separated by commas.",
            valueName: "release,updates,security"
        )
    )
    var suites: String = "release,updates,security"

    @Flag(
        name: .long,
        help: "A dependency whose every candidate is vetoed is an error, as it is for apt, and not dropped."
    )
    var strict = false

    @Flag(name: [.short, .long], help: "Print errors only.")
    var quiet = false

    init() {}

    func validate() throws {
        _ = try implicitSuites()
        if let asOf { _ = try Self.seconds(asOf) }
    }

    func implicitSuites() throws -> Set<ImplicitSuite> {
        Set(
            try suites.split(separator: ",").map { name in
                guard let suite = ImplicitSuite(rawValue: String(name)) else {
                    throw ValidationError("'\(name)' is no suite: write release, updates or security")
                }
                return suite
            }
        )
    }

    private static func seconds(_ text: String) throws -> Int {
        if let number = Int(text) { return number }
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime]
        guard let date = formatter.date(from: text) else {
            throw ValidationError("'\(text)' is neither RFC 3339 (2026-01-31T12:00:00Z) nor seconds since the epoch")
        }
        return Int(date.timeIntervalSince1970)
    }

    /// Opens the store and everything else that a build gets from outside.
    ///
    /// - Parameter definitions: the definitions' paths, whose repository may hold a `keys` directory.
    func environment(
        definitions: [String],
        signer: (any StatementSigner)? = nil,
        observer: @escaping BuildObserver
    ) throws -> BuildEnvironment {
        try repositories.environment(
            definitions: definitions,
            network: network,
            signer: signer,
            now: try asOf.map(Self.seconds),
            observer: observer
        )
    }
}
