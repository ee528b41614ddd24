// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// A server that requests go through.
struct Proxy: Hashable, Sendable, CustomStringConvertible {
    enum Kind: Hashable, Sendable {
        case http
        /// SOCKS 5; the proxy resolves names.
        case socks
    }

    let kind: Kind
    /// Without the brackets of an IPv6 address.
    let host: String
    let port: Int
    /// `user:password` in base64, as HTTP's basic scheme has it.
    let credentials: String?

    /// curl's, for a proxy that is named without a port.
    private static let defaultPort = 1_080

    /// Reads `[SCHEME://][USER:PASSWORD@]HOST[:PORT]`.
    ///
    /// - Parameter variable: for messages, which do not repeat the value: it may hold a password.
    /// - Throws: `invalid-url`.
    init(parsing text: String, variable: String) throws(FetchError) {
        let scheme: String
        let rest: String
        if let mark = text.utf8.firstIndex(of: UInt8(ascii: ":")), text[mark...].hasPrefix("://") {
            scheme = text[..<mark].lowercased()
            rest = String(text[mark...].dropFirst(3))
        } else {
            scheme = "http"
            rest = text
        }
        switch scheme {
        case "http": kind = .http
        case "socks5", "socks5h": kind = .socks
        default:
            throw FetchError(
                .invalidURL,
                "the proxy in \(variable) has the scheme '\(scheme)', which is not supported",
                hint: "write http://HOST:PORT or socks5h://HOST:PORT"
            )
        }
        let url: Locator
        do throws(FetchError) {
            url = try Locator("http://" + rest)
        } catch {
            throw FetchError(.invalidURL, "\(variable) names no proxy", hint: "write http://HOST:PORT")
        }
        host = HostAddress.withoutBrackets(url.host)
        port = url.port ?? Self.defaultPort
        credentials = url.userinfo.map { Base64.encode(Array(Locator.decode($0).utf8)) }
        guard kind == .http || credentials == nil else {
            throw FetchError(
                .invalidURL,
                "the proxy in \(variable) has credentials, which are not supported for SOCKS",
                hint: "use one without, or an HTTP proxy"
            )
        }
    }

    /// Host and port, as a URL has them.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    var description: String { authority }
}
