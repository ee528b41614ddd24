// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// What can go wrong with images on their way to and from registries, besides what `FetchError` and `OCIError` say.
package struct RegistryError: Failure, Equatable {
    package enum Code: String, Sendable {
        /// A text that names no image.
        case invalidReference = "invalid-reference"
        /// No credentials, or none that the registry accepts.
        case unauthorized
        case notFound = "not-found"
        /// The registry's answer breaks the protocol, or is an error.
        case refused = "registry-error"
        /// What was read back is not what was sent.
        case mismatch = "digest-mismatch"
        /// The graph of an image is larger than any real one, or loops.
        case tooLarge = "too-large"
        /// A credentials file or helper that does not work.
        case credentials = "bad-credentials"
        /// Evidence that is there already, in a form that cannot be added to.
        case unreadable = "unreadable-evidence"
        /// Others keep overwriting what is written.
        case contention
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
    package var outcome: Outcome {
        switch kind {
        case .invalidReference: .usage
        case .mismatch: .contradiction
        default: .environment
        }
    }
}
