// SPDX-License-Identifier: Apache-2.0

/// A URL (RFC 3986) with an authority: `http`, `https` or `file`.
///
/// Its description, for messages, leaves out credentials and the query, which often is one.
package struct Locator: Hashable, Sendable, CustomStringConvertible {
    /// Lower case.
    package let scheme: String
    /// `user` or `user:password`, still percent-encoded.
    package let userinfo: String?
    /// Lower case; an IPv6 address keeps its brackets. Empty for `file`.
    package let host: String
    package let port: Int?
    /// Percent-encoded, beginning with `/`.
    package let path: String
    /// Without the `?`.
    package let query: String?

    /// - Throws: `invalid-url`; the message does not repeat credentials.
    package init(_ text: String) throws(FetchError) {
        guard text.utf8.count <= 16_384, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw FetchError(.invalidURL, "a URL holds a space, a control or a non-ASCII character, or is too long")
        }
        guard let colon = text.range(of: "://") else {
            throw FetchError(.invalidURL, "'\(text)' is not a URL", hint: "write http://…, https://… or file:///…")
        }
        let scheme = text[..<colon.lowerBound].lowercased()
        guard ["http", "https", "file"].contains(scheme) else {
            throw FetchError(.invalidURL, "the URL scheme '\(scheme)' is not one of http, https and file")
        }
        var rest = text[colon.upperBound...]
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        var query: String?
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<slash]
        let path = rest[slash...]
        var userinfo: String?
        if let at = authority.lastIndex(of: "@") {
            userinfo = String(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        var port: Int?
        if let mark = authority.lastIndex(of: ":"), authority[mark...].firstIndex(of: "]") == nil {
            let digits = authority[authority.index(after: mark)...]
            if !digits.isEmpty {
                guard let number = Int(digits), (1...65_535).contains(number) else {
                    throw FetchError(.invalidURL, "the URL of '\(authority)' has no valid port")
                }
                port = number
            }
            authority = authority[..<mark]
        }
        if scheme == "file" {
            guard ["", "localhost"].contains(authority), path.hasPrefix("/") else {
                throw FetchError(.invalidURL, "a file URL needs an absolute path", hint: "write file:///the/path")
            }
            authority = ""
        } else if authority.isEmpty {
            throw FetchError(.invalidURL, "the URL '\(scheme)://\(path)' names no host")
        }
        self.init(
            scheme: scheme,
            userinfo: userinfo,
            host: authority.lowercased(),
            port: port,
            path: path.isEmpty ? "/" : String(path),
            query: query
        )
    }

    private init(scheme: String, userinfo: String?, host: String, port: Int?, path: String, query: String?) {
        self.scheme = scheme
        self.userinfo = userinfo
        self.host = host
        self.port = port
        self.path = path
        self.query = query
    }

    /// The whole URL, credentials and all: for the wire, never for a message.
    package var text: String {
        "\(scheme)://\(userinfo.map { $0 + "@" } ?? "")\(authority)\(path)\(query.map { "?" + $0 } ?? "")"
    }

    /// Host and port, as far as they are written.
    package var authority: String { host + (port.map { ":\($0)" } ?? "") }

    package var description: String { "\(scheme)://\(authority)\(path)" }

    /// Whether a request to `other` goes to the same scheme, host and port.
    package func hasSameOrigin(as other: Locator) -> Bool {
        scheme == other.scheme && host == other.host && effectivePort == other.effectivePort
    }

    private var effectivePort: Int { port ?? (scheme == "https" ? 443 : 80) }

    /// The place of a file below this URL; `path` is a plain, unencoded path.
    package func appending(_ path: String) -> Locator {
        let base = self.path.hasSuffix("/") ? String(self.path.dropLast()) : self.path
        let tail = path.hasPrefix("/") ? path.dropFirst() : path[...]
        return Locator(
            scheme: scheme,
            userinfo: userinfo,
            host: host,
            port: port,
            path: "\(base)/\(Self.encode(tail))",
            query: nil
        )
    }

    /// The place of something below this URL; `rest` is encoded already.
    package func appending(encoded rest: Substring) -> Locator {
        let base = path.hasSuffix("/") ? String(path.dropLast()) : path
        return Locator(scheme: scheme, userinfo: userinfo, host: host, port: port, path: "\(base)/\(rest)", query: nil)
    }

    var withoutUserinfo: Locator {
        Locator(scheme: scheme, userinfo: nil, host: host, port: port, path: path, query: query)
    }

    package func with(query: String?) -> Locator {
        Locator(scheme: scheme, userinfo: userinfo, host: host, port: port, path: path, query: query)
    }

    /// Resolves a reference, such as a Location header's (RFC 3986 section 5.2).
    package func resolving(_ reference: String) throws(FetchError) -> Locator {
        if let colon = reference.range(of: "://"),
            !reference[..<colon.lowerBound].contains(where: { "/?#".contains($0) })
        {
            return try Locator(reference)
        }
        let origin = "\(scheme)://\(authority)"
        if reference.hasPrefix("//") { return try Locator("\(scheme):\(reference)") }
        if reference.hasPrefix("/") { return try Locator(origin + reference) }
        if reference.hasPrefix("?") { return try Locator(origin + path + reference) }
        if reference.isEmpty { return self }
        let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
        return try Locator(origin + folder + reference)
    }

    /// Percent-encodes what may not stand in a path, and `+`, which some object stores read as a space.
    private static func encode(_ path: Substring) -> String {
        var out: [UInt8] = []
        for byte in path.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "="):
                out.append(byte)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The path with its percent-encoding undone: the name of a file on this machine.
    package var decodedPath: String { Self.decode(path) }

    static func decode(_ text: String) -> String {
        var out: [UInt8] = []
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let byte = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                out.append(byte)
                index += 3
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

extension String {
    /// The first occurrence of an ASCII text.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
