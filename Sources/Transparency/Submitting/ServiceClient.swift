// SPDX-License-Identifier: Apache-2.0

internal import Fetching

/// Requests to a log or an authority: bounded answers, and another attempt where the service has trouble.
struct ServiceClient: Sendable {
    let base: Locator
    let transport: any Transport
    let retries: RetrySchedule

    struct Answer {
        var status: Int
        var body: [UInt8]
    }

    /// Entries and tiles have at most 256 × 64 KiB, all else far less.
    private static let limit = 16 << 20

    /// - Parameter error: makes the error of a service that cannot be reached, from the reason.
    func call(
        _ request: TransportRequest,
        error: (String) -> TransparencyError
    ) async throws -> Answer {
        var attempt = 0
        while true {
            var reason: String
            do {
                let sink = MemorySink(name: "the answer of \(base)", limit: Self.limit, keepsErrors: true)
                let head = try await transport.send(request, into: sink)
                switch head.status {
                case 408, 425, 429, 500, 502, 503, 504: reason = "HTTP status \(head.status)\(Self.quote(sink.bytes))"
                default: return Answer(status: head.status, body: sink.bytes)
                }
            } catch let failure as FetchError {
                guard failure.isTransient else { throw error(failure.message) }
                reason = failure.message
            }
            guard try await retries.wait(after: attempt) else { throw error(reason) }
            attempt += 1
        }
    }

    /// The beginning of what a service says about an error, on one line and without controls.
    static func quote(_ body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(300).map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
        return text.isEmpty ? "" : ": \(text)"
    }
}
