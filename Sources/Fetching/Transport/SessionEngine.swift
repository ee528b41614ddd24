// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import FoundationNetworking

/// URLSession, reduced to one request and its streamed answer. Redirects and challenges are left to the caller.
final class SessionEngine: Sendable {
    private let settings: HTTPTransport.Settings
    private let shared: URLSession

    init(_ settings: HTTPTransport.Settings) {
        self.settings = settings
        shared = Self.session(settings)
    }

    /// Ends the session once its last transfer is done; without it, URLSession lives for ever.
    func stop() { shared.finishTasksAndInvalidate() }

    private static func session(_ settings: HTTPTransport.Settings) -> URLSession {
        let configuration = URLSessionConfiguration.ephemeral
        // The timer starts anew whenever data comes in, so it is a limit for silence and not for the whole.
        configuration.timeoutIntervalForRequest = Double(settings.stallTimeout)
        configuration.httpMaximumConnectionsPerHost = settings.connectionsPerHost
        configuration.httpShouldSetCookies = false
        configuration.httpCookieStorage = nil
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        return URLSession(configuration: configuration, delegate: SessionDelegate(), delegateQueue: nil)
    }

    func send(_ request: TransportRequest, into sink: any ResponseSink) async throws -> ResponseHead {
        try Task.checkCancellation()
        let message = try urlRequest(request)
        // A connection that was used before may turn out closed when a body was sent on it already. URLSession then wants
        // to send the body again, cannot, and ends the process: so a body gets a connection of its own.
        guard let body = message.httpBody, !body.isEmpty else { return try await run(message, request, shared, sink) }
        let session = Self.session(settings)
        defer { session.finishTasksAndInvalidate() }
        return try await run(message, request, session, sink)
    }

    private func run(
        _ message: URLRequest,
        _ request: TransportRequest,
        _ session: URLSession,
        _ sink: any ResponseSink
    ) async throws -> ResponseHead {
        guard let delegate = session.delegate as? SessionDelegate else {
            throw FetchError(.storage, "\(request.url) cannot be fetched: the network session has ended")
        }
        let task = session.dataTask(with: message)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                delegate.add(
                    SessionTransfer(request, sink: sink, settings: settings, continuation: continuation),
                    for: task
                )
                task.resume()
            }
        } onCancel: {
            task.cancel()
        }
    }

    private func urlRequest(_ request: TransportRequest) throws(FetchError) -> URLRequest {
        guard let url = URL(string: request.url.text) else {
            throw FetchError(.invalidURL, "\(request.url) cannot be fetched: it is no valid URL")
        }
        var message = URLRequest(url: url)
        message.httpMethod = request.method.rawValue
        message.setValue(settings.userAgent, forHTTPHeaderField: "User-Agent")
        // Content is named by its digest: it must come as it lies there. And the locale is nobody's business.
        message.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        message.setValue("en", forHTTPHeaderField: "Accept-Language")
        for header in request.headers { message.addValue(header.value, forHTTPHeaderField: header.name) }
        switch request.body {
        case nil: break
        case .bytes(let bytes): message.httpBody = Data(bytes)
        case .file(let path, let range):
            let bytes = try OpenFile.reading(path).bytes(range)
            guard bytes.count == range.count else {
                throw FetchError(.storage, "'\(path)' became shorter while it was sent")
            }
            message.httpBody = Data(bytes)
        }
        if [.put, .post, .patch].contains(request.method) {
            message.setValue("\(request.body?.count ?? 0)", forHTTPHeaderField: "Content-Length")
            // No second of waiting for a "100 Continue" that many servers never send.
            if message.httpBody == nil { message.httpBody = Data() }
        }
        return message
    }
}
