// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import Diagnostics
internal import Fetching
internal import Foundation
internal import Registry

/// What push, pull and copy have in common.
struct TransferOptions: ParsableArguments {
    @Flag(name: .long, help: "Speak HTTP without TLS to registries. One on this machine needs no flag.")
    var plainHTTP = false

    @OptionGroup var network: NetworkOptions

    @Flag(name: .long, help: "Leave signatures, attestations and other referrers behind.")
    var withoutEvidence = false

    @Option(name: .long, help: "How the result is printed: text or json.")
    var format: OutputFormat = .text

    @Flag(name: [.short, .long], help: "Print errors only.")
    var quiet = false

    init() {}

    /// Copies, shows how it comes on, and prints what was done.
    ///
    /// - Parameter verb: `pushed`, `pulled`, `copied`.
    func transfer(
        from: @autoclosure () throws -> ImageLocation,
        to: @autoclosure () throws -> ImageLocation,
        verb: String
    ) async throws {
        let progress = ProgressRenderer(isQuiet: quiet || format == .json)
        try await Reporting.run(format, progress: progress) {
            let source = try from()
            let target = try to()
            var options = ImageTransfer.Options()
            options.isPlain = plainHTTP
            options.http = try network.settings()
            options.withEvidence = !withoutEvidence
            let variables = ProcessInfo.processInfo.environment
            let observer = progress.observer
            let transfer = ImageTransfer(
                store: try Store(at: try Store.defaultRoot(environment: variables)),
                environment: variables,
                options: options,
                observer: { observer(.fetch($0)) }
            )
            let report = try await transfer.copy(from: source, to: target)
            progress.clear()
            if format == .json {
                Terminal.out(Self.json(report, from: source, to: target))
            } else if !quiet {
                Terminal.out(Self.text(report, to: target, verb: verb))
            }
        }
    }

    private static func text(_ report: TransferReport, to target: ImageLocation, verb: String) -> String {
        var blobs = ["\(report.uploaded) blobs transferred (\(Size.text(report.bytes)))"]
        if report.mounted > 0 { blobs.append("\(report.mounted) mounted") }
        if report.present > 0 { blobs.append("\(report.present) there already") }
        return """
            \(verb) \(target)
              digest    \(report.digest)
              manifests \(report.documents)
              blobs     \(blobs.joined(separator: ", "))
              tags      \(report.tags.isEmpty ? "none" : report.tags.map { PlainText.of($0) }.joined(separator: ", "))

            """
    }

    private static func json(_ report: TransferReport, from: ImageLocation, to: ImageLocation) -> String {
        let json: JSON = [
            "source": .string(from.description), "target": .string(to.description),
            "digest": .string(report.digest.description), "manifests": .integer(report.documents),
            "blobs": [
                "transferred": .integer(report.uploaded), "mounted": .integer(report.mounted),
                "present": .integer(report.present), "bytes": .integer(report.bytes),
            ],
            "tags": .strings(report.tags), "fallbackTags": .bool(report.usedFallback),
        ]
        return String(decoding: json.compact, as: UTF8.self) + "\n"
    }
}
