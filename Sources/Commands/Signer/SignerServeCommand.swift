// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import CLinux
internal import Dispatch
internal import Glibc
internal import SignerService

package struct SignerServeCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer requests at a Unix socket until it is told to stop (SIGTERM, SIGINT).",
        discussion: """
            Examples:
              basalt signer serve --key release.key --policy policy.json \\
                --socket /run/basalt-signer/socket --log signer.log
            """
    )

    @OptionGroup var options: ServiceOptions

    @Option(name: .long, help: ArgumentHelp("Where builds reach it.", valueName: "path"))
    var socket: String

    package init() {}

    package func run() async throws {
        try await Reporting.run(.text) {
            // Nobody attaches to the process, and no core file shows the key.
            _ = basalt_seal_memory()
            let server = try SignerServer(try await options.service(), path: socket)
            Terminal.error("listening at \(socket)\n")
            await Self.signal()
            server.stop()
            await server.drain()
        }
    }

    /// Returns when the process is told to stop.
    private static func signal() async {
        let signals = [SIGTERM, SIGINT]
        for number in signals { Glibc.signal(number, SIG_IGN) }
        let sources = signals.map { DispatchSource.makeSignalSource(signal: $0, queue: .global()) }
        let stream = AsyncStream<Void> { continuation in
            for source in sources {
                source.setEventHandler { continuation.finish() }
                source.resume()
            }
        }
        for await _ in stream {}
        for source in sources { source.cancel() }
    }
}
