// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Building
internal import Cryptography
internal import Diagnostics
internal import Fetching
internal import Foundation
internal import Packages
internal import Signing

package struct BuildCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build images, with their evidence and signatures, into OCI layouts.",
        discussion: """
            Examples:
              basalt build definitions/debian-base/13.yaml
              basalt build definitions/*/13.yaml --platform linux/arm64 \\
                --key keys/signing/basalt.key
              basalt build definitions/curl/13.yaml --locked --offline --format json
              basalt build definitions/static/13.yaml --key release.key \\
                --in-index-attestations
              basalt build definitions/curl/13.yaml \\
                --signer unix:/run/basalt-signer/socket --signer-key release.pub
              basalt build definitions/curl/13.yaml --key release.key \\
                --source git+https://git.example.org/images@refs/heads/main
              basalt build definitions/curl/13.yaml --key release.key --rekor https://rekor.example.org \\
                --timestamp https://timestamp.example.org/api/v1/timestamp

            With --certificate the image is signed by who the certificate names, and verified by that name:
              basalt build definitions/curl/13.yaml --key release.key --certificate release.pem \\
                --timestamp https://timestamp.example.org/api/v1/timestamp

            Without --key or --signer the image is not signed and carries no evidence.
            """
    )

    @Argument(help: ArgumentHelp("The definitions to build.", valueName: "definition"))
    var definitions: [String]

    @Option(
        name: .long,
        parsing: .singleValue,
        help: ArgumentHelp("A platform to build; repeatable (default: all of the definition).", valueName: "os/arch")
    )
    var platform: [String] = []

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The directory that gets a layout for each definition.", valueName: "dir")
    )
    var output: String = "out"

    @Option(name: .long, help: ArgumentHelp("Build from this lock.", valueName: "file"))
    var lock: String?

    @Flag(name: .long, help: "Build from the lock beside the definition.")
    var locked = false

    @OptionGroup var signing: SignerOptions

    @Flag(
        name: .long,
        help: ArgumentHelp(
            "Put SBOM and provenance into the image index as well, where BuildKit's tools look for them.",
            discussion: "They become part of the index and change its digest."
        )
    )
    var inIndexAttestations = false

    @OptionGroup var sources: SourceOptions

    @OptionGroup var witnesses: WitnessOptions

    @Option(name: .long, help: ArgumentHelp("The most layers an image may have.", valueName: "number"))
    var layers: Int = 10

    @Flag(
        name: .long,
        help: "Stop when a standard check fails. A signed image is always checked; without this it is only said."
    )
    var test = false

    @Option(
        name: .long,
        help: ArgumentHelp("The most that a platform's layers may have, compressed; implies --test.", valueName: "size")
    )
    var maxSize: ByteCount?

    @OptionGroup var environment: EnvironmentOptions

    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func validate() throws {
        if witnesses.isNamed && signing.key == nil && signing.signer == nil {
            throw ValidationError("there is no signature to confirm without --key or --signer")
        }
        if sources.isNamed && signing.key == nil && signing.signer == nil && !inIndexAttestations {
            throw ValidationError("there is no provenance to name a source in without --key or --signer")
        }
        if environment.repositories.offline && witnesses.isNamed {
            throw ValidationError("--offline excludes \(witnesses.names): nobody else can confirm a signature offline")
        }
        if lock != nil && locked { throw ValidationError("--lock and --locked exclude each other") }
        if lock != nil && definitions.count > 1 {
            throw ValidationError("--lock is for one definition; --locked uses the lock beside each")
        }
        if !(1...100).contains(layers) { throw ValidationError("--layers is a number from 1 to 100") }
        _ = try platforms()
        _ = try SourceDateEpoch.read()
    }

    private func platforms() throws -> Set<Platform>? {
        if platform.isEmpty { return nil }
        return Set(
            try platform.map { name in
                guard let platform = Platform(rawValue: name) else {
                    throw ValidationError(
                        "'\(name)' is no platform: write \(Platform.allCases.map(\.rawValue).joined(separator: " or "))"
                    )
                }
                return platform
            }
        )
    }

    package func run() async throws {
        let progress = ProgressRenderer(isQuiet: environment.quiet)
        try await Reporting.run(format, progress: progress) {
            var options = BuildOptions(output: output)
            options.platforms = try platforms()
            options.suites = try environment.implicitSuites()
            options.isStrict = environment.strict
            options.layerLimit = layers
            options.hasInIndexAttestations = inIndexAttestations
            options.requiresStandards = test || maxSize != nil
            options.sizeLimit = maxSize?.bytes
            options.sourceDateEpoch = try SourceDateEpoch.read()
            options.locking = lock.map { .lock($0) } ?? (locked ? .beside : .resolve)
            let signer = try await signing.signer().map {
                try witnesses.witnessed($0, network: environment.network, config: environment.repositories.config)
            }
            let surroundings = try environment.environment(
                definitions: definitions,
                signer: signer,
                observer: progress.observer
            )
            try sources.apply(to: &options, configuration: surroundings.configuration)
            let build = Build(environment: surroundings, options: options)
            var images: [BuiltImage] = []
            for definition in definitions {
                let started = Int(Date().timeIntervalSince1970)
                images.append(
                    try await build.run(definition) {
                        (UUID().uuidString.lowercased(), started, Int(Date().timeIntervalSince1970))
                    }
                )
                progress.clear()
                if format == .text, let image = images.last {
                    Terminal.out(BuildSummary.text(image, key: signing.publicKeyFile))
                }
            }
            if format == .json { Terminal.out(BuildSummary.json(images)) }
        }
    }
}
