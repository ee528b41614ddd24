// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import Diagnostics
internal import Fetching
internal import Foundation
internal import OCI
internal import Reproduction
internal import Signing

package struct ReproduceCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "reproduce",
        abstract: "Build an image again from its own record, and compare it byte by byte.",
        discussion: """
            The image is verified first. Its signed provenance then says what it was built from: the definition, which is looked \
            for in the working directory, the lock, which the image carries, and every parameter. Nothing that was derived in an \
            earlier build is used; packages are taken from the store by digest, or fetched. (docs/reproducing.md)

            Exit codes: 0 every byte is the same; 1 it is another image, and the output says where, or it is not verified; 3 it \
            cannot be built here.

            Examples:
              basalt reproduce out/debian-base/13 --key keys/signing/basalt.pub
              basalt reproduce registry.example.org/images/nginx:13 --policy policy.json \\
                --definitions ~/images
              basalt reproduce out/curl/13 --key release.pub --definition 13.yaml \\
                --lock 13.lock.json --format json
              basalt reproduce registry.example.org/images/curl:13 --key release.pub \\
                --attest --attest-key rebuilder.key
            """
    )

    @OptionGroup var options: ImageOptions

    @OptionGroup var trusting: TrustOptions

    @Flag(name: .long, help: "Believe the record without verifying it: for finding out how a suspicious image differs.")
    var unverified = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The checkout of the repository of definitions, which recorded paths are relative to.",
            valueName: "dir"
        )
    )
    var definitions: String = "."

    @Option(
        name: .long,
        help: ArgumentHelp("The definition, wherever it lies; it must be the recorded one.", valueName: "file")
    )
    var definition: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The lock, for images that carry none; it must be the recorded one.", valueName: "file")
    )
    var lock: String?

    @Flag(name: .long, help: "Compare although another version of this program built the image.")
    var anyVersion = false

    @OptionGroup var repositories: RepositoryOptions

    @OptionGroup var attesting: RebuilderOptions

    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func validate() throws {
        if trusting.isNamed == unverified {
            throw ValidationError(
                unverified
                    ? "--unverified excludes --key, --certificate-identity and --policy"
                    : "give --key, --certificate-identity or --policy to verify the image's record, or say --unverified"
            )
        }
        if unverified && attesting.isWanted {
            throw ValidationError("--attest needs a verified record: whose build it confirms must be known")
        }
    }

    package func run() async throws {
        let progress = ProgressRenderer(isQuiet: options.quiet || format == .json)
        try await Reporting.run(format, progress: progress, judges: true) {
            let source = try await options.source(progress, config: repositories.config)
            let image = try await RecordedImage(source, trust: unverified ? nil : trusting.trust().policy)
            let inputs = try await RecordedInputs(
                of: image,
                at: .init(definition: definition, definitions: definitions, lock: lock)
            )
            let rebuild = try Rebuild(
                image,
                from: inputs,
                version: BasaltVersion.text,
                acceptsOtherVersions: anyVersion
            )
            // A store of its own: what an earlier build derived would only be compared with itself.
            let place = FileManager.default.temporaryDirectory.path + "/basalt-reproduce-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: place) }
            let environment = try repositories.environment(
                definitions: [inputs.planned.path],
                network: options.network,
                store: try Store(at: place),
                observer: progress.observer
            )
            let signer = try await attesting.signer(environment)
            let store = try Store(at: try Store.defaultRoot(environment: ProcessInfo.processInfo.environment))
            let rebuilt = try await rebuild.run(environment, packages: store)
            let report = try await ReproductionReport(image, rebuilt, version: BasaltVersion.text)
            var attested: Digest?
            if let signer, report.isReproduced {
                let statement = RebuilderStatement.of(
                    image.provenance,
                    builder: signer.builder,
                    version: BasaltVersion.text
                )
                // A referrer only: what others signed is not for cosign's list of the publisher's attestations.
                let attestedImage = try await AttestedImage(
                    options,
                    in: source,
                    about: image.root.digest,
                    config: repositories.config,
                    progress
                )
                try await attestedImage.refer([statement], signer: signer.signer)
                attested = .of(statement.bytes)
            }
            progress.clear()
            switch format {
            case .json: Terminal.out(ReproductionRendering.json(report, attested: attested))
            case .text: Terminal.out(ReproductionRendering.text(report, attested: attested))
            }
            if !report.isReproduced { throw ExitCode(Reporting.exitCode(.negative)) }
        }
    }
}
