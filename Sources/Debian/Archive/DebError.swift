// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

/// Why a `.deb` is refused.
package struct DebError: Failure, Equatable {
    package enum Kind: String, Sendable {
        case format = "deb-format"
        case unsafe = "deb-unsafe"
    }

    package let kind: Kind
    /// The file's name.
    package let file: String
    package let detail: String

    package init(_ kind: Kind, file: String, detail: String) {
        self.kind = kind
        self.file = file
        self.detail = detail
    }

    package var code: String { kind.rawValue }
    package var message: String {
        switch kind {
        case .format: "\(file) is not a Debian package that can be read: \(detail)"
        case .unsafe: "\(file) is refused: \(detail)"
        }
    }
    package var hint: String? {
        kind == .unsafe ? "no image may hold this; leave the package out, or use another version of it" : nil
    }
}
