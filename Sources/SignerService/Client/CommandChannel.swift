// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
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
        try await withCheckedThrowingContinuation { continuation in
            // Waiting for a program is no work for the threads that tasks share.
            DispatchQueue.global().async { [self] in
                continuation.resume(with: Result { try exchangeWaiting(request) })
            }
        }
    }

    private func exchangeWaiting(_ request: [UInt8]) throws(SigningError) -> [UInt8] {
        let result = try ChildProcess(program: program, arguments: arguments, name: name).run(
            input: request,
            outputLimit: SignerResponse.limit,
            deadline: Deadline(after: duration)
        )
        guard result.isGood else {
            let line = result.complaint.split(separator: "\n").last.map { String($0.prefix(300)) } ?? "it says nothing"
            throw SigningError(.unavailable, name, "the program failed: \(line)")
        }
        return result.output
    }
}
