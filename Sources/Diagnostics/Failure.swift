// SPDX-License-Identifier: Apache-2.0

/// What a failure means to whoever started the program; `Commands` maps it to an exit code in one place.
package enum Outcome: Sendable, Equatable {
    /// The question was answered, and the answer is no: verification failed, not reproducible, unsatisfiable (exit 1).
    case negative
    /// The command line itself is wrong (exit 2).
    case usage
    /// The input or the environment is wrong: a file, a mirror, a disk (exit 3).
    case environment
    /// What was read contradicts itself: its digest, its form. To a command that judges it that is the answer, no (exit 1); to
    /// all others it is wrong input (exit 3).
    case contradiction
}

/// An error that a person will read. Every module's error type conforms, so that the command line can print all of them
/// the same way: what happened, where, and what to do next.
package protocol Failure: Error, CustomStringConvertible, Sendable {
    /// A stable, lower-case, dashed identifier for programs, such as `hash-mismatch`.
    var code: String { get }
    /// What happened and where, in one sentence that names the file, package or URL path.
    var message: String { get }
    /// What the reader can do about it, if the program knows.
    var hint: String? { get }
    /// How the run ends.
    var outcome: Outcome { get }
}

extension Failure {
    package var hint: String? { nil }
    package var outcome: Outcome { .environment }
    package var description: String { hint.map { "\(message)\n  hint: \($0)" } ?? message }
}
