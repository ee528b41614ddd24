// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

/// Gives an answer to a sink as it comes in.
///
/// The sink is called on the connection's own thread, and nothing is read meanwhile: what it has not taken yet stays with
/// the server. That a break lets nothing be lost which came before it is the reason for this form; as a sequence of its
/// own, async-http-client's body forgets what nobody has asked for yet when the connection breaks.
final class ResponseTaker: HTTPClientResponseDelegate, @unchecked Sendable {
    typealias Response = ResponseHead

    /// Ends a transfer that is not the connection's fault.
    enum Stop: Error {
        /// The sink threw, or the answer is refused.
        case failed(any Error)
        /// Enough of a body that nobody wants, or that the sink has enough of.
        case complete(ResponseHead)

        func result() throws -> ResponseHead {
            switch self {
            case .failed(let error): throw error
            case .complete(let head): return head
            }
        }
    }

    private let request: TransportRequest
    private let sink: any ResponseSink
    private let pace: Pace
    // The following belong to the connection's thread.
    private var head: ResponseHead?
    private var isWanted = false
    private var dropped = 0

    /// Bytes of a body that nobody wants; a longer one costs the connection.
    private static let dropLimit = 1 << 20

    init(request: TransportRequest, sink: any ResponseSink, pace: Pace) {
        self.request = request
        self.sink = sink
        self.pace = pace
    }

    /// Bytes of the request's body are on their way.
    func sent(_ count: Int) {
        pace.add(count)
        sink.sent(count)
    }

    func didReceiveHead(task: HTTPClient.Task<Response>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        task.eventLoop.makeCompletedFuture {
            pace.begin()
            let head = ResponseHead(
                status: Int(head.status.code),
                headers: head.headers.map { (name: $0.name.lowercased(), value: $0.value) },
                url: request.url
            )
            self.head = head
            do {
                if case .bytes(let bytes) = request.body { sink.sent(bytes.count) }
                isWanted = try pace.excluding { try sink.begin(head) }
                if isWanted { try refuseCoding(head) }
            } catch {
                throw Stop.failed(error)
            }
        }
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Response>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        task.eventLoop.makeCompletedFuture {
            pace.add(part.readableBytes)
            if isWanted {
                do {
                    try pace.excluding { try part.withUnsafeReadableBytes { try sink.write($0) } }
                } catch is SinkIsFull {
                    if let head { throw Stop.complete(head) }
                } catch {
                    throw Stop.failed(error)
                }
            } else {
                dropped += part.readableBytes
                if dropped > Self.dropLimit, let head { throw Stop.complete(head) }
            }
        }
    }

    func didFinishRequest(task: HTTPClient.Task<Response>) throws -> ResponseHead {
        guard let head else { throw HTTPClientError.remoteConnectionClosed }
        return head
    }

    /// A coded body has other bytes than the file has.
    private func refuseCoding(_ head: ResponseHead) throws(FetchError) {
        guard let coding = head.header("content-encoding")?.lowercased(), coding != "identity", !coding.isEmpty else {
            return
        }
        throw FetchError(
            .refused,
            "\(request.url): the server sends the file in the coding '\(coding)' although it was asked not to",
            hint: "give another mirror, or switch the coding off for files that are compressed already"
        )
    }
}
