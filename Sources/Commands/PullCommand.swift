// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Registry

package struct PullCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Pull an image and its evidence from a registry into an OCI layout directory.",
        discussion: """
            Every blob is checked against its digest, and kept in the store. The directory is written whole or not at all; \
            a layout that is there is replaced.

            Examples:
              basalt pull registry.example.org/base/debian:13 out/debian
              basalt pull registry.example.org/base/debian@sha256:… out/debian:13
            """
    )

    @Argument(help: ArgumentHelp("The image.", valueName: "host/repository[:tag][@digest]"))
    var reference: String

    @Argument(
        help: ArgumentHelp("The directory to write, with the tag that the image gets there.", valueName: "layout[:tag]")
    )
    var layout: String

    @OptionGroup var options: TransferOptions

    package init() {}

    package func run() async throws {
        try await options.transfer(
            from: ImageLocation(registry: reference),
            to: ImageLocation(layout: layout),
            verb: "pulled"
        )
    }
}
