// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import Verification

/// Which statement of an image is wanted, for the commands that print one.
package struct StatementOptions: ParsableArguments {
    @Argument(help: "The image: DIRECTORY or DIRECTORY:TAG.")
    var image: String

    @Option(name: .long, help: ArgumentHelp("The platform's statement instead of the whole index's.", valueName: "os/arch"))
    var platform: String?

    @Option(name: .long, help: ArgumentHelp("Print only what this public key signed.", valueName: "file"))
    var key: String?

    package init() {}

    func entries() throws -> [EvidenceListing.Entry] {
        let reference = LayoutReference(image)
        let trusted = try key.map { try PublicKey(pem: Files.read($0, limit: 1 << 20)) }
        if trusted == nil { Terminal.error("note: not verified; give --key, or use 'basalt verify'\n") }
        let listing = try EvidenceListing(reference.open(), tag: reference.tag, key: trusted)
        // `linux/arm64` names the image whose index entry says linux/arm64/v8.
        return listing.entries.filter { entry in
            guard let platform else { return entry.subject == "index" || entry.subject == "image" }
            return entry.subject == platform || entry.subject.hasPrefix(platform + "/")
        }
    }

    /// Prints the predicate of the first statement of a type, in the order in which they were attached.
    func printPredicate(_ type: String, what: String) throws {
        guard let entry = try entries().first(where: { $0.statement.predicateType == type }) else {
            throw BuildError(
                "no-statement", "the image '\(image)' has no \(what)\(platform.map { " for \($0)" } ?? "")",
                hint: "'basalt inspect \(image)' lists what it has")
        }
        Terminal.out(entry.statement.predicate.pretty)
    }
}

package struct SBOMCommand: AsyncParsableCommand {
    enum Kind: String, ExpressibleByArgument, CaseIterable { case spdx, cyclonedx }

    package static let configuration = CommandConfiguration(
        commandName: "sbom",
        abstract: "Print an image's bill of materials.",
        discussion: """
            Without --platform it is the document of the whole index: its images and all their packages. A platform's has
            every file too.

            Examples:
              basalt sbom out/debian-base-13 --platform linux/amd64 > sbom.spdx.json
              basalt sbom out/debian-base-13 --type cyclonedx --key keys/signing/basalt.pub
            """)

    @OptionGroup var options: StatementOptions

    @Option(name: .long, help: "spdx or cyclonedx.")
    var type: Kind = .spdx

    package init() {}

    package func run() async throws {
        try await Reporting.run(.text) {
            try options.printPredicate(
                type == .spdx ? PredicateType.spdx : PredicateType.cycloneDX, what: "\(type.rawValue) document")
        }
    }
}

package struct ProvenanceCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "provenance",
        abstract: "Print an image's SLSA provenance: what it was made from, and how.",
        discussion: """
            Examples:
              basalt provenance out/debian-base-13
              basalt provenance out/debian-base-13 --key keys/signing/basalt.pub | jq .buildDefinition.resolvedDependencies
            """)

    @OptionGroup var options: StatementOptions

    package init() {}

    package func run() async throws {
        try await Reporting.run(.text) {
            try options.printPredicate(PredicateType.provenance, what: "provenance")
        }
    }
}
