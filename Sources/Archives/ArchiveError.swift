// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

/// What can go wrong while an archive is read or written.
package struct ArchiveError: Failure, Equatable {
    package enum Kind: String, Sendable {
        case unreadable = "unreadable-archive"
        case malformed = "malformed-archive"
        /// The archive ends before it is complete.
        case truncated = "truncated-archive"
        case limit = "archive-limit"
        case unsupported = "unsupported-archive-member"
        case write = "archive-write"
    }

    package let kind: Kind
    /// The archive, by file name or by what it is (`data.tar.xz of bash_5.2.37-2_amd64.deb`).
    package let archive: String
    package let detail: String

    package init(_ kind: Kind, archive: String, detail: String) {
        self.kind = kind
        self.archive = archive
        self.detail = detail
    }

    package var code: String { kind.rawValue }
    package var message: String {
        switch kind {
        case .unreadable: "\(archive) cannot be opened: \(detail)"
        case .malformed: "\(archive) is not a well-formed archive: \(detail)"
        case .truncated: "\(archive) is incomplete: \(detail)"
        case .limit: "\(archive) is refused: \(detail)"
        case .unsupported: "\(archive) holds something that an image cannot have: \(detail)"
        case .write: "\(archive) cannot be written: \(detail)"
        }
    }
    package var hint: String? {
        switch kind {
        case .malformed, .truncated: "fetch it again; if it stays so, the file is broken where it was published"
        case .unreadable, .limit, .unsupported, .write: nil
        }
    }
}
