// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// What can be wrong with Alpine's indexes, packages and requests.
package struct AlpineError: Failure, Equatable {
    package enum Code: String, Sendable {
        // Signatures
        case unsigned = "index-unsigned"
        case unknownKey = "unknown-key"
        case badSignature = "bad-signature"
        case badKey = "bad-key"
        // Indexes and packages
        case truncated = "truncated"
        case malformedIndex = "malformed-index"
        case malformedPackage = "malformed-package"
        case unsupportedFormat = "unsupported-format"
        case dataMismatch = "data-hash-mismatch"
        case checksumMismatch = "checksum-mismatch"
        case identityMismatch = "identity-mismatch"
        case unsafeEntry = "unsafe-entry"
        case tooLarge = "too-large"
        case missingIndex = "missing-index"
        // Requests
        case badRepository = "bad-repository"
        case badWant = "bad-package-name"
        case unsatisfiable
        case tooDeep = "too-deep"
        // Installing
        case fileConflict = "file-conflict"
        case unknownScript = "unknown-script"
        case accountConflict = "account-conflict"
    }

    package let kind: Code
    /// The file, repository or package that it is about.
    package let subject: String
    package let detail: String
    package let hint: String?

    package init(_ kind: Code, _ subject: String, _ detail: String, hint: String? = nil) {
        self.kind = kind
        self.subject = subject
        self.detail = detail
        self.hint = hint
    }

    package var code: String { kind.rawValue }
    package var message: String { subject.isEmpty ? detail : "\(subject): \(detail)" }
    package var outcome: Outcome { kind == .unsatisfiable ? .negative : .environment }
}
