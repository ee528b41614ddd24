// SPDX-License-Identifier: Apache-2.0

/// Which requests go through which proxy, by the variables that curl reads, as curl reads them.
package struct ProxySettings: Sendable {
    private var http: Proxy?
    private var https: Proxy?
    private var exceptions = ProxyExceptions("")

    /// No proxy at all.
    package init() {}

    /// Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`; all but the first in capitals, too. An HTTP server
    /// sets `HTTP_PROXY` from a header that a client sends, so programs that such a server runs must not believe it.
    ///
    /// - Throws: `invalid-url` for a proxy that is not understood.
    package init(environment: [String: String]) throws(FetchError) {
        func proxy(_ names: String...) throws(FetchError) -> Proxy? {
            for name in names {
                guard let text = environment[name] else { continue }
                // An empty one says that there is no proxy, whatever the others say.
                return text.isEmpty ? nil : try Proxy(parsing: text, variable: name)
            }
            return nil
        }
        http = try proxy("http_proxy", "all_proxy", "ALL_PROXY")
        https = try proxy("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
        exceptions = ProxyExceptions(environment["no_proxy"] ?? environment["NO_PROXY"] ?? "")
    }

    func proxy(for url: Locator) -> Proxy? {
        guard let proxy = url.scheme == "https" ? https : http, !exceptions.contains(url.host) else { return nil }
        return proxy
    }
}
