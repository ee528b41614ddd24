// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import Glibc

/// What can go wrong while content is fetched or kept.
package struct FetchError: Failure, Equatable {
    package enum Code: String, Sendable {
        /// No answer: name resolution, connection, TLS, a broken connection or too slow an answer.
        case unreachable
        /// The server says that there is no such thing.
        case notFound = "not-found"
        /// The server wants other credentials, or none help.
        case unauthorized
        /// Another HTTP status than the ones that carry the content.
        case refused = "http-error"
        /// The bytes are not those that the digest names.
        case hashMismatch = "hash-mismatch"
        /// Fewer or more bytes than announced.
        case sizeMismatch = "size-mismatch"
        /// More bytes than the reader is ready to take.
        case tooLarge = "too-large"
        /// A redirect that is not followed: too many, or to a place of less trust.
        case redirect = "bad-redirect"
        /// A file of certificates or a key that cannot be used.
        case certificate = "bad-certificate"
        /// A URL, mirror or reference that cannot be read.
        case invalidURL = "invalid-url"
        /// Nothing says where a repository lies.
        case noMirror = "no-mirror"
        /// An offline run needs what the store does not hold.
        case offline = "not-in-store"
        /// The lock does not name what is asked for, or names other bytes than there are.
        case lock = "lock-mismatch"
        /// The file system is full, or the quota is used up.
        case diskFull = "disk-full"
        /// The store cannot be written.
        case readOnly = "store-not-writable"
        /// Another failure of the file system.
        case storage = "storage-error"
    }

    package let kind: Code
    package let message: String
    package let hint: String?
    /// Seconds that the server wants to be left alone (Retry-After, RFC 9110 section 10.2.3).
    package var retryAfter: Int?

    package init(_ kind: Code, _ message: String, hint: String? = nil, retryAfter: Int? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.retryAfter = retryAfter
    }

    package var code: String { kind.rawValue }

    /// Whether the same request may well succeed a moment later, or at another mirror's.
    package var isTransient: Bool { kind == .unreachable }
}

extension FetchError {
    /// The failure of a system call on a file; reads `errno`, so it is made right after the call.
    static func file(_ action: String, _ path: String, errno code: Int32 = errno) -> FetchError {
        let reason = String(cString: strerror(code))
        let message = "cannot \(action) '\(path)': \(reason)"
        switch code {
        case ENOSPC, EDQUOT:
            return FetchError(.diskFull, message, hint: "free some space, or let BASALT_STORE name a roomier place")
        case EROFS, EACCES, EPERM:
            return FetchError(.readOnly, message, hint: "let BASALT_STORE name a directory that you may write")
        default:
            return FetchError(.storage, message)
        }
    }
}
