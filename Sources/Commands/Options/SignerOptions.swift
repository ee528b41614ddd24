// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Cryptography
internal import Fetching
internal import SignerService
internal import Signing

/// Who signs: a key that is read here, or a signer that is asked.
struct SignerOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The private key to sign with.", valueName: "file"))
    var key: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A file with the key's password (otherwise BASALT_KEY_PASSWORD or COSIGN_PASSWORD, else asked for on a terminal).",
            valueName: "file"
        )
    )
    var keyPasswordFile: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A signer to ask, whose key is elsewhere: unix:SOCKET, or exec:PROGRAM with its arguments (docs/signer.md).",
            valueName: "place"
        )
    )
    var signer: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The public key that the signer must have; without it, its own word counts.",
            valueName: "file"
        )
    )
    var signerKey: String?

    init() {}

    func validate() throws {
        if key != nil && signer != nil { throw ValidationError("--key and --signer exclude each other") }
        if keyPasswordFile != nil && key == nil { throw ValidationError("--key-password-file goes with --key") }
        if signerKey != nil && signer == nil { throw ValidationError("--signer-key goes with --signer") }
    }

    /// Nil when nobody was named.
    func signer() async throws -> (any StatementSigner)? {
        if let key { return KeySigner(try SigningKey.read(key, passwordFile: keyPasswordFile)) }
        guard let signer else { return nil }
        let pinned = try signerKey.map { try KeyReading.publicKey($0) }
        return try await RemoteSigner(RemoteSigner.channel(signer), pinned: pinned)
    }

    func required() async throws -> any StatementSigner {
        guard let signer = try await signer() else {
            throw ValidationError("give --key or --signer: somebody has to sign")
        }
        return signer
    }

    /// Where the public key lies, as far as the options tell.
    var publicKeyFile: String? {
        signerKey ?? key.map { ($0.hasSuffix(".key") ? String($0.dropLast(4)) : $0) + ".pub" }
    }
}
