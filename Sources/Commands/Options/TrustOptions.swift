// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Cryptography
internal import Fetching
internal import Transparency
internal import Verification

/// Whom to believe, for the commands that verify an image.
struct TrustOptions: ParsableArguments {
    @Option(
        name: .long,
        parsing: .singleValue,
        help: ArgumentHelp("A public key to trust; repeatable.", valueName: "file")
    )
    var key: [String] = []

    @Option(name: .long, help: ArgumentHelp("A trust policy.", valueName: "file"))
    var policy: String?

    @Option(
        name: .long,
        parsing: .singleValue,
        help: ArgumentHelp("A builder id that --key may vouch for; repeatable.", valueName: "uri")
    )
    var builder: [String] = []

    @OptionGroup var transparency: TransparencyOptions

    init() {}

    /// Whether anybody is trusted at all.
    var isNamed: Bool { !key.isEmpty || transparency.isIdentityNamed || policy != nil }

    func validate() throws {
        if policy != nil && (!key.isEmpty || transparency.isIdentityNamed) {
            throw ValidationError("--policy excludes --key and --certificate-identity: it names the signers itself")
        }
    }

    /// - Returns: the policy, and the bytes of its file; none of those that flags alone make.
    func trust() throws -> (policy: TrustPolicy, file: [UInt8]?) {
        var trust: TrustPolicy
        var file: [UInt8]?
        if let policy {
            let directory = Files.directory(of: Files.absolute(policy))
            let bytes = try Files.read(policy, limit: 1 << 20)
            trust = try TrustPolicy(parsing: bytes) { name in
                try Files.read(name.hasPrefix("/") ? name : directory + "/" + name, limit: 1 << 20)
            }
            file = bytes
        } else {
            trust = TrustPolicy(
                roots: try key.map {
                    TrustPolicy.Root(key: try KeyReading.publicKey($0), builders: builder)
                }
            )
            if let identity = try transparency.identity() {
                trust.roots.append(TrustPolicy.Root(signer: .certificate(identity), builders: builder))
            }
        }
        if let verifier = try transparency.verifier() { trust.transparency = verifier }
        return (trust, file)
    }
}
