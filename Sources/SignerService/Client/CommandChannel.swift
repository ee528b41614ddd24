// SPDX-License-Identifier: Apache-2.0

internal import ChildProcesses
package import Signing

/// A signer that is a program: a request on its standard input, the answer on its standard output.
package struct CommandChannel: SignerChannel {
    private let program: String
    private let arguments: [String]
    private let duration: Duration

    /// - Parameter command: words separated by spaces; there is no shell and no quoting.
    package init(_ command: String, duration: Duration = .seconds(60)) throws(SigningError) {
        let words = command.split(separator: " ").map(String.init)
        guard let program = words.first else { throw SigningError(.unavailable, "exec:", "it names no program") }
        self.program = program
        arguments = Array(words.dropFirst())
        self.duration = duration
    }

    package var name: String { "exec:" + ([program] + arguments).joined(separator: " ") }

    /// Where a program's key lies is its own affair, and its operator's to say.
    package var isKeyAtHand: Bool { false }

    package func exchange(_ request: [UInt8]) async throws -> [UInt8] {
        let result: ChildProcess.Result
        do {
            result = try await ChildProcess(program: program, arguments: arguments).run(
                input: request,
                outputLimit: SignerResponse.limit,
                deadline: Deadline(after: duration)
            )
        } catch {
            throw SigningError(.unavailable, name, error.reason)
        }
        guard result.isGood else {
            let line = result.complaint.split(separator: "\n").last.map { String($0.prefix(300)) } ?? "it says nothing"
            throw SigningError(.unavailable, name, "the program failed: \(line)")
        }
        return result.output
    }
}
