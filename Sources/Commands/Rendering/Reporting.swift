// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CanonicalJSON
internal import Diagnostics
internal import Glibc

/// How runs end: what is printed, and the exit code. The only place that knows the codes.
package enum Reporting {
    /// 0 done, 1 the answer is no, 2 wrong usage, 3 input or environment.
    ///
    /// - Parameter judges: whether the command was asked if what it reads is to be believed.
    static func exitCode(_ outcome: Outcome, judges: Bool = false) -> Int32 {
        switch outcome {
        case .negative: 1
        case .usage: 2
        case .environment: 3
        case .contradiction: judges ? 1 : 3
        }
    }

    /// Runs a command's work; a failure becomes its message (or, for programs, a JSON object) and its exit code.
    static func run(
        _ format: OutputFormat,
        progress: ProgressRenderer? = nil,
        judges: Bool = false,
        _ work: () async throws -> Void
    ) async throws {
        do {
            try await work()
            progress?.clear()
        } catch let failure as any Failure {
            progress?.clear()
            if format == .json {
                let error: JSON = .members([
                    ("code", .string(failure.code)), ("message", .string(failure.message)),
                    ("hint", failure.hint.map { .string($0) }),
                ])
                Terminal.out(String(decoding: JSON.object([("error", error)]).compact, as: UTF8.self) + "\n")
            }
            Terminal.error(text(failure))
            throw ExitCode(exitCode(failure.outcome, judges: judges))
        }
    }

    static func text(_ failure: any Failure) -> String {
        let label = Terminal.hasColour ? "\u{1B}[1;31merror:\u{1B}[0m" : "error:"
        // A message may quote an image, a registry or a mirror.
        return "\(label) \(PlainText.lines(failure.message))\n"
            + (failure.hint.map { "  hint: \(PlainText.lines($0))\n" } ?? "")
    }
}
