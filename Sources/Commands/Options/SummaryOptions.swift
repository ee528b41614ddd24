// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import Diagnostics
internal import Fetching
internal import Foundation
internal import OCI
internal import Registry
internal import SignerService
internal import Signing
internal import Verification

/// The verification summary that `verify` writes.
struct SummaryOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Write a signed verification summary (SLSA's VSA) to this file.", valueName: "file")
    )
    var summary: String?

    @Flag(name: .long, help: "Attach the verification summary to the image, if it was verified.")
    var attachSummary = false

    @Option(name: .long, help: ArgumentHelp("The private key that signs the summary.", valueName: "file"))
    var summaryKey: String?

    @Option(name: .long, help: ArgumentHelp("A file with that key's password.", valueName: "file"))
    var summaryKeyPasswordFile: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The signer that signs the summary: unix:SOCKET or exec:PROGRAM.", valueName: "place")
    )
    var summarySigner: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Logs and timestamp authorities that confirm the attached summary, as for 'basalt attest --signing-config'.",
            valueName: "file"
        )
    )
    var summarySigningConfig: String?

    @Option(name: .long, help: ArgumentHelp("The verifier's id in the summary.", valueName: "uri"))
    var verifier: String = Namespace().verifier

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What was verified, as its consumers name it (default: the purl of the image in its repository).",
            valueName: "uri"
        )
    )
    var resource: String?

    @Flag(name: .long, help: "Say in the summary when it was made; without it, equal verifications give equal bytes.")
    var timed = false

    init() {}

    private var isWanted: Bool { summary != nil || attachSummary }

    func validate() throws {
        if isWanted && (summaryKey == nil) == (summarySigner == nil) {
            throw ValidationError("a summary is signed: give either --summary-key or --summary-signer")
        }
        if !isWanted && (summaryKey != nil || summarySigner != nil) {
            throw ValidationError("--summary-key and --summary-signer go with --summary or --attach-summary")
        }
        if summarySigningConfig != nil && !attachSummary {
            throw ValidationError("--summary-signing-config goes with --attach-summary: plain DSSE has no place for it")
        }
    }

    private func signer() async throws -> any StatementSigner {
        if let summaryKey {
            return KeySigner(try SigningKey.read(summaryKey, passwordFile: summaryKeyPasswordFile))
        }
        return try await RemoteSigner(RemoteSigner.channel(summarySigner ?? ""), pinned: nil)
    }

    private func witnessed(_ signer: any StatementSigner, network: NetworkOptions) throws -> any StatementSigner {
        guard let summarySigningConfig else { return signer }
        return try WitnessOptions.parse(["--signing-config", summarySigningConfig]).witnessed(signer, network: network)
    }

    /// Signs and writes what was concluded, good or bad.
    ///
    /// - Parameters:
    ///   - policy: the digest of what was verified against.
    ///   - repository: the canonical one, if the policy names it.
    ///   - source: the image as it was opened to be verified.
    func write(
        _ report: VerificationReport,
        policy: Digest,
        repository: String?,
        image: ImageOptions,
        source: any ImageSource,
        _ progress: ProgressRenderer
    ) async throws {
        guard isWanted else { return }
        let made = VerificationSummary(
            report: report,
            resource: try resource ?? purl(report.digest, repository: repository, image: image),
            policy: policy,
            verifier: verifier,
            time: timed ? Int(Date().timeIntervalSince1970) : nil
        )
        let signer = try await signer()
        let statement = made.statement
        if let summary {
            let signature = try await signer.sign(.statement(statement.bytes))
            let envelope = Envelope(payload: statement.bytes, signatures: [.init(bytes: signature)])
            // One line: the form of in-toto's `.intoto.jsonl` (attestation spec/v1/bundle.md).
            try Files.replace(summary, with: envelope.json(withKeyID: true).compact + [0x0A])
        }
        if attachSummary && report.isPassed {
            let attested = try await AttestedImage(image, in: source, about: report.digest, progress)
            try await attested.attach(statement, signer: witnessed(signer, network: image.network))
        }
    }

    private func purl(_ digest: Digest, repository: String?, image: ImageOptions) throws -> String {
        var repository = repository
        if repository == nil, case .registry(let reference) = try image.location() {
            repository = "\(reference.host)/\(reference.repository)"
        }
        guard let repository else {
            throw BuildError(
                "no-resource",
                "the summary has to say of which image it is, and neither the policy nor the image names a repository",
                hint: "give --resource or --repository",
                outcome: .usage
            )
        }
        let name = repository.split(separator: "/").last.map(String.init) ?? repository
        return PackageURL(
            type: "oci",
            name: name.lowercased(),
            version: digest.description,
            qualifiers: ["repository_url": repository]
        ).description
    }
}
