// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// Why a statement about an image cannot be made or read.
package struct AttestationError: Failure, Equatable {
    package enum Kind: String, Sendable {
        case unownedFile = "unowned-file"
        case malformed = "malformed-statement"
        case invalidVEX = "invalid-vex"
    }

    package let kind: Kind
    package let subject: String
    package let detail: String

    package init(_ kind: Kind, _ subject: String, _ detail: String) {
        self.kind = kind
        self.subject = subject
        self.detail = detail
    }

    package var code: String { kind.rawValue }
    package var message: String {
        switch kind {
        case .unownedFile: "'\(subject)' has no owner that the evidence knows: \(detail)"
        case .malformed: "the statement \(subject) is malformed: \(detail)"
        case .invalidVEX: "the VEX statement \(subject) is not valid: \(detail)"
        }
    }
    package var hint: String? {
        kind == .unownedFile
            ? "every path comes from a package, an effect or the definition; this one would be unexplained" : nil
    }
    package var outcome: Outcome { kind == .unownedFile ? .environment : .contradiction }
}
