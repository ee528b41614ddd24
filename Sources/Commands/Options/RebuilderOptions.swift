// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Building
internal import Cryptography
internal import Fetching
internal import SignerService
internal import Signing

/// Who signs that an image was built again.
struct RebuilderOptions: ParsableArguments {
    @Flag(
        name: .long,
        help: "Sign what was reproduced as an independent rebuilder, and attach the statement to the image."
    )
    var attest = false

    @Option(name: .long, help: ArgumentHelp("The rebuilder's private key.", valueName: "file"))
    var attestKey: String?

    @Option(name: .long, help: ArgumentHelp("A file with that key's password.", valueName: "file"))
    var attestKeyPasswordFile: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The rebuilder's signer: unix:SOCKET or exec:PROGRAM (docs/signer.md).", valueName: "place")
    )
    var attestSigner: String?

    @Option(name: .long, help: ArgumentHelp("The public key that this signer must have.", valueName: "file"))
    var attestSignerKey: String?

    init() {}

    var isWanted: Bool { attest }

    func validate() throws {
        if attest && (attestKey == nil) == (attestSigner == nil) {
            throw ValidationError("a rebuilder's statement is signed: give either --attest-key or --attest-signer")
        }
        if !attest && (attestKey != nil || attestSigner != nil) {
            throw ValidationError("--attest-key and --attest-signer go with --attest")
        }
        if attestSignerKey != nil && attestSigner == nil {
            throw ValidationError("--attest-signer-key goes with --attest-signer")
        }
    }

    /// Whoever signs, and the builder id that is signed for: that of the configuration, by the rules of a build.
    func signer(_ environment: BuildEnvironment) async throws -> (signer: any StatementSigner, builder: String)? {
        guard attest else { return nil }
        var environment = environment
        if let attestKey {
            environment.signer = KeySigner(try SigningKey.read(attestKey, passwordFile: attestKeyPasswordFile))
        } else if let attestSigner {
            let pinned = try attestSignerKey.map { try KeyReading.publicKey($0) }
            environment.signer = try await RemoteSigner(RemoteSigner.channel(attestSigner), pinned: pinned)
        }
        try environment.checkBuilder(hasStatements: false)
        return environment.signer.map { ($0, environment.builder) }
    }
}
