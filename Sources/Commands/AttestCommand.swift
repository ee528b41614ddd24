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
            The predicate is a JSON file; its type is a URI, or one of spdx, cyclonedx, provenance, openvex, test-result. \
            The statement is about the image and all its platforms. In a registry, only the evidence is written.

            Examples:
              basalt attest out/debian-base/13 --type openvex --predicate vex.json \\
                --key keys/signing/basalt.key
              basalt attest out/debian-base/13 --type https://example.org/review/v1 \\
                --predicate review.json --key k.key
            """
    )

    @OptionGroup var options: ImageOptions

    @Option(name: .long, help: ArgumentHelp("The predicate's type.", valueName: "uri"))
    var type: String

    @Option(name: .long, help: ArgumentHelp("The predicate.", valueName: "file"))
    var predicate: String

    @OptionGroup var signing: SignerOptions

    @OptionGroup var witnesses: WitnessOptions

    package init() {}

    package func validate() throws { _ = try PredicateTypeName.type(type) }

    package func run() async throws {
        let progress = ProgressRenderer(isQuiet: options.quiet)
        try await Reporting.run(.text, progress: progress) {
            let content: JSON
            do {
                content = try JSON(parsing: Files.read(predicate, limit: 64 << 20))
            } catch let error as JSONError {
                throw BuildError("malformed-predicate", "'\(predicate)' is not JSON: \(error)")
            }
            let predicateType = try PredicateTypeName.type(type)
            let problems = PredicateForm.problems(content, type: predicateType)
            guard problems.isEmpty else {
                throw BuildError(
                    "malformed-predicate",
                    "'\(predicate)' cannot be a predicate of the type \(predicateType):"
                        + problems.map { "\n  \($0)" }.joined(),
                    hint: "nothing was signed"
                )
            }
            let signer = try witnesses.witnessed(await signing.required(), network: options.network)
            let image = try await AttestedImage(options, in: options.source(progress), progress)
            let statement = Statement(
                subjects: image.targets.map { Subject(digest: $0.digest) },
                predicateType: predicateType,
                predicate: content
            )
            try await image.attach(statement, signer: signer)
            progress.clear()
            Terminal.out("\(statement.predicateType)  sha256:\(Digest.of(statement.bytes).hex)\n")
        }
    }
}
