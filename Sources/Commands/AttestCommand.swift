// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import Fetching
internal import OCI
internal import Signing
internal import Verification

package struct AttestCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "Sign a statement about an image and attach it.",
        discussion: """
            The predicate is a JSON file; its type is a URI, or one of spdx, cyclonedx, provenance, openvex, test-result.
            The statement is about the image and all its platforms.

            Examples:
              basalt attest out/debian-base-13 --type openvex --predicate vex.json --key keys/signing/basalt.key
              basalt attest out/debian-base-13 --type https://example.org/review/v1 --predicate review.json --key k.key
            """
    )

    @Argument(help: "The image: DIRECTORY or DIRECTORY:TAG.")
    var image: String

    @Option(name: .long, help: ArgumentHelp("The predicate's type.", valueName: "uri"))
    var type: String

    @Option(name: .long, help: ArgumentHelp("The predicate.", valueName: "file"))
    var predicate: String

    @Option(name: .long, help: ArgumentHelp("The key to sign with.", valueName: "file"))
    var key: String

    @Option(name: .long, help: ArgumentHelp("A file with the key's password.", valueName: "file"))
    var keyPasswordFile: String?

    package init() {}

    private static let names = [
        "spdx": PredicateType.spdx, "cyclonedx": PredicateType.cycloneDX, "provenance": PredicateType.provenance,
        "openvex": PredicateType.openVEX, "test-result": PredicateType.testResult,
    ]

    package func validate() throws {
        if Self.names[type] == nil && !type.contains(":") {
            throw ValidationError("'\(type)' is no URI and no known name")
        }
    }

    package func run() async throws {
        try await Reporting.run(.text) {
            let reference = LayoutReference(image)
            let layout = try reference.open()
            let root = try layout.resolve(reference.tag)
            let images = try root.mediaType == MediaType.index ? layout.imageIndex(root).images : []
            let content: JSON
            do {
                content = try JSON(parsing: Files.read(predicate, limit: 64 << 20))
            } catch let error as JSONError {
                throw BuildError("malformed-predicate", "'\(predicate)' is not JSON: \(error)")
            }
            let predicateType = Self.names[type] ?? type
            let targets = [root] + images
            let statement = Statement(
                subjects: targets.map { Subject(digest: $0.digest) },
                predicateType: predicateType,
                predicate: content
            )
            let created = try layout.created(of: images.first ?? root)
            var draft = LayoutDraft(layout)
            try await EvidenceGraph(repository: "", created: Timestamp.text(created)).append(
                .init(predicateType: predicateType, statement: statement.bytes, targets: targets.map(\.digest)),
                to: &draft,
                layout: layout,
                root: root,
                manifests: images,
                signer: KeySigner(SigningKey.read(key, passwordFile: keyPasswordFile))
            )
            try draft.write(to: reference.directory)
            Terminal.out("\(predicateType)  sha256:\(Digest.of(statement.bytes).hex)\n")
        }
    }
}
