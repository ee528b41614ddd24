// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// What can go wrong in the pipeline itself; the modules below have errors of their own.
package struct BuildError: Failure, Equatable {
    package let code: String
    package let message: String
    package let hint: String?
    package let outcome: Outcome

    package init(_ code: String, _ message: String, hint: String? = nil, outcome: Outcome = .environment) {
        self.code = code
        self.message = message
        self.hint = hint
        self.outcome = outcome
    }
}
