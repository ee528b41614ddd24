// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser

package struct VEXCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "vex",
        abstract: "State which vulnerabilities affect an image, and check such statements.",
        discussion: """
            Statements are OpenVEX documents in the folder 'vex' beside a definition. A build merges those that are about its \
            image into one document and attaches it. docs/vex.md says how statements name images and packages.
            """,
        subcommands: [VEXAddCommand.self, VEXCheckCommand.self, VEXShowCommand.self]
    )

    package init() {}
}

/// `basalt vex show`: the document that consumers find.
package struct VEXShowCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the VEX document that is attached to an image.",
        discussion: """
            Examples:
              basalt vex show out/curl/13 --key keys/signing/basalt.pub > image.vex.json
            """
    )

    @OptionGroup var options: StatementOptions

    package init() {}

    package func run() async throws {
        try await Reporting.run(.text) { try await options.printPredicate(Self.type, what: "VEX document") }
    }

    private static let type = "https://openvex.dev/ns/v0.2.0"
}
