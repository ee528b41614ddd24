// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import Glibc

/// Why a test could not be run at all; the test is skipped then, with this as its reason.
package struct ContainerError: Failure, Equatable {
    package let code: String
    package let message: String
    package let hint: String?

    package init(_ code: String, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    static func system(_ action: String, _ path: String) -> ContainerError {
        ContainerError("file-system", "cannot \(action) '\(path)': \(String(cString: strerror(errno)))")
    }
}
