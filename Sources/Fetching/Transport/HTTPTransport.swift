// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// HTTP and HTTPS, with the redirects followed here, where it can be said which ones are.
package final class HTTPTransport: Transport {
    package struct Settings: Sendable {
        /// Seconds of silence after which a transfer is given up.
        package var stallTimeout = 30
        /// Bytes a second, on average over `stallTimeout`, below which a transfer is given up as well.
        package var stallRate = 64
        package var connectionsPerHost = 8
        package var userAgent = "basalt"
        package var netrc = Netrc(parsing: "")
        package var proxies = ProxySettings()
        /// Who may vouch for servers.
        package var authorities = Authorities()
        /// What one server's administrator laid down for it.
        package var hostCertificates: HostCertificates?

        /// The machine's authorities, no proxy and no passwords.
        package init() {}

        /// With the proxies and authorities that the environment names, and the passwords of the user's netrc file.
        ///
        /// - Throws: `invalid-url` for a proxy, `bad-certificate` for a file of authorities.
        package init(environment: [String: String]) throws(FetchError) {
            netrc = Netrc(environment: environment)
            proxies = try ProxySettings(environment: environment)
            authorities = try Authorities(environment: environment)
        }
    }

    /// As many redirects as browsers follow are more than a mirror needs.
    private static let redirectLimit = 10

    private let engine: HTTPEngine
    private let netrc: Netrc

    /// - Throws: `bad-certificate` when a client's certificate and key do not belong together.
    package init(_ settings: Settings = Settings()) throws(FetchError) {
        try settings.hostCertificates?.check(with: settings.authorities)
        engine = HTTPEngine(settings)
        netrc = settings.netrc
    }

    package func send(_ request: TransportRequest, into sink: any ResponseSink) async throws -> ResponseHead {
        var request = request
        for _ in 0...Self.redirectLimit {
            let filter = RedirectFilter(sink)
            let head = try await engine.send(withCredentials(request), into: filter)
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

    /// Credentials of the URL itself, or of the user's file for the host, as a header.
    private func withCredentials(_ request: TransportRequest) -> TransportRequest {
        var request = request
        let given = request.url.userinfo.map(Locator.decode)
        request.url = request.url.withoutUserinfo
        guard !request.headers.contains(where: { $0.name.lowercased() == "authorization" }) else { return request }
        if let userinfo = given ?? (request.usesNetrc ? netrc.userinfo(host: request.url.host) : nil) {
            request.headers.append(("Authorization", "Basic " + Base64.encode(Array(userinfo.utf8))))
        }
        return request
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
