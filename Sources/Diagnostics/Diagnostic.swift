// SPDX-License-Identifier: Apache-2.0

/// A problem at a place in a file. Diagnostics are collected, so that one run shows all of them; errors that end a run are
/// `Failure`s.
package struct Diagnostic: Hashable, Sendable {
    package var severity: Severity
    /// A stable, lower-case, dashed identifier for programs, such as `unknown-field`.
    package var code: String
    /// What is wrong, in one sentence.
    package var message: String
    /// What to write instead, if the program knows.
    package var hint: String?
    package var location: SourceLocation
    /// The source line the location is in, for the underline; nil when the file has no such line.
    package var excerpt: String?

    package init(
        _ severity: Severity,
        _ code: String,
        _ message: String,
        hint: String? = nil,
        at location: SourceLocation,
        excerpt: String? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.hint = hint
        self.location = location
        self.excerpt = excerpt
    }
}

extension Sequence<Diagnostic> {
    /// By file (bytes), line, column, then code: the order in which people read, the same on every machine.
    package func inReadingOrder() -> [Diagnostic] {
        sorted { a, b in
            if a.location.file != b.location.file {
                return a.location.file.utf8.lexicographicallyPrecedes(b.location.file.utf8)
            }
            if a.location.line != b.location.line { return a.location.line < b.location.line }
            if a.location.column != b.location.column { return a.location.column < b.location.column }
            if a.severity != b.severity { return a.severity > b.severity }
            if a.code != b.code { return a.code.utf8.lexicographicallyPrecedes(b.code.utf8) }
            return a.message.utf8.lexicographicallyPrecedes(b.message.utf8)
        }
    }

    package var hasErrors: Bool { contains { $0.severity == .error } }
    package func count(of severity: Severity) -> Int { reduce(0) { $0 + ($1.severity == severity ? 1 : 0) } }
}
