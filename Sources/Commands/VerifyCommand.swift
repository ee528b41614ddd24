// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import Fetching
internal import OCI
internal import Transparency
internal import Verification

extension SignatureForms: ExpressibleByArgument {}
extension TestDemand: ExpressibleByArgument {}

package struct VerifyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check an image's signatures, its evidence, and that both agree with what is in it.",
        discussion: """
            The image lies in an OCI layout or in a registry, from which only what the checks need is read. Every check is \
            made, and the exit code is 1 when any fails. \
            A trust policy file maps keys to the builders that they may vouch for (docs/slsa.md); --key trusts a key for any \
            builder.

            Examples:
              basalt verify out/debian-base/13:13 --key keys/signing/basalt.pub
              basalt verify out/debian-base/13 --policy policy.json \\
                --definition definitions/debian-base/13.yaml
              basalt verify out/debian-base/13 --key keys/signing/basalt.pub \\
                --source git+https://git.example.org/images@refs/heads/main
              basalt verify registry.example.org/base/debian:13 --policy policy.json
              basalt verify out/debian-base/13 --policy policy.json \\
                --summary 13.intoto.jsonl --summary-key verifier.key
              basalt verify out/debian-base/13 --key release.pub \\
                --trusted-root trusted_root.json --require-timestamp
              basalt verify out/debian-base/13 --key keys/signing/basalt.pub \\
                --tests passed --require-test no-shell
              basalt verify registry.example.org/others/image:1 --key others.pub \\
                --signatures any --signature-only
            """
    )

    @OptionGroup var options: ImageOptions

    @OptionGroup var trusting: TrustOptions

    @Option(name: .long, help: ArgumentHelp("The definition that the image must be made from.", valueName: "file"))
    var definition: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The repository of definitions that its provenance must name; with @ref behind it, the ref, too.",
            valueName: "uri"
        )
    )
    var source: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The canonical repository that signatures must name.",
            discussion: """
                Simple signatures name it, and statements whose subject's name is a purl with it. A bundle that is an image's \
                signature and nothing else, as cosign 3 makes them, names none: that is not enough then.
                """,
            valueName: "name"
        )
    )
    var repository: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The oldest time at which the image may have been made: an older one is good evidence of another time.",
            valueName: "RFC 3339"
        )
    )
    var notBefore: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "In which form signatures must be there: both, bundle, legacy or any (default: both, or the policy's).",
            discussion: "Our own images have both. cosign 3 writes bundles only, cosign 2 only the older form.",
            valueName: "forms"
        )
    )
    var signatures: SignatureForms?

    @Flag(
        name: .long,
        help: ArgumentHelp(
            "Require a signature and no statements. Those that are there still have to be right.",
            discussion:
                "Provenance is needed all the same for --definition, --source, --builder and their like in a policy."
        )
    )
    var signatureOnly = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What signed test results have to say: any, unfailed, required or passed (default: unfailed, or the policy's).",
            discussion: """
                unfailed: none says FAILED; required: every platform has one, too; passed: and no failure was acknowledged.
                """,
            valueName: "demand"
        )
    )
    var tests: TestDemand?

    @Option(
        name: .long,
        parsing: .singleValue,
        help: ArgumentHelp(
            "A test that somebody trusted must say passed, on every platform, such as no-shell; repeatable.",
            valueName: "name"
        )
    )
    var requireTest: [String] = []

    @OptionGroup var summarising: SummaryOptions

    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func validate() throws {
        if !trusting.isNamed {
            throw ValidationError(
                "give --key, --certificate-identity or --policy: without trust nothing can be verified"
            )
        }
        if let notBefore, Timestamp.seconds(notBefore) == nil {
            throw ValidationError("'\(notBefore)' is no time: write it as 2026-01-31T12:00:00Z")
        }
    }

    /// What to verify against, and the digest that stands for it in a summary.
    private func trust() throws -> (policy: TrustPolicy, digest: Digest) {
        var (trust, document) = try trusting.trust()
        var identity = document?.canonical ?? []
        if let signatures { trust.signatures = signatures }
        if signatureOnly { trust.predicateTypes = [] }
        if let repository { trust.repository = repository }
        if let source { trust.source = source }
        if let tests { trust.tests = tests }
        trust.requiredTests += requireTest
        if let definition { trust.definition = .of(try Files.read(definition, limit: 16 << 20)) }
        if let notBefore { trust.expectations.notBefore = Timestamp.seconds(notBefore) }
        if document == nil || repository != nil || definition != nil || notBefore != nil
            || trusting.transparency.trustedRoot != nil || trusting.transparency.requireTimestamp || signatures != nil
            || signatureOnly || source != nil || tests != nil || !requireTest.isEmpty
        {
            // Flags are policy, too.
            let keys = document == nil ? trust.roots.compactMap { $0.key?.fingerprint.description } : []
            identity =
                JSON.object([
                    ("builders", .strings(trusting.builder)),
                    ("definition", .string(trust.definition?.description ?? "")),
                    ("file", .string(document.map { Digest.of($0.canonical).description } ?? "")),
                    ("keys", .strings(keys)),
                    ("notBefore", .string(notBefore ?? "")), ("repository", .string(repository ?? "")),
                    ("requiredTests", .strings(trust.requiredTests)), ("signatureOnly", .bool(signatureOnly)),
                    ("signatures", .string(trust.signatures.rawValue)), ("source", .string(trust.source ?? "")),
                    ("tests", .string(trust.tests.rawValue)),
                    ("transparency", try trusting.transparency.json()),
                ]).canonical
        }
        return (trust, .of(identity))
    }

    package func run() async throws {
        let progress = ProgressRenderer(isQuiet: options.quiet || format == .json)
        try await Reporting.run(format, progress: progress, judges: true) {
            let (trust, identity) = try trust()
            let source = try await options.source(progress)
            let report = try await ImageVerifier(source: source, policy: trust).verify()
            try await summarising.write(
                report,
                policy: identity,
                repository: trust.repository,
                image: options,
                source: source,
                progress
            )
            progress.clear()
            switch format {
            case .json: Terminal.out(String(decoding: report.json.compact, as: UTF8.self) + "\n")
            case .text: Terminal.out(VerificationRendering.text(report, image: options.image))
            }
            if !report.isPassed { throw ExitCode(1) }
        }
    }
}
