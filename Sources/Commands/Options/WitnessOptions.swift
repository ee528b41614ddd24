// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Fetching
internal import Foundation
internal import Signing
internal import Transparency

/// Who shall confirm signatures as they are made.
struct WitnessOptions: ParsableArguments {
    @Option(
        name: .customLong("rekor"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "A transparency log (Rekor 2) to enter every bundle's signature into; repeatable.",
            valueName: "url"
        )
    )
    var logs: [String] = []

    @Option(
        name: .customLong("timestamp"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "A timestamp authority (RFC 3161) to stamp every bundle's signature, by its whole URL; repeatable.",
            valueName: "url"
        )
    )
    var authorities: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Logs and authorities from a file instead, as 'cosign signing-config create' writes it.",
            valueName: "file"
        )
    )
    var signingConfig: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A trusted root that their answers must verify against before anything is written.",
            valueName: "file"
        )
    )
    var trustedRoot: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A certificate for the signing key, with its issuers behind it, in PEM; needs --timestamp.",
            discussion:
                "Verifiers then ask for the identity that it names, and not for the key. It has to be stamped: when it has expired, nobody could tell otherwise that it had not when it signed.",
            valueName: "file"
        )
    )
    var certificate: String?

    init() {}

    /// Whether signatures are to be confirmed at all.
    var isNamed: Bool { !logs.isEmpty || !authorities.isEmpty || signingConfig != nil }

    /// What of it was given, for messages.
    var names: String {
        [
            (!logs.isEmpty, "--rekor"), (!authorities.isEmpty, "--timestamp"),
            (signingConfig != nil, "--signing-config"),
        ].filter(\.0).map(\.1).joined(separator: ", ")
    }

    func validate() throws {
        if signingConfig != nil && !(logs.isEmpty && authorities.isEmpty) {
            throw ValidationError("--signing-config excludes --rekor and --timestamp: it names them itself")
        }
        if trustedRoot != nil && !isNamed {
            throw ValidationError("--trusted-root goes with --rekor, --timestamp or --signing-config")
        }
        if certificate != nil && authorities.isEmpty && signingConfig == nil {
            throw ValidationError(
                "--certificate needs --timestamp: what a certificate signed without a time expires with it"
            )
        }
    }

    /// The signer, with witnesses if some are named.
    ///
    /// - Parameter config: the configuration file, if another than the default one is given.
    func witnessed(
        _ signer: any StatementSigner,
        network: NetworkOptions,
        config: String? = nil
    ) throws -> any StatementSigner {
        var (logs, authorities) = (logs, authorities)
        if let signingConfig {
            let configuration = try SigningConfiguration(
                parsing: Files.read(signingConfig, limit: 1 << 20),
                now: Int(Date().timeIntervalSince1970)
            )
            (logs, authorities) = (configuration.logs, configuration.timestampAuthorities)
        }
        let now = Int(Date().timeIntervalSince1970)
        let certificates = try certificate.map { try SignerCertificate.read($0, for: signer.publicKey, now: now) } ?? []
        if !certificates.isEmpty && authorities.isEmpty {
            throw ValidationError("--certificate needs a timestamp authority, and the signing configuration names none")
        }
        if logs.isEmpty && authorities.isEmpty { return signer }
        var settings = try network.settings(config: config)
        // A log answers once it has integrated the entry.
        settings.stallTimeout = 60
        let transport = try HTTPTransport(settings)
        let witnesses = Witnesses(
            logs: try logs.map { LogClient(try Self.service($0), transport: transport) },
            authorities: try authorities.map { TimestampClient(try Self.service($0), transport: transport) },
            root: try trustedRoot.map { try TrustedRoot(parsing: Files.read($0, limit: 16 << 20)) }
        )
        return WitnessedSigner(signer, certificates: certificates, witness: witnesses)
    }

    private static func service(_ url: String) throws -> Locator {
        let locator = try Locator(url)
        guard locator.scheme != "file" else {
            throw ValidationError("'\(url)' is no service: write http://… or https://…")
        }
        return locator
    }
}
