// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

/// What can go wrong while installed packages are put into a tree.
package struct AssemblyError: Failure, Equatable {
    package enum Code: String, Sendable {
        case fileConflict = "file-conflict"
        case badControl = "bad-control-file"
        case unknownScript = "unknown-script"
        case badInput = "bad-package-content"
    }

    package let kind: Code
    package let message: String
    package let hint: String?

    package init(_ kind: Code, _ message: String, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }

    package var code: String { kind.rawValue }

    /// By kind only, so that tests do not depend on wording.
    package static func == (a: AssemblyError, b: AssemblyError) -> Bool { a.kind == b.kind }
}
