// SPDX-License-Identifier: Apache-2.0

/// Where content is fetched from, which decides what a message can advise.
package enum ServerKind: Sendable, Equatable {
    /// A repository of packages, a mirror of one, or any other web server.
    case repository
    /// A registry of images.
    case registry
}

extension ResponseHead {
    /// Retry-After in seconds; its other form, a date, is not used.
    package var retryAfter: Int? { header("retry-after").flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }
}

extension FetchError {
    /// What an answer means that does not carry the content.
    package static func status(
        _ head: ResponseHead,
        _ name: String,
        from server: ServerKind = .repository
    ) -> FetchError {
        var error = described(head, name, server)
        error.retryAfter = head.retryAfter
        return error
    }

    private static func described(_ head: ResponseHead, _ name: String, _ server: ServerKind) -> FetchError {
        let isRegistry = server == .registry
        switch head.status {
        case 404, 410:
            return FetchError(
                .notFound,
                "\(name): there is no such file at \(head.url)",
                hint: isRegistry
                    ? "the registry has lost a part of the image: push it again, or pull it from elsewhere"
                    : "check the repository's place and suite; an archive drops versions that were replaced"
            )
        case 401, 403:
            return FetchError(
                .unauthorized,
                "\(name): \(head.url.authority) refuses access (HTTP status \(head.status))",
                hint: isRegistry
                    ? "log in with any registry client, or let REGISTRY_AUTH_FILE name a credentials file"
                    : "credentials for a host belong in ~/.netrc"
            )
        case 407:
            return FetchError(
                .unauthorized,
                "\(name): the proxy before \(head.url.authority) refuses access (HTTP status \(head.status))",
                hint: "credentials for a proxy belong in its URL: http://USER:PASSWORD@HOST:PORT"
            )
        case 408, 425, 429, 500...599:
            return FetchError(
                .unreachable,
                "\(name): \(head.url.authority) answers with HTTP status \(head.status)",
                hint: isRegistry
                    ? "the registry has trouble: try again later"
                    : "the server has trouble: try again later, or give another mirror"
            )
        default:
            return FetchError(.refused, "\(name): \(head.url) answers with HTTP status \(head.status)")
        }
    }

    /// Of the failures of several mirrors, the one that tells most.
    static func worse(_ a: FetchError?, _ b: FetchError) -> FetchError {
        guard let a else { return b }
        let order: [Code] = [.diskFull, .readOnly, .storage, .hashMismatch, .sizeMismatch, .tooLarge, .redirect]
        let rank = { (kind: Code) in order.firstIndex(of: kind) ?? (kind == .notFound ? 99 : 50) }
        return rank(b.kind) <= rank(a.kind) ? b : a
    }
}
