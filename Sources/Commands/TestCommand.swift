// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Containers
internal import Cryptography
internal import Definitions
internal import Diagnostics
internal import Fetching
internal import Foundation
internal import OCI
internal import Packages
internal import Registry
internal import Signing
internal import Standards
internal import Verification

package struct TestCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Check that an image keeps the standards, and run its definition's tests in a container.",
        discussion: """
            Every image is held to the standards that docs/testing.md lists; nothing of it is run for that. With a container \
            runtime (runc or crun), the image is started with a read-only root, and with --definition the definition's \
            'tests' are run too. What cannot be run here is skipped, with the reason. The exit code is 1 when anything fails.

            Examples:
              basalt test out/debian-base/13:13
              basalt test out/curl/13 --definition definitions/curl/13.yaml \\
                --junit tests.xml --ctrf tests.json
              basalt test out/curl/13 --max-size 40MB --attest \\
                --key keys/signing/basalt.key
            """
    )

    @OptionGroup var options: ImageOptions

    @Option(
        name: .long,
        parsing: .singleValue,
        help: ArgumentHelp("A platform to test; repeatable (default: all of the image).", valueName: "os/arch")
    )
    var platform: [String] = []

    @Option(name: .long, help: ArgumentHelp("The definition whose tests are run.", valueName: "file"))
    var definition: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The most that a platform's layers may have, compressed.", valueName: "size")
    )
    var maxSize: ByteCount?

    @Flag(name: .long, help: "Only check the standards; start no container.")
    var standardsOnly = false

    @Option(name: .long, help: ArgumentHelp("The container runtime (default: runc, else crun).", valueName: "program"))
    var runtime: String?

    @Option(name: .long, help: ArgumentHelp("Seconds for a command whose test states none.", valueName: "seconds"))
    var timeout: Int = 60

    @Option(
        name: .long,
        help: ArgumentHelp("The configuration file (default: basalt.yaml, if it is there).", valueName: "file")
    )
    var config: String?

    @Option(name: .long, help: ArgumentHelp("Write a CTRF report.", valueName: "file"))
    var ctrf: String?

    @Option(name: .long, help: ArgumentHelp("Write a JUnit report.", valueName: "file"))
    var junit: String?

    @Flag(name: .long, help: "Sign the result and attach it to the image.")
    var attest = false

    @OptionGroup var signing: SignerOptions

    @OptionGroup var witnesses: WitnessOptions

    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func validate() throws {
        if attest != (signing.key != nil || signing.signer != nil) {
            throw ValidationError("--attest goes with --key or --signer")
        }
        if witnesses.isNamed && !attest {
            throw ValidationError("--rekor, --timestamp and --signing-config go with --attest")
        }
        if !(1...3600).contains(timeout) { throw ValidationError("--timeout is a number of seconds from 1 to 3600") }
        if let runtime, Containers.ContainerRuntime.find(runtime) == nil {
            throw ValidationError("the container runtime '\(runtime)' is not here")
        }
    }

    package func run() async throws {
        let progress = ProgressRenderer(isQuiet: options.quiet || format == .json)
        try await Reporting.run(format, progress: progress) {
            let configuration = try ConfigurationFile.read(given: config)
            let signer = try await signing.signer().map {
                try witnesses.witnessed($0, network: options.network, config: config)
            }
            let source = try await options.source(progress, config: config)
            let (report, tested) = try await test(source, configuration)
            progress.clear()
            if let ctrf { try Files.replace(ctrf, with: Array(report.ctrf.pretty.utf8)) }
            if let junit { try Files.replace(junit, with: Array(report.junit.utf8)) }
            switch format {
            case .json: Terminal.out(String(decoding: report.json.compact, as: UTF8.self) + "\n")
            case .text: Terminal.out(TestRendering.text(report, image: options.image))
            }
            if let signer { try await attach(report, about: tested, in: source, configuration, signer, progress) }
            if !report.isPassed { throw ExitCode(Reporting.exitCode(.negative)) }
        }
    }

    /// - Returns: the report, and the manifests that it is about: the index only if every one of its images was tested.
    private func test(
        _ source: any ImageSource,
        _ configuration: Configuration
    ) async throws -> (TestReport, [Descriptor]) {
        var repository = try await repository(source, configuration)
        let document = definition.map { DefinitionLoader().load(path: $0) }
        let started = Self.now()
        let root = try await source.root()
        let images = try await source.images(of: root)
        var tested: [Descriptor] = []
        var results: [TestResult] = []
        for descriptor in images {
            let image = try await TestedImage(descriptor, in: source)
            // `linux/arm64` names the image that says linux/arm64/v8.
            let name = image.configuration.platform.description
            guard platform.isEmpty || platform.contains(where: { name == $0 || name.hasPrefix($0 + "/") }) else {
                continue
            }
            tested.append(descriptor)
            let target = TargetPlatform(rawValue: name.split(separator: "/").prefix(2).joined(separator: "/"))
            if let target, let named = try document?.plan(platform: target).image {
                repository = configuration.branding.image(named)
            }
            results += Standards.check(
                image,
                options: StandardOptions(sizeLimit: maxSize?.bytes),
                acknowledged: configuration.acknowledged(for: repository ?? ""),
                now: Self.now
            )
            if standardsOnly { continue }
            let tests = try target.flatMap { target in try document?.tests(platform: target) } ?? []
            var functional = FunctionalTests.Options(runtime: ContainerRuntime.find(runtime), now: Self.now)
            functional.timeout = timeout
            results += await FunctionalTests(tests, of: image, options: functional).run()
        }
        guard !results.isEmpty else {
            throw BuildError("no-platform", "the image is not for \(platform.joined(separator: ", "))")
        }
        if repository == nil { explain(results, configuration) }
        if MediaType.isIndex(root.mediaType) && tested.count == images.count { tested.insert(root, at: 0) }
        let report = TestReport(
            digest: root.digest,
            results: results,
            toolVersion: BasaltVersion.text,
            started: started,
            finished: Self.now(),
            isNormalised: false
        )
        return (report, tested)
    }

    /// What the image is called, if the configuration has something to say about images by name: in a registry what it is
    /// asked for as, in a layout what its statements call it.
    private func repository(_ source: any ImageSource, _ configuration: Configuration) async throws -> String? {
        guard configuration.acknowledgesByName, definition == nil else { return nil }
        if case .registry(let reference) = try options.location() { return "\(reference.host)/\(reference.repository)" }
        return try await EvidenceListing(source, key: nil).repository
    }

    /// Says why an acknowledgement had no effect, where that could be the reason.
    private func explain(_ results: [TestResult], _ configuration: Configuration) {
        for name in Set(results.filter { $0.outcome == .failed && $0.suite == .standards }.map(\.name)).sorted() {
            let images = configuration.images(acknowledging: name)
            if images.isEmpty { continue }
            Terminal.error(
                "note: the configuration acknowledges '\(name)' for \(images.joined(separator: ", ")), and this image does not"
                    + " say what it is called: give --definition\n"
            )
        }
    }

    /// Attaches the result as two statements: the one that in-toto defines, and the whole report.
    private func attach(
        _ report: TestReport,
        about tested: [Descriptor],
        in source: any ImageSource,
        _ configuration: Configuration,
        _ signer: any StatementSigner,
        _ progress: ProgressRenderer
    ) async throws {
        let namespace = configuration.namespace.map { Namespace(base: $0) } ?? Namespace()
        var inputs: [ResourceDescriptor] = []
        if let definition {
            let name = definition.split(separator: "/").last.map(String.init) ?? definition
            inputs.append(ResourceDescriptor(name: name, digest: .of(try Files.read(definition, limit: 16 << 20))))
        }
        let image = try await AttestedImage(options, in: source, about: report.digest, config: config, progress)
        let subjects = tested.map { Subject(digest: $0.digest) }
        let statements = [
            (PredicateType.testResult, report.predicate(namespace: namespace, configuration: inputs)),
            (namespace.ctrf, report.ctrf),
        ].map { Statement(subjects: subjects, predicateType: $0.0, predicate: $0.1) }
        // Times of this run: referrers, and nothing that a rebuild would have to repeat.
        try await image.refer(statements, to: tested, signer: signer)
        progress.clear()
        if format == .text { Terminal.out(statements.map { "attached \($0.predicateType)\n" }.joined()) }
    }

    /// Milliseconds since the epoch.
    private static func now() -> Int { Int(Date().timeIntervalSince1970 * 1000) }
}
