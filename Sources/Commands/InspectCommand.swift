// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import OCI
internal import Verification

package struct InspectCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what an image is: platforms, layers, configuration, and the statements about it.",
        discussion: """
            Examples:
              basalt inspect out/debian-base-13
              basalt inspect out/debian-base-13:13 --format json
            """
    )

    @Argument(help: "The image: DIRECTORY or DIRECTORY:TAG.")
    var image: String

    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text

    package init() {}

    package func run() async throws {
        try await Reporting.run(format) {
            let reference = LayoutReference(image)
            let layout = try reference.open()
            let root = try layout.resolve(reference.tag)
            let images = try root.mediaType == MediaType.index ? layout.imageIndex(root).images : [root]
            let statements = try EvidenceListing(layout, tag: reference.tag, key: nil).entries
            var platforms:
                [(name: String, descriptor: Descriptor, manifest: Manifest, configuration: ImageConfiguration)] = []
            for descriptor in images {
                let manifest = try layout.manifest(descriptor)
                let configuration = try ImageConfiguration(
                    parsing: layout.blob(manifest.config),
                    name: "the configuration"
                )
                platforms.append((configuration.platform.description, descriptor, manifest, configuration))
            }
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
                    ])
                }
                let json = JSON.object([
                    ("digest", .string(root.digest.description)), ("tags", .strings(layout.tags)),
                    ("platforms", .array(list)), ("statements", .array(evidence)),
                ])
                Terminal.out(String(decoding: json.compact, as: UTF8.self) + "\n")
                return
            }
            var out = "\(image)  \(root.digest)\n  tags  \(layout.tags.joined(separator: ", "))\n"
            for entry in platforms {
                let size = entry.manifest.layers.reduce(0) { $0 + $1.size }
                out += "\(entry.name)  \(entry.descriptor.digest)\n"
                out += "  created     \(Timestamp.text(entry.configuration.created))\n"
                if let user = entry.configuration.user { out += "  user        \(user)\n" }
                let run = (entry.configuration.entrypoint ?? []) + (entry.configuration.command ?? [])
                if !run.isEmpty { out += "  runs        \(run.joined(separator: " "))\n" }
                out += "  layers      \(entry.manifest.layers.count), \(Size.text(size)) compressed\n"
                for layer in entry.manifest.layers { out += "    \(layer.digest)  \(Size.text(layer.size))\n" }
            }
            out += "statements\n"
            for entry in statements {
                out += "  \(entry.subject)  \(entry.statement.predicateType)  \(Size.text(entry.bytes.count))\n"
            }
            Terminal.out(out)
        }
    }
}
