// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Attestations

package struct SBOMCommand: AsyncParsableCommand {
    enum Kind: String, ExpressibleByArgument, CaseIterable { case spdx, cyclonedx }

    package static let configuration = CommandConfiguration(
        commandName: "sbom",
        abstract: "Print an image's bill of materials.",
        discussion: """
            Without --platform it is the document of the whole index: an element for each of its images, and all their \
            packages. A platform's has every file too.

            Examples:
              basalt sbom out/debian-base/13 --platform linux/amd64 > sbom.spdx.json
              basalt sbom out/debian-base/13 --type cyclonedx --key keys/signing/basalt.pub
              basalt sbom registry.example.org/base/debian:13 --key keys/signing/basalt.pub
            """
    )

    @OptionGroup var options: StatementOptions

    @Option(name: .long, help: "spdx or cyclonedx.")
    var type: Kind = .spdx

    package init() {}

    package func run() async throws {
        try await Reporting.run(.text) {
            try await options.printPredicate(
                type == .spdx ? PredicateType.spdx : PredicateType.cycloneDX,
                what: "\(type.rawValue) document"
            )
        }
    }
}
