// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Attestations

package struct ProvenanceCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "provenance",
        abstract: "Print an image's SLSA provenance: what it was made from, and how.",
        discussion: """
            Examples:
              basalt provenance out/debian-base/13
              basalt provenance out/debian-base/13 --key keys/signing/basalt.pub \\
                | jq .buildDefinition.resolvedDependencies
            """
    )

    @OptionGroup var options: StatementOptions

    package init() {}

    package func run() async throws {
        try await Reporting.run(.text) {
            try await options.printPredicate(PredicateType.provenance, what: "provenance")
        }
    }
}
