// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Definitions
internal import Diagnostics
internal import Fetching
internal import Images
internal import OCI
internal import Verification

package struct VEXCheckCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check VEX statements: files, those of a definition, or those attached to an image.",
        discussion: """
            A file or folder is checked by OpenVEX's rules. A definition's statements are also held against the packages of its \
            lock (the one beside it, or --lock): a statement about a package that is not there any more is an error. Of an \
            image the attached document is checked, and that what it names is in the image.

            Examples:
              basalt vex check definitions/curl/vex
              basalt vex check definitions/curl/13.yaml --lock out/curl/13.lock.json
              basalt vex check out/curl/13
            """
    )

    @Argument(help: ArgumentHelp("A file or folder of statements, a definition, or an image.", valueName: "path"))
    var subject: String

    @Option(name: .long, help: ArgumentHelp("The lock of the definition.", valueName: "file"))
    var lock: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The configuration file (default: basalt.yaml, if it is there).", valueName: "file")
    )
    var config: String?

    @Flag(name: .long, help: "Speak HTTP without TLS to the registry. One on this machine needs no flag.")
    var plainHTTP = false

    @OptionGroup var network: NetworkOptions

    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    private struct Outcome {
        var diagnostics: [Diagnostic] = []
        /// Problems without a place in a file.
        var problems: [String] = []
        var statements = 0
        var notes: [String] = []
        var isGood: Bool { problems.isEmpty && !diagnostics.hasErrors }
    }

    package func run() async throws {
        try await Reporting.run(format) {
            let outcome: Outcome
            if subject.hasSuffix(".yaml") || subject.hasSuffix(".yml") {
                outcome = try definition()
            } else if subject.hasSuffix(".json") || isFolderOfStatements {
                outcome = try files()
            } else {
                outcome = try await image()
            }
            print(outcome)
            if !outcome.isGood { throw ExitCode(Reporting.exitCode(.negative)) }
        }
    }

    private var isFolderOfStatements: Bool {
        FileStatus(of: subject)?.isDirectory == true && !Files.exists(subject + "/oci-layout")
    }

    // MARK: What is checked

    private func files() throws -> Outcome {
        let files: [VEXFile]
        if isFolderOfStatements {
            files = try VEXFolder(path: subject, relativePath: subject).files()
            if files.isEmpty { throw BuildError("no-statements", "'\(subject)' has no .json file") }
        } else {
            files = [VEXFile(name: subject, bytes: try Files.read(subject, limit: VEXDocument.sizeLimit))]
        }
        return outcome(of: files)
    }

    private func outcome(of files: [VEXFile]) -> Outcome {
        var outcome = Outcome()
        outcome.diagnostics = files.flatMap(\.diagnostics)
        outcome.statements = files.reduce(0) { $0 + ($1.document?.statements.count ?? 0) }
        return outcome
    }

    private func definition() throws -> Outcome {
        let configuration = try ConfigurationFile.read(given: config)
        let planned = try PlannedDefinition(path: subject, platforms: nil, requiresBuildable: false)
        let files = try VEXFolder(beside: planned).files()
        var outcome = outcome(of: files)
        let path = lock ?? Lock.path(beside: subject)
        guard Files.exists(path) || lock != nil else {
            outcome.notes.append("there is no lock beside the definition, so packages were not looked at; give --lock")
            return outcome
        }
        let lock = try Lock(parsing: Files.read(path, limit: 1 << 28), path: path)
        let image = try VEXImage(planned, lock: lock, branding: configuration.branding)
        outcome.problems = VEXSelection(files, for: image).problems
        return outcome
    }

    private func image() async throws -> Outcome {
        var options = ImageOptions()
        options.image = subject
        options.quiet = true
        options.plainHTTP = plainHTTP
        options.network = network
        let source = try await options.source(ProgressRenderer(isQuiet: true), config: config)
        let root = try await source.root()
        var outcome = Outcome()
        var databases: [PackageDatabase?] = [nil]
        var targets = [root]
        if MediaType.isIndex(root.mediaType) {
            targets += try await source.images(of: root)
        } else {
            databases = []
        }
        for image in try await source.images(of: root) {
            let contents = try await ImageContents(
                layers: source.manifest(image).layers,
                configuration: source.configuration(image),
                source: source,
                keeps: { PackageDatabase.holds($0) }
            )
            databases.append(try PackageDatabase(contents))
        }
        let entries = try await EvidenceListing(source, key: nil).entries.filter {
            $0.statement.predicateType == PredicateType.openVEX
                || $0.statement.predicateType == PredicateType.openVEXVersioned
        }
        for (target, database) in zip(targets, databases) {
            for entry in entries where entry.target == target.digest {
                let check = VEXCheck(entry.statement.predicate)
                outcome.statements = max(outcome.statements, check.document?.statements.count ?? 0)
                outcome.problems += check.problems(about: target.digest, database).map { "\(entry.subject): \($0)" }
            }
        }
        if entries.isEmpty { outcome.notes.append("the image has no VEX document") }
        outcome.notes.append("signatures were not checked; 'basalt verify' does that")
        return outcome
    }

    // MARK: What is printed

    private func print(_ outcome: Outcome) {
        if format == .json {
            let json = JSON.object([
                ("statements", .integer(outcome.statements)), ("valid", .bool(outcome.isGood)),
                ("diagnostics", .array(outcome.diagnostics.map(\.json))), ("problems", .strings(outcome.problems)),
                ("notes", .strings(outcome.notes)),
            ])
            Terminal.out(String(decoding: json.compact, as: UTF8.self) + "\n")
            return
        }
        let renderer = CaretRenderer(usesColor: OutputStyle.hasColor)
        var out = ""
        for diagnostic in outcome.diagnostics { out += renderer.render(diagnostic) }
        for problem in outcome.problems { out += "error: \(PlainText.lines(problem))\n" }
        for note in outcome.notes { out += "note: \(note)\n" }
        let errors = outcome.diagnostics.count(of: .error) + outcome.problems.count
        out += "\(outcome.statements) statements, \(errors) errors\n"
        Terminal.out(out)
    }
}
