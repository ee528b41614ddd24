// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Attestations
internal import Building
internal import Foundation

/// Where the definitions are published that an image is built from, for its provenance.
struct SourceOptions: ParsableArguments {
    private static let variable = "BASALT_SOURCE_COMMIT"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where the definition's repository is published, for provenance (default: the configuration's).",
            discussion: "As SPDX writes it: git+https://git.example.org/images, with @refs/heads/main for a ref.",
            valueName: "uri"
        )
    )
    var source: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The commit of the source, 40 or 64 hexadecimal digits (otherwise BASALT_SOURCE_COMMIT, else git is asked).",
            discussion:
                "Asked, git gives the commit that is checked out, and the build is refused if that does not hold every file it reads.",
            valueName: "hex"
        )
    )
    var sourceCommit: String?

    init() {}

    var isNamed: Bool { source != nil || sourceCommit != nil }

    func validate() throws {
        _ = try location()
        if let sourceCommit { _ = try Self.commit(sourceCommit, named: "--source-commit") }
    }

    private func location() throws -> SourceRepository? {
        guard let source else { return nil }
        do {
            return try SourceRepository(parsing: source)
        } catch {
            throw ValidationError("'\(source)' is no place of a repository: \(error.reason)")
        }
    }

    private static func commit(_ text: String, named name: String) throws -> GitCommit {
        guard let commit = GitCommit(text) else {
            throw ValidationError("\(name) is '\(text)', which is not 40 or 64 hexadecimal digits")
        }
        return commit
    }

    /// Puts source and commit into a build's options.
    ///
    /// - Throws: `no-source` for a commit of nothing.
    func apply(to options: inout BuildOptions, configuration: Configuration) throws {
        options.source = try location() ?? configuration.source
        guard options.source != nil else {
            if sourceCommit == nil { return }
            throw BuildError(
                "no-source",
                "there is a --source-commit and no repository that it is of",
                hint: "name the repository with --source, or with 'source' in the configuration"
            )
        }
        let variable = ProcessInfo.processInfo.environment[Self.variable].flatMap { $0.isEmpty ? nil : $0 }
        if let sourceCommit {
            options.sourceCommit = try Self.commit(sourceCommit, named: "--source-commit")
        } else if let variable {
            options.sourceCommit = try Self.commit(variable, named: Self.variable)
        }
    }
}
