// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// Why a bundle, a log entry or a timestamp is not to be believed, or a log or an authority gave none.
package struct TransparencyError: Failure, Equatable {
    package enum Kind: String, Sendable {
        case trustedRoot = "malformed-trusted-root"
        case signingConfiguration = "malformed-signing-config"
        case artifact = "artifact-mismatch"
        case signature = "bad-signature"
        case signer = "wrong-signer"
        case certificate = "bad-certificate"
        case logEntry = "bad-log-entry"
        case notLogged = "not-logged"
        case timestamp = "bad-timestamp"
        case noTime = "no-trusted-time"
        case log = "log-failed"
        case authority = "timestamp-authority-failed"
    }

    package let kind: Kind
    package let message: String
    package let hint: String?

    package init(_ kind: Kind, _ message: String, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }

    package var code: String { kind.rawValue }
    package var outcome: Outcome {
        switch kind {
        case .trustedRoot, .signingConfiguration, .log, .authority: .environment
        default: .negative
        }
    }
}
