// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Registry

package struct CopyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy an image and its evidence between layouts and registries.",
        discussion: """
            An image is a layout directory ('oci:DIR[:TAG]', or a path) or a registry reference; what is the name of a \
            directory here is taken for one. Within one registry blobs are mounted and not sent.

            Examples:
              basalt copy registry.example.org/base/debian:13 registry.example.org/team/debian:13
              basalt copy out/debian-base:13 oci:/srv/images/debian:13
            """
    )

    @Argument(help: "The image.")
    var source: String

    @Argument(help: "Where it goes.")
    var target: String

    @OptionGroup var options: TransferOptions

    package init() {}

    package func run() async throws {
        try await options.transfer(from: ImageLocation(source), to: ImageLocation(target), verb: "copied")
    }
}
