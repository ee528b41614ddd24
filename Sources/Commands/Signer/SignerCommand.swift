// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Cryptography
internal import Signing

/// The process that holds the key.
package struct SignerCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "signer",
        abstract: "Keep the key away from builds: a process of its own that judges statements and signs them.",
        discussion: """
            docs/signer.md describes the policy, the protocol, and how to set the signer up as a user of its own.
            """,
        subcommands: [SignerServeCommand.self, SignerSignCommand.self, SignerCheckCommand.self, SignerKeyCommand.self]
    )
    package init() {}
}

/// Asks a signer for its key.
package struct SignerKeyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "public-key",
        abstract: "Print a signer's public key.",
        discussion: """
            Examples:
              basalt signer public-key \\
                --signer unix:/run/basalt-signer/socket > release.pub
            """
    )

    @OptionGroup var signing: SignerOptions

    package init() {}

    package func run() async throws {
        try await Reporting.run(.text) { Terminal.out(try await signing.required().publicKey.pem) }
    }
}
