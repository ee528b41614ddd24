// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// Why a definition cannot be used at all.
package struct DefinitionError: Failure, Equatable {
    package enum Code: String, Sendable {
        case unreadable = "unreadable-file"
        case invalid = "invalid-definition"
        case platform = "unsupported-platform"
        case tooMany = "too-many-files"
    }

    package let kind: Code
    package let path: String
    package let detail: String
    package let hint: String?
    /// The problems of an invalid definition, in reading order.
    package let diagnostics: [Diagnostic]

    package init(
        _ kind: Code,
        path: String,
        detail: String,
        hint: String? = nil,
        diagnostics: [Diagnostic] = []
    ) {
        self.kind = kind
        self.path = path
        self.detail = detail
        self.hint = hint
        self.diagnostics = diagnostics
    }

    package var code: String { kind.rawValue }
    package var message: String {
        switch kind {
        case .unreadable: "'\(path)' cannot be read: \(detail)"
        case .invalid: "'\(path)' is not a valid definition: \(detail)"
        case .platform: "'\(path)' is not for the platform '\(detail)'"
        case .tooMany: "there are too many files below '\(path)': \(detail)"
        }
    }
}
