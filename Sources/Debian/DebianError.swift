// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// What goes wrong with Debian's repositories, indexes and packages. Tests compare `code`.
package struct DebianError: Failure, Equatable {
    package var code: String
    package var message: String
    package var hint: String?
    package var outcome: Outcome

    package init(_ code: String, _ message: String, hint: String? = nil, outcome: Outcome = .environment) {
        self.code = code
        self.message = message
        self.hint = hint
        self.outcome = outcome
    }
}
