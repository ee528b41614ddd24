// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Diagnostics
internal import Fetching
internal import Foundation
internal import OCI

extension VEXStatus: ExpressibleByArgument {}
extension VEXJustification: ExpressibleByArgument {}

package struct VEXAddCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Write a statement about a vulnerability beside a definition.",
        discussion: """
            The statement goes to 'vex/<vulnerability>.json' beside the definition. One about the same vulnerability and the \
            same package that is there already is replaced, and the document's version raised.

            A package is a name of the definition's distribution (libssl3t64, or libssl3t64@3.5.1-1 for one version), or a \
            package URL; without one the statement is about the image itself.

            Examples:
              basalt vex add definitions/curl/13.yaml --id CVE-2025-0001 --status not_affected \\
                --justification vulnerable_code_not_in_execute_path --package libssl3t64 \\
                --author 'Example Security'
              basalt vex add definitions/curl/13.yaml --id CVE-2025-0002 --status affected --package curl \\
                --action 'Update to 8.15 when it is there.' --author 'Example Security'
            """
    )

    @Argument(help: ArgumentHelp("The definition that the statement is for.", valueName: "definition"))
    var definition: String

    @Option(name: .long, help: ArgumentHelp("The vulnerability, such as CVE-2024-3094.", valueName: "id"))
    var id: String

    @Option(name: .long, help: "not_affected, affected, fixed or under_investigation.")
    var status: VEXStatus

    @Option(name: .long, help: ArgumentHelp("Why it is not affected.", valueName: "label"))
    var justification: VEXJustification?

    @Option(
        name: .customLong("package"),
        parsing: .singleValue,
        help: ArgumentHelp("A package name, or a package URL; repeatable.", valueName: "package")
    )
    var packages: [String] = []

    @Option(name: .long, help: ArgumentHelp("Another name of the vulnerability; repeatable.", valueName: "id"))
    var alias: [String] = []

    @Option(name: .long, help: ArgumentHelp("Why it is not affected, in words.", valueName: "text"))
    var impact: String?

    @Option(name: .long, help: ArgumentHelp("What whoever is affected should do.", valueName: "text"))
    var action: String?

    @Option(name: .long, help: ArgumentHelp("How the status was found out.", valueName: "text"))
    var note: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Who states it (default: 'vex.author' of the configuration).", valueName: "name")
    )
    var author: String?

    @Option(
        name: .long,
        help: ArgumentHelp("When it was known, in RFC 3339 (default: SOURCE_DATE_EPOCH, else now).", valueName: "time")
    )
    var time: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The configuration file (default: basalt.yaml, if it is there).", valueName: "file")
    )
    var config: String?

    package init() {}

    package func validate() throws {
        let isName = id.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || "-._".utf8.contains($0)
        }
        guard isName, !id.isEmpty, !id.hasPrefix("."), id.utf8.count <= 200 else {
            throw ValidationError("'\(id)' is no identifier of a vulnerability: letters, digits and '-._'")
        }
        if let time, Timestamp.seconds(time) == nil { throw ValidationError("'\(time)' is no time of RFC 3339") }
        _ = try SourceDateEpoch.read()
    }

    package func run() async throws {
        try await Reporting.run(.text) {
            let configuration = try ConfigurationFile.read(given: config)
            guard let author = author ?? configuration.vexAuthor else {
                throw BuildError(
                    "no-author",
                    "it is open who states it",
                    hint: "give --author, or set 'vex: {author: …}' in the configuration",
                    outcome: .usage
                )
            }
            let planned = try PlannedDefinition(path: definition, platforms: nil, requiresBuildable: false)
            let seconds = try SourceDateEpoch.read() ?? Int(Date().timeIntervalSince1970)
            let writing = VEXWriting(
                planned: planned,
                configuration: configuration,
                author: author,
                timestamp: time ?? Timestamp.text(seconds)
            )
            var statement = VEXStatement(
                vulnerability: .init(name: id, aliases: alias),
                products: try writing.products(packages),
                status: status,
                statusNotes: note,
                justification: justification,
                impactStatement: impact,
                actionStatement: action
            )
            statement.timestamp = writing.timestamp
            let (path, isNew) = try writing.write(statement)
            Terminal.out("\(isNew ? "wrote" : "updated") \(path)\n")
        }
    }
}
