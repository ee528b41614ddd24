// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// What is wrong with an OCI document or layout.
package struct OCIError: Failure, Equatable {
    package enum Kind: String, Sendable {
        case malformed = "malformed-document"
        case missing = "missing-content"
        case mismatch = "digest-mismatch"
        case tooLarge = "too-large"
        case unknownTag = "unknown-tag"
        case notALayout = "not-a-layout"
        case inputOutput = "input-output"
    }

    package let kind: Kind
    /// The document, digest, tag or path that it is about.
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
        case .missing: "\(subject) is missing: \(detail)"
        case .mismatch: "\(subject) does not have the content that its digest promises: \(detail)"
        case .tooLarge: "\(subject) is refused for its size: \(detail)"
        case .unknownTag: "there is no image '\(subject)': \(detail)"
        case .notALayout: "'\(subject)' is no OCI image layout: \(detail)"
        case .inputOutput: "'\(subject)': \(detail)"
        }
    }
    package var hint: String? {
        switch kind {
        case .notALayout: "name a directory that holds the files 'oci-layout' and 'index.json'"
        case .missing, .mismatch: "the layout is damaged: build or copy the image again"
        default: nil
        }
    }
    package var outcome: Outcome {
        switch kind {
        case .malformed, .mismatch, .missing, .tooLarge: .contradiction
        case .unknownTag, .notALayout, .inputOutput: .environment
        }
    }
}
