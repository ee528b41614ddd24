// SPDX-License-Identifier: Apache-2.0

/// HTTP and HTTPS over libcurl, with the redirects followed here, where it can be said which ones are.
///
/// Proxies come from the environment as curl has it (`http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`).
package final class HTTPTransport: Transport {
    package struct Settings: Sendable {
        /// Milliseconds until a connection must stand.
        package var connectTimeout = 20_000
        /// Seconds without `stallRate` bytes a second on average after which a transfer is given up.
        package var stallTimeout = 30
        package var stallRate = 64
        package var connectionsPerHost = 8
        /// A file of certificates (PEM) to trust besides the system's.
        package var extraAuthorities: String?
        /// A file of certificates that stands for the system's own.
        package var authorities: String?
        package var userAgent = "basalt"
        package init() {}

        /// The settings that the environment asks for: `SSL_CERT_FILE`, as OpenSSL has it.
        package init(environment: [String: String]) {
            if let file = environment["SSL_CERT_FILE"], !file.isEmpty { authorities = file }
        }
    }

    /// As many redirects as browsers follow are more than a mirror needs.
    private static let redirectLimit = 10

    private let engine: CurlEngine

    package init(_ settings: Settings = Settings()) throws(FetchError) { engine = try CurlEngine(settings) }

    deinit { engine.stop() }

    package func send(_ request: TransportRequest, into sink: any ResponseSink) async throws -> ResponseHead {
        var request = request
        for _ in 0...Self.redirectLimit {
            let filter = RedirectFilter(sink)
            let head = try await engine.send(request, into: filter)
            guard let target = filter.target else { return head }
            let next = try Self.destination(of: target, from: request.url)
            if !next.hasSameOrigin(as: request.url) {
                // RFC 9110 section 15.4: what was meant for one server is not told another.
                request.headers.removeAll { ["authorization", "cookie"].contains($0.name.lowercased()) }
            }
            // Sections 15.4.2 to 15.4.4: after these, a request with a body becomes a GET.
            if let body = request.body, head.status == 303 || (body.count > 0 && head.status < 307) {
                request.method = .get
                request.body = nil
            }
            request.url = next
        }
        throw FetchError(.redirect, "\(request.url) is the last of more than \(Self.redirectLimit) redirects")
    }

    /// Where a redirect leads: never from https to http, and never to a file.
    static func destination(of location: String, from url: Locator) throws(FetchError) -> Locator {
        let next = try url.resolving(location)
        guard next.scheme == "https" || (next.scheme == "http" && url.scheme == "http") else {
            throw FetchError(.redirect, "\(url) redirects to \(next), which is less trustworthy: it is not followed")
        }
        return next
    }
}

/// Keeps redirects from the sink that waits for the answer behind them.
private final class RedirectFilter: ResponseSink, @unchecked Sendable {
    private let sink: any ResponseSink
    /// The Location of a redirect.
    private(set) var target: String?

    init(_ sink: any ResponseSink) { self.sink = sink }

    func begin(_ head: ResponseHead) throws -> Bool {
        if [301, 302, 303, 307, 308].contains(head.status), let location = head.header("location") {
            target = location
            return false
        }
        return try sink.begin(head)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws { try sink.write(bytes) }
    func sent(_ count: Int) { sink.sent(count) }
}
