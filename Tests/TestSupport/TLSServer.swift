// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc

/// OpenSSL's own server on 127.0.0.1: it gives out the files of a directory over TLS.
package final class TLSServer: @unchecked Sendable {
    package let port: UInt16
    private let process = Process()
    private let files: TemporaryDirectory

    /// - Parameters:
    ///   - clients: the authority whose clients alone are let in.
    ///   - files: what is given out, by name.
    package init(
        _ identity: TLSAuthority.Identity,
        clients: String? = nil,
        files: TemporaryDirectory,
        options: [String] = []
    ) throws {
        self.files = files
        process.executableURL = URL(filePath: Tool.find("openssl") ?? "openssl")
        process.arguments =
            ["s_server", "-accept", "127.0.0.1:0", "-cert", identity.certificate, "-key", identity.key, "-WWW"]
            + (clients.map { ["-Verify", "2", "-verify_return_error", "-CAfile", $0] } ?? []) + options
        process.currentDirectoryURL = URL(filePath: files.path)
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        // Its first lines say where it listens.
        var said = ""
        while true {
            let more = output.fileHandleForReading.availableData
            said += String(decoding: more, as: UTF8.self)
            let line = said.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .first { $0.hasPrefix("ACCEPT ") }
            if let line, let number = line.split(separator: ":").last.flatMap({ UInt16($0) }) {
                port = number
                return
            }
            guard !more.isEmpty else {
                Self.stop(process)
                throw ServerFailure(text: "openssl s_server did not come up: \(said)")
            }
        }
    }

    deinit { Self.stop(process) }

    /// What is started from a thread of Swift's pool inherits that thread's signals, which are blocked: so it is killed.
    private static func stop(_ process: Process) {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
