// SPDX-License-Identifier: Apache-2.0

/// Where repositories lie. Definitions do not say it for the distributions' own archives; these sources do, and the first
/// that knows a repository decides:
///
/// 1. flags, `--mirror PREFIX=URL`,
/// 2. the configuration file,
/// 3. the environment variable `BASALT_MIRRORS`: entries `PREFIX=URL` separated by spaces or line ends,
/// 4. the machine's own apt configuration,
/// 5. for a repository that a definition names by URL, that URL.
///
/// `PREFIX` is a repository's id (`debian`, `debian-security`) or the beginning of a URL as definitions write it; of several
/// prefixes the longest counts. Several URLs for one prefix are tried in the order in which they are given.
package struct Mirrors: Sendable {
    package struct Entry: Sendable, Equatable {
        package var prefix: String
        package var base: Locator

        package init(prefix: String, base: Locator) {
            self.prefix = prefix
            self.base = base
        }

        /// Reads `PREFIX=URL`.
        ///
        /// - Throws: `invalid-url`.
        package init(parsing text: String) throws(FetchError) {
            let bytes = Array(text.utf8)
            // A prefix may be a URL with a query, so the sign to split at is the last one before a scheme.
            let split = bytes.indices.last { index in
                bytes[index] == UInt8(ascii: "=")
                    && ["http://", "https://", "file://"].contains { bytes[(index + 1)...].starts(with: $0.utf8) }
            }
            guard let split, split > 0 else {
                throw FetchError(
                    .invalidURL,
                    "a mirror is not of the form PREFIX=URL",
                    hint: "write debian=https://…, debian-security=file:///…, or https://a.definition/writes=https://…"
                )
            }
            prefix = String(decoding: bytes[..<split], as: UTF8.self)
            base = try Locator(String(decoding: bytes[(split + 1)...], as: UTF8.self))
            guard base.userinfo == nil else {
                throw FetchError(
                    .invalidURL,
                    "the mirror for '\(prefix)' has credentials in its URL",
                    hint: "credentials belong in ~/.netrc"
                )
            }
        }
    }

    /// The sources in order of precedence.
    private let sources: [[Entry]]

    /// - Parameters:
    ///   - flags: `PREFIX=URL` each.
    ///   - configuration: from the configuration file.
    ///   - environment: the value of `BASALT_MIRRORS`.
    ///   - apt: repository ids and base URLs from the machine's apt configuration; those that are no URL of a kind that
    ///     can be fetched are passed over, since they are not ours to judge.
    package init(
        flags: [String] = [],
        configuration: [Entry] = [],
        environment: String? = nil,
        apt: [(id: String, base: String)] = []
    ) throws(FetchError) {
        var given: [Entry] = []
        for flag in flags { given.append(try Entry(parsing: flag)) }
        var variable: [Entry] = []
        for part in (environment ?? "").split(whereSeparator: \.isWhitespace) {
            variable.append(try Entry(parsing: String(part)))
        }
        let machine = apt.compactMap { entry in
            (try? Locator(entry.base)).map { Entry(prefix: entry.id, base: $0) }
        }
        sources = [given, configuration, variable, machine]
    }

    /// The bases of a repository, in the order in which they are tried.
    ///
    /// - Parameters:
    ///   - id: the repository's id.
    ///   - url: where a definition says it lies; nil for a distribution's own archive.
    /// - Throws: `no-mirror` when nothing says where it lies.
    package func bases(id: String, url: String?) throws(FetchError) -> [Locator] {
        for entries in sources {
            let exact = entries.filter { $0.prefix == id }
            if !exact.isEmpty { return exact.map(\.base) }
            guard let url else { continue }
            let matching = entries.filter { Self.covers($0.prefix, url) }
            guard let longest = matching.map(\.prefix.utf8.count).max() else { continue }
            return matching.filter { $0.prefix.utf8.count == longest }.map { entry in
                let rest = url.dropFirst(entry.prefix.count).drop { $0 == "/" }
                // What follows is a piece of a URL, encoded already; a base without it stands for itself.
                return rest.isEmpty ? entry.base : entry.base.appending(encoded: rest)
            }
        }
        if let url { return [try Locator(url)] }
        throw FetchError(
            .noMirror,
            "nothing says where the repository '\(id)' lies",
            hint: "give --mirror \(id)=URL, a mirror in the configuration file, or BASALT_MIRRORS='\(id)=URL'"
        )
    }

    /// Whether a prefix ends where a part of the URL's path ends.
    private static func covers(_ prefix: String, _ url: String) -> Bool {
        guard prefix.utf8.contains(UInt8(ascii: ":")), url.hasPrefix(prefix) else { return false }
        let rest = url.dropFirst(prefix.count)
        return rest.isEmpty || rest.hasPrefix("/") || prefix.hasSuffix("/")
    }
}
