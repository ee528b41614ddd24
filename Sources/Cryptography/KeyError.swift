// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

/// Why a key, or something that only a key opens, cannot be used.
package struct KeyError: Failure, Equatable {
    package enum Kind: String, Sendable {
        case malformed = "malformed-key"
        case unsupported = "unsupported-key"
        case wrongPassword = "wrong-password"
        case library = "crypto-library"
    }

    package let kind: Kind
    package let detail: String

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    package var code: String { kind.rawValue }
    package var message: String {
        switch kind {
        case .malformed: "the key cannot be read: \(detail)"
        case .unsupported: "the key is of a kind that is not supported: \(detail)"
        case .wrongPassword: "the key cannot be decrypted: \(detail)"
        case .library: "libcrypto failed: \(detail)"
        }
    }
    package var hint: String? {
        switch kind {
        case .malformed: "expected a PEM block such as 'PUBLIC KEY' or 'PRIVATE KEY'"
        case .unsupported:
            "signing keys are ECDSA P-256; signatures are verified with ECDSA, Ed25519 and RSA keys of 2048 bits or more"
        case .wrongPassword: "check the password, which is read from a terminal, a file or BASALT_KEY_PASSWORD"
        case .library: nil
        }
    }
}
