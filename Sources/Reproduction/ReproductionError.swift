// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// Why an image is not built again. That it was built and is another image is no error but a `ReproductionReport`.
package struct ReproductionError: Failure, Equatable {
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
