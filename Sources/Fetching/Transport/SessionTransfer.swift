// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import FoundationNetworking
internal import Synchronization

/// One request on its way. Its state belongs to the session's delegate queue, which runs one operation at a time.
final class SessionTransfer: @unchecked Sendable {
    private let request: TransportRequest
    private let sink: any ResponseSink
    private var continuation: CheckedContinuation<ResponseHead, any Error>?
    private var head: ResponseHead?
    private var wantsBody = false
    /// Bytes of an unwanted body; a long one ends the transfer.
    private var dropped = 0
    private var failure: (any Error)?

    private static let dropLimit = 1 << 20

    /// The window in which the transfer must come on: its begin, and the bytes in it.
    private var window = (start: ContinuousClock.now, count: 0)
    private let pace: (window: Duration, count: Int)

    init(
        _ request: TransportRequest,
        sink: any ResponseSink,
        settings: HTTPTransport.Settings,
        continuation: CheckedContinuation<ResponseHead, any Error>
    ) {
        pace = (.seconds(settings.stallTimeout), settings.stallTimeout * settings.stallRate)
        self.request = request
        self.sink = sink
        self.continuation = continuation
    }

    func begin(_ response: URLResponse?, _ task: URLSessionTask) {
        guard head == nil, let response = response as? HTTPURLResponse else { return }
        var headers: [(name: String, value: String)] = []
        for (name, value) in response.allHeaderFields {
            guard let name = name as? String, let value = value as? String else { continue }
            headers.append((name.lowercased(), value))
        }
        headers.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let head = ResponseHead(status: response.statusCode, headers: headers, url: request.url)
        self.head = head
        do {
            wantsBody = try sink.begin(head)
            // URLSession undoes a content coding by itself, and then the bytes are others than the ones that were sent.
            if wantsBody, let coding = head.header("content-encoding")?.lowercased(), coding != "identity",
                !coding.isEmpty
            {
                throw FetchError(
                    .refused,
                    "\(request.url): the server sends the file in the coding '\(coding)' although it was asked not to",
                    hint: "give another mirror, or switch the coding off for files that are compressed already"
                )
            }
        } catch {
            stop(error, task)
        }
    }

    func receive(_ data: Data, _ task: URLSessionTask) {
        guard failure == nil else { return }
        begin(task.response, task)
        guard failure == nil, hasPace(data.count, task) else { return }
        guard wantsBody else {
            dropped += data.count
            if dropped > Self.dropLimit { task.cancel() }
            return
        }
        do {
            for region in data.regions { try region.withUnsafeBytes { try sink.write($0) } }
        } catch {
            stop(error, task)
        }
    }

    func sent(_ count: Int) { sink.sent(count) }

    /// Ends a transfer that goes on for ever, a few bytes at a time.
    private func hasPace(_ count: Int, _ task: URLSessionTask) -> Bool {
        window.count += count
        let now = ContinuousClock.now
        guard now - window.start > pace.window else { return true }
        guard window.count >= pace.count else {
            let error = FetchError(
                .unreachable,
                "no complete answer from \(request.url.authority): it sends next to nothing",
                hint: Self.networkHint
            )
            stop(error, task)
            return false
        }
        window = (now, 0)
        return true
    }

    /// Ends with the answer as it is: the server wants credentials, and all there are were sent.
    func settle(_ task: URLSessionTask) {
        begin(task.response, task)
        guard failure == nil, let head else { return }
        continuation?.resume(returning: head)
        continuation = nil
    }

    private func stop(_ error: any Error, _ task: URLSessionTask) {
        failure = failure ?? error
        task.cancel()
    }

    func complete(_ task: URLSessionTask, _ error: (any Error)?) {
        // Of a redirect that URLSession does not follow nothing is told before its end.
        if error == nil { begin(task.response, task) }
        defer { continuation = nil }
        if let failure {
            continuation?.resume(throwing: failure)
        } else if let head, error == nil || dropped > Self.dropLimit {
            continuation?.resume(returning: head)
        } else if (error as? URLError)?.code == .cancelled {
            continuation?.resume(throwing: CancellationError())
        } else {
            continuation?.resume(throwing: describe(error))
        }
    }

    private func describe(_ error: (any Error)?) -> FetchError {
        let host = request.url.authority
        guard let error = error as? URLError else {
            return FetchError(.unreachable, "no complete answer from \(host)", hint: Self.networkHint)
        }
        let said = (error as NSError).userInfo[NSLocalizedDescriptionKey] as? String
        let certificateCodes: [URLError.Code] = [
            .serverCertificateUntrusted, .serverCertificateHasBadDate, .serverCertificateHasUnknownRoot,
            .serverCertificateNotYetValid, .clientCertificateRejected,
        ]
        if certificateCodes.contains(error.code) || said?.lowercased().contains("certificate") == true {
            return FetchError(
                .unauthorized,
                "the certificate of \(host) is not trusted" + (said.map { ": \($0)" } ?? ""),
                hint: "add its authority to the machine's certificates (on Debian: update-ca-certificates)"
            )
        }
        let reason =
            switch error.code {
            case .timedOut: "it was silent for too long"
            case .cannotFindHost, .dnsLookupFailed: "its name cannot be resolved"
            case .cannotConnectToHost: "it takes no connection"
            case .networkConnectionLost: "the connection broke"
            default: said ?? "error \(error.errorCode)"
            }
        return FetchError(.unreachable, "no complete answer from \(host): \(reason)", hint: Self.networkHint)
    }

    private static let networkHint = "check the network, the proxy settings and the mirror's place"
}

/// Hands a session's events to the transfers that they are about.
final class SessionDelegate: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private let transfers = Mutex<[Int: SessionTransfer]>([:])

    func add(_ transfer: SessionTransfer, for task: URLSessionTask) {
        transfers.withLock { $0[task.taskIdentifier] = transfer }
    }

    private func transfer(_ task: URLSessionTask) -> SessionTransfer? { transfers.withLock { $0[task.taskIdentifier] } }

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        transfer(dataTask)?.begin(response, dataTask)
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        transfer(dataTask)?.receive(data, dataTask)
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        didSendBodyData bytesSent: Int64,
        totalBytesSent: Int64,
        totalBytesExpectedToSend: Int64
    ) {
        transfer(task)?.sent(Int(bytesSent))
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        transfer(task)?.begin(response, task)
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        transfer(task)?.settle(task)
        completionHandler(.cancelAuthenticationChallenge, nil)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let transfer = transfers.withLock { $0.removeValue(forKey: task.taskIdentifier) }
        transfer?.complete(task, error)
    }
}
