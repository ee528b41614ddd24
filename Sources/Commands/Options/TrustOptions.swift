// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CanonicalJSON
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

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A trust policy.",
            discussion: """
                --trusted-root takes the place of the policy's own, and what the policy requires of it stays; \
                --require-timestamp adds to that. Flags that name signers or let in more are refused beside a policy.
                """,
            valueName: "file"
        )
    )
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
        guard policy != nil else {
            if transparency.requireTimestamp && transparency.trustedRoot == nil {
                throw ValidationError("--require-timestamp needs --trusted-root")
            }
            return
        }
        if !key.isEmpty || transparency.isIdentityNamed {
            throw ValidationError("--policy excludes --key and --certificate-identity: it names the signers itself")
        }
        // What would have no effect, or take away what the policy asks for.
        for (isGiven, option, member) in [
            (!builder.isEmpty, "--builder", "\"builders\" of its entries"),
            (transparency.allowUnlogged, "--allow-unlogged", "\"requireLog\": false"),
            (transparency.allowUnlistedCertificate, "--allow-unlisted-certificate", "\"requireCertificateLog\": false"),
        ] where isGiven {
            throw ValidationError("--policy excludes \(option): the policy itself says it, by \(member)")
        }
    }

    /// - Returns: the policy, and, for a digest of it, a document that stands for its file and every file that it names; none
    ///   for what flags alone make.
    func trust() throws -> (policy: TrustPolicy, document: JSON?) {
        var trust: TrustPolicy
        var document: JSON?
        if let policy {
            (trust, document) = try Self.read(policy)
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
        try apply(&trust)
        return (trust, document)
    }

    private static func read(_ policy: String) throws -> (TrustPolicy, JSON) {
        let directory = Files.directory(of: Files.absolute(policy))
        let bytes = try Files.read(policy, limit: 1 << 20)
        var files: [String: String] = [:]
        let trust = try TrustPolicy(parsing: bytes) { name in
            let content = try Files.read(name.hasPrefix("/") ? name : directory + "/" + name, limit: 1 << 20)
            files[name] = Digest.of(content).description
            return content
        }
        return (trust, .object([("files", .map(files)), ("policy", .string(Digest.of(bytes).description))]))
    }

    /// Lays what is said of logs and timestamps over a policy, of which it may replace the root and add to the rest.
    private func apply(_ trust: inout TrustPolicy) throws {
        let given = try transparency.verifier()
        guard let root = given?.root ?? trust.transparency?.root else {
            if transparency.requireTimestamp {
                throw ValidationError("--require-timestamp needs --trusted-root, or a policy with a \"trustedRoot\"")
            }
            return
        }
        var requirements = trust.transparency?.requirements ?? transparency.requirements
        if transparency.requireTimestamp { requirements.needsTimestamp = true }
        trust.transparency = BundleVerifier(root: root, requirements: requirements)
    }
}
