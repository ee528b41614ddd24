// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

/// Why a verification cannot even begin. What it finds is no error but a `Finding`.
package struct VerificationError: Failure, Equatable {
    package let code: String
    package let message: String
    package let hint: String?

    package init(_ code: String, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}
