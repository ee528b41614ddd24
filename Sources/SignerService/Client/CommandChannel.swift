// SPDX-License-Identifier: Apache-2.0

package import Signing
internal import Subprocess

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
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { try await run(request) }
            group.addTask {
                try await Task.sleep(for: duration)
                throw SigningError(.unavailable, name, "it gave no answer in \(duration.components.seconds) seconds")
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { return [] }
            return answer
        }
    }

    private func run(_ request: [UInt8]) async throws -> [UInt8] {
        let output: [UInt8]
        let complaint: String
        let isGood: Bool
        do {
            let result = try await Subprocess.run(
                // env(1) finds programs by name and by path.
                .name("env"),
                arguments: Arguments(["--", program] + arguments),
                input: .array(request),
                output: .bytes(limit: SignerResponse.limit),
                error: .string(limit: 1 << 16)
            )
            output = result.standardOutput
            complaint = result.standardError
            isGood = result.terminationStatus.isSuccess
        } catch let error as CancellationError {
            throw error
        } catch {
            throw SigningError(.unavailable, name, "the program could not be run: \(error)")
        }
        guard isGood else {
            let line = complaint.split(separator: "\n").last.map { String($0.prefix(300)) } ?? "it says nothing"
            throw SigningError(.unavailable, name, "the program failed: \(line)")
        }
        return output
    }
}
