// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Diagnostics
internal import OCI
internal import Verification

package struct InspectCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what an image is: platforms, layers, configuration, and the statements about it.",
        discussion: """
            Examples:
              basalt inspect out/debian-base/13
              basalt inspect out/debian-base/13:13 --format json
              basalt inspect registry.example.org/base/debian:13
            """
    )

    @OptionGroup var options: ImageOptions

    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func run() async throws {
        let progress = ProgressRenderer(isQuiet: options.quiet || format == .json)
        try await Reporting.run(format, progress: progress) {
            let source = try await options.source(progress)
            let root = try await source.root()
            let tags = try await source.tags(of: root)
            let statements = try await EvidenceListing(source, key: nil).entries
            var platforms:
                [(name: String, descriptor: Descriptor, manifest: Manifest, configuration: ImageConfiguration)] = []
            for descriptor in try await source.images(of: root) {
                let manifest = try await source.manifest(descriptor)
                let configuration = try await source.configuration(descriptor)
                platforms.append((configuration.platform.description, descriptor, manifest, configuration))
            }
            progress.clear()
            if format == .json {
                let list = platforms.map { entry -> JSON in
                    .members([
                        ("platform", .string(entry.name)), ("digest", .string(entry.descriptor.digest.description)),
                        ("created", .string(Timestamp.text(entry.configuration.created))),
                        ("user", entry.configuration.user.map { .string($0) }),
                        ("entrypoint", entry.configuration.entrypoint.map { .strings($0) }),
                        ("command", entry.configuration.command.map { .strings($0) }),
                        ("environment", .strings(entry.configuration.environment)),
                        ("labels", .map(entry.configuration.labels)),
                        ("layers", .array(entry.manifest.layers.map(\.json))),
                    ])
                }
                let evidence = statements.map { entry -> JSON in
                    .object([
                        ("subject", .string(entry.subject)), ("predicateType", .string(entry.statement.predicateType)),
                        ("sha256", .string(Digest.of(entry.bytes).hex)), ("size", .integer(entry.bytes.count)),
                        ("signers", .strings(entry.signers.sorted())),
                    ])
                }
                let json = JSON.object([
                    ("digest", .string(root.digest.description)), ("tags", .strings(tags)),
                    ("platforms", .array(list)), ("statements", .array(evidence)),
                ])
                Terminal.out(String(decoding: json.compact, as: UTF8.self) + "\n")
                return
            }
            // Everything that follows is the image's own word.
            let tagLine = tags.map { PlainText.of($0) }.joined(separator: ", ")
            var out = "\(options.image)  \(root.digest)\n  tags  \(tagLine)\n"
            for entry in platforms {
                let size = entry.manifest.layers.reduce(0) { $0 + $1.size }
                out += "\(PlainText.of(entry.name))  \(entry.descriptor.digest)\n"
                out += "  created     \(Timestamp.text(entry.configuration.created))\n"
                if let user = entry.configuration.user { out += "  user        \(PlainText.of(user))\n" }
                let run = (entry.configuration.entrypoint ?? []) + (entry.configuration.command ?? [])
                if !run.isEmpty {
                    out += "  runs        \(PlainText.of(run.joined(separator: " "), limit: 2_000))\n"
                }
                out += "  layers      \(entry.manifest.layers.count), \(Size.text(size)) compressed\n"
                for layer in entry.manifest.layers { out += "    \(layer.digest)  \(Size.text(layer.size))\n" }
            }
            out += "statements\n"
            for entry in statements {
                let (subject, type) = (PlainText.of(entry.subject), PlainText.of(entry.statement.predicateType))
                out += "  \(subject)  \(type)  \(Size.text(entry.bytes.count))\n"
            }
            Terminal.out(out)
        }
    }
}
