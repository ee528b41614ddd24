// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore

/// A failure of the connection, and not of whoever takes the answer.
struct ConnectionError: Error {
    let cause: any Error
}

/// One request on its way.
struct HTTPExchange: Sendable {
    private let request: TransportRequest
    private let taker: ResponseTaker
    private let pace: Pace

    init(request: TransportRequest, sink: any ResponseSink, settings: HTTPTransport.Settings) {
        self.request = request
        pace = Pace(window: settings.stallTimeout, rate: settings.stallRate, authority: request.url.authority)
        taker = ResponseTaker(request: request, sink: sink, pace: pace)
    }

    /// - Throws: `ConnectionError`, or what the sink or the body's file threw.
    func run(_ client: HTTPClient, _ message: HTTPClient.Request) async throws -> ResponseHead {
        var message = message
        message.body = try body()
        pace.restart()
        let task = client.execute(request: message, delegate: taker)
        pace.watch(on: task.eventLoop) { [weak task] in task?.fail(reason: $0) }
        defer { pace.stop() }
        do {
            return try await withTaskCancellationHandler {
                try await task.futureResult.get()
            } onCancel: {
                task.cancel()
            }
        } catch let error as ResponseTaker.Stop {
            return try error.result()
        } catch let error as FetchError {
            // The body's file, or the pace.
            throw error
        } catch let error as HTTPClientError where error == .cancelled {
            throw CancellationError()
        } catch {
            throw ConnectionError(cause: error)
        }
    }

    private func body() throws(FetchError) -> HTTPClient.Body? {
        switch request.body {
        case nil: return nil
        case .bytes(let bytes): return .byteBuffer(ByteBuffer(bytes: bytes))
        case .file(let path, let range):
            return FileBody(file: try OpenFile.reading(path), range: range) { [taker] in taker.sent($0) }.body
        }
    }
}
