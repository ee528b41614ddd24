// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// Why something cannot be signed, or a signature cannot be read.
package struct SigningError: Failure, Equatable {
    package enum Kind: String, Sendable {
        case malformed = "malformed-signature"
        case refused = "signer-refused"
        case unavailable = "signer-unavailable"
        case key = "unusable-key"
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
        case .malformed: "\(subject) is malformed: \(detail)"
        case .refused: "the signer refused \(subject): \(detail)"
        case .unavailable: "the signer '\(subject)' cannot be used: \(detail)"
        case .key: "the key '\(subject)' cannot be used: \(detail)"
        }
    }
    package var hint: String? {
        switch kind {
        case .refused: "the signer's policy names the builders and build types that it signs for"
        case .key: "'basalt key generate' makes a key pair"
        default: nil
        }
    }
    package var outcome: Outcome { kind == .malformed ? .contradiction : .environment }
}
