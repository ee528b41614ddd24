// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

/// Collects what is wrong with one file: each problem once, and no more of them than anyone would read. A hostile file can
/// have a problem in every few bytes, and each is shown with its line.
struct ProblemList {
    private var problems: [Diagnostic] = []
    private var seen: Set<Diagnostic> = []
    private let most: Int
    /// The first problem beyond the bound: where it is, and the worst severity of those that were left out.
    private var omitted: (severity: Severity, location: SourceLocation)?

    init(most: Int = 1_000) { self.most = most }

    /// Whether nothing was reported, listed or not.
    var isEmpty: Bool { problems.isEmpty && omitted == nil }

    /// Adds a problem, which is made only when there is room for it: finding its line takes time.
    mutating func add(_ severity: Severity, at location: SourceLocation, _ problem: () -> Diagnostic) {
        guard problems.count < most else {
            let worst = max(severity, omitted?.severity ?? severity)
            omitted = (worst, omitted?.location ?? location)
            return
        }
        let made = problem()
        if seen.insert(made).inserted { problems.append(made) }
    }

    mutating func add(_ problem: Diagnostic) {
        add(problem.severity, at: problem.location) { problem }
    }

    /// The problems, and where some were left out a last one that says so, as severe as the worst of them.
    var diagnostics: [Diagnostic] {
        guard let omitted else { return problems }
        let message = "there are more than \(most) problems; those from here on are not listed"
        return problems + [Diagnostic(omitted.severity, "too-many-problems", message, at: omitted.location)]
    }
}
