// SPDX-License-Identifier: Apache-2.0

/// Sends one request and streams its answer; knows nothing of digests, retries or mirrors.
package protocol Transport: Sendable {
    /// - Parameter sink: takes the answer; calls come one at a time, and what it has not taken yet is not read.
    /// - Returns: the head of the answer, whatever its status, once its body is complete.
    /// - Throws: `FetchError` when there is no complete answer, or what the sink threw.
    func send(_ request: TransportRequest, into sink: any ResponseSink) async throws -> ResponseHead
}

/// Takes an answer as it comes in.
package protocol ResponseSink: AnyObject, Sendable {
    /// The head is there. Return false to have the body dropped.
    func begin(_ head: ResponseHead) throws -> Bool
    /// Some bytes of the body.
    ///
    /// - Throws: `SinkIsFull` when it wants no more of them: the exchange ends, and succeeds.
    func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Some bytes of the request's body are on their way. It may come at the same time as the others.
    func sent(_ count: Int)
}

/// What a sink throws that has enough of an answer.
package struct SinkIsFull: Error {
    package init() {}
}

extension ResponseSink {
    package func sent(_ count: Int) {}
}

/// A request as the HTTP specification has it (RFC 9110).
package struct TransportRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET", head = "HEAD", put = "PUT", post = "POST", patch = "PATCH", delete = "DELETE"
    }

    package enum Body: Sendable {
        case bytes([UInt8])
        /// A range of a file on disk.
        case file(path: String, range: Range<Int>)

        package var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .file(_, let range): range.count
            }
        }
    }

    package var method: Method
    package var url: Locator
    package var headers: [(name: String, value: String)]
    package var body: Body?
    /// Whether credentials for the host may be taken from the user's netrc file.
    package var usesNetrc: Bool

    package init(
        _ method: Method = .get,
        _ url: Locator,
        headers: [(name: String, value: String)] = [],
        body: Body? = nil,
        usesNetrc: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.usesNetrc = usesNetrc
    }
}

/// Status and fields of an answer.
package struct ResponseHead: Sendable {
    package var status: Int
    /// Names in lower case, in the order in which they came.
    package var headers: [(name: String, value: String)]
    /// Where the answer came from, after redirects.
    package var url: Locator

    package init(status: Int, headers: [(name: String, value: String)], url: Locator) {
        self.status = status
        self.headers = headers
        self.url = url
    }

    /// The first field of a name, given in lower case.
    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    package func headers(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }
}

/// Sends by the URL's scheme: files of this machine and HTTP.
package struct AnyTransport: Transport {
    private let http: HTTPTransport
    private let files = FileTransport()

    package init(http: HTTPTransport) { self.http = http }

    package func send(_ request: TransportRequest, into sink: any ResponseSink) async throws -> ResponseHead {
        request.url.scheme == "file"
            ? try await files.send(request, into: sink) : try await http.send(request, into: sink)
    }
}
