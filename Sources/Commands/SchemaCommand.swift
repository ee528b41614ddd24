// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CanonicalJSON
internal import Definitions

package struct SchemaCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON schema of definitions, for editors and validators.",
        discussion: """
            The schema is written from the model that 'basalt lint' checks with. To use it in an editor, save it and begin \
            a definition with '# yaml-language-server: $schema=PATH' (below the syntax line).
            """
    )

    @Flag(name: .long, help: "Print the fields as a Markdown table instead, for the reference page.")
    var reference = false

    package init() {}

    package func run() { Terminal.out(reference ? ReferenceWriter.fields : SchemaWriter.schema.pretty) }
}
