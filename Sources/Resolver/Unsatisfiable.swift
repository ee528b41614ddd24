// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// There is no set of packages that does what a definition asks for: the chain of reasons, and what would change it.
package struct Unsatisfiable: Failure, Equatable {
    /// Where it was: `linux/arm64`, so that a reader of two platforms' messages knows which.
    package var context: String
    /// Whole sentences; each follows from those before it.
    package var reasons: [String]
    /// What would make it solvable, as instructions; without repetition.
    package var remedies: [String]

    package init(context: String, reasons: [String], remedies: [String]) {
        self.context = context
        self.reasons = reasons
        self.remedies = remedies.enumerated().filter { remedies.firstIndex(of: $0.element) == $0.offset }.map(\.element)
    }

    package var code: String { "unsatisfiable" }
    package var outcome: Outcome { .negative }

    package var message: String {
        let place = context.isEmpty ? "" : " for \(context)"
        if reasons.count == 1, let reason = reasons.first {
            return "the packages cannot be resolved\(place): \(reason)"
        }
        return "the packages cannot be resolved\(place):"
            + reasons.enumerated().map { "\n  \($0.offset + 1). \($0.element)" }.joined()
    }

    package var hint: String? { remedies.isEmpty ? nil : remedies.joined(separator: "; or ") }
}
