// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Cryptography
internal import Fetching
internal import SignerService
internal import Signing

package struct SignerCheckCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell what a policy says to a document, without any key.",
        discussion: """
            The document is an in-toto statement, or with --simple-signing cosign's older payload. The exit code is 1 when it \
            would be refused.

            Examples:
              basalt signer check statement.json --policy policy.json
            """
    )

    @Argument(help: ArgumentHelp("The exact bytes that would be signed.", valueName: "file"))
    var document: String

    @Option(name: .long, help: ArgumentHelp("The signer's policy.", valueName: "file"))
    var policy: String

    @Flag(name: .long, help: "The document is a simple-signing payload.")
    var simpleSigning = false

    package init() {}

    package func run() async throws {
        try await Reporting.run(.text) {
            let policy = try ServiceOptions.policy(policy)
            let bytes = try Files.read(document, limit: SignerRequest.payloadLimit)
            do {
                let judgement = try policy.judge(simpleSigning ? .simpleSigning(bytes) : .statement(bytes))
                Terminal.out("would be signed\n")
                for subject in judgement.subjects { Terminal.out("  \(subject)\n") }
            } catch let refusal as SignerPolicy.Refusal {
                Terminal.out("would be refused: \(refusal.reason)\n")
                throw ExitCode(1)
            }
        }
    }
}
