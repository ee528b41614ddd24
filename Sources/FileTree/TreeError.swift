// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

/// What can go wrong while a tree is put together.
package struct TreeError: Failure, Equatable {
    package enum Code: String, Sendable {
        case unsafePath = "unsafe-path"
        case conflict = "file-conflict"
        case notADirectory = "not-a-directory"
        case missing = "missing-path"
        case symlinkLoop = "symlink-loop"
    }

    package let kind: Code
    package let path: String
    package let detail: String

    package init(_ kind: Code, path: String, detail: String) {
        self.kind = kind
        self.path = path
        self.detail = detail
    }

    package var code: String { kind.rawValue }
    package var message: String {
        switch kind {
        case .unsafePath: "the path '\(path)' is refused: \(detail)"
        case .conflict: "'\(path)' comes from two places: \(detail)"
        case .notADirectory: "'\(path)' is needed as a directory: \(detail)"
        case .missing: "'\(path)' does not exist: \(detail)"
        case .symlinkLoop: "'\(path)' cannot be followed: \(detail)"
        }
    }
}
