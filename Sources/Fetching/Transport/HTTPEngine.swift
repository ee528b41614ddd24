// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import Cryptography
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// async-http-client, reduced to one request and its streamed answer. Redirects and challenges are left to the caller.
///
/// A thread and clients come into being with the first request. A client knows one proxy, so there is one for each way to
/// a server; all share the thread, on which sinks hash and write as they take what comes in.
final class HTTPEngine: Sendable {
    /// How a server is reached.
    enum Route: Hashable {
        case direct
        /// Plain HTTP by way of a proxy, which is told the whole URL (RFC 9112 section 3.2.2).
        case forwarded(Proxy)
        /// A connection through a proxy: CONNECT (RFC 9110 section 9.3.6) or SOCKS 5 (RFC 1928).
        case tunnelled(Proxy)

        var proxy: Proxy? {
            switch self {
            case .direct: nil
            case .forwarded(let proxy), .tunnelled(let proxy): proxy
            }
        }
    }

    let settings: HTTPTransport.Settings
    private struct Running {
        var group: MultiThreadedEventLoopGroup?
        var clients: [Route: HTTPClient] = [:]
    }
    private let running = Mutex(Running())
    private let gates = Mutex<[String: Gate]>([:])

    init(_ settings: HTTPTransport.Settings) { self.settings = settings }

    deinit {
        // Nothing is under way any more, since whatever is holds this object: idle connections are closed, and the thread ends.
        let (group, clients) = running.withLock { ($0.group, Array($0.clients.values)) }
        Self.stop(clients[...], group)
    }

    func send(_ request: TransportRequest, into sink: any ResponseSink) async throws -> ResponseHead {
        try Task.checkCancellation()
        let route = try route(to: request.url)
        let message = try message(request, route)
        let client = client(route)
        // A queue of the client's own would give up on whoever waits longer than a connection may take.
        return try await gate(request.url).pass {
            let exchange = HTTPExchange(request: request, sink: sink, settings: settings)
            do {
                return try await exchange.run(client, message)
            } catch let error as ConnectionError {
                throw await ConnectionFailure(error: error.cause, url: request.url, route: route, settings: settings)
                    .described()
            }
        }
    }

    private static func stop(_ clients: ArraySlice<HTTPClient>, _ group: MultiThreadedEventLoopGroup?) {
        if let client = clients.first {
            client.shutdown { _ in stop(clients.dropFirst(), group) }
        } else {
            group?.shutdownGracefully { _ in }
        }
    }

    private func gate(_ url: Locator) -> Gate {
        gates.withLock { gates in
            let gate = gates[url.authority] ?? Gate(width: settings.connectionsPerHost)
            gates[url.authority] = gate
            return gate
        }
    }

    private func route(to url: Locator) throws(FetchError) -> Route {
        guard let proxy = settings.proxies.proxy(for: url) else { return .direct }
        if url.scheme == "http" && proxy.kind == .http { return .forwarded(proxy) }
        if url.scheme == "https" && HostAddress(url.host) != nil {
            // The client would compare the certificate with the address of the other end, which is the proxy's.
            throw FetchError(
                .refused,
                "\(url.authority) cannot be reached through the proxy \(proxy): its certificate could not be checked",
                hint: "give it a name, or let no_proxy hold \(url.host)"
            )
        }
        return .tunnelled(proxy)
    }

    private func client(_ route: Route) -> HTTPClient {
        running.withLock { running in
            if let client = running.clients[route] { return client }
            let group = running.group ?? MultiThreadedEventLoopGroup(numberOfThreads: 1)
            running.group = group
            let client = HTTPClient(eventLoopGroup: group, configuration: configuration(route))
            running.clients[route] = client
            return client
        }
    }

    private func configuration(_ route: Route) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: settings.authorities.clientConfiguration,
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(Int64(settings.stallTimeout))),
            // Content is named by its digest: it must come as it lies there.
            decompression: .disabled
        )
        // HTTP/2 would save connections, of which a mirror's eight are kept anyway.
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.connectionsPerHost
        // Whoever sends decides whether and when there is another attempt.
        configuration.connectionPool.retryConnectionEstablishment = false
        switch route {
        case .direct: break
        case .forwarded:
            configuration.http1_1ConnectionDebugInitializer = { AbsoluteFormHandler.install(in: $0) }
        case .tunnelled(let proxy):
            configuration.proxy =
                switch proxy.kind {
                case .http:
                    .server(
                        host: proxy.host,
                        port: proxy.port,
                        authorization: proxy.credentials.map { .basic(credentials: $0) }
                    )
                case .socks: .socksServer(host: proxy.host, port: proxy.port)
                }
        }
        return configuration
    }

    /// The request but for its body.
    private func message(_ request: TransportRequest, _ route: Route) throws(FetchError) -> HTTPClient.Request {
        // The locale is nobody's business.
        var headers: HTTPHeaders = [
            "User-Agent": settings.userAgent, "Accept": "*/*", "Accept-Encoding": "identity", "Accept-Language": "en",
        ]
        for header in request.headers { headers.replaceOrAdd(name: header.name, value: header.value) }
        var url = request.url.text
        if case .forwarded(let proxy) = route {
            url = "http://\(proxy.authority)\(request.url.path)\(request.url.query.map { "?" + $0 } ?? "")"
            headers.replaceOrAdd(name: "Host", value: request.url.authority)
            if let credentials = proxy.credentials {
                headers.replaceOrAdd(name: "Proxy-Authorization", value: "Basic \(credentials)")
            }
        }
        var message: HTTPClient.Request
        do {
            message = try HTTPClient.Request(
                url: url,
                method: HTTPMethod(rawValue: request.method.rawValue),
                headers: headers
            )
        } catch {
            throw FetchError(.invalidURL, "\(request.url) cannot be fetched: it is no valid URL")
        }
        if let own = settings.hostCertificates, own.identity != nil, own.authority == request.url.authority {
            message.tlsConfiguration = settings.authorities.clientConfiguration(presenting: own)
        }
        return message
    }
}
