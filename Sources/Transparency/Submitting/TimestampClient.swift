// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
package import Fetching

/// Asks a timestamp authority by HTTP (RFC 3161 section 3.4).
package struct TimestampClient: Sendable {
    private let client: ServiceClient

    /// - Parameter url: the authority's whole URL; nothing is put behind it.
    package init(_ url: Locator, transport: any Transport, retries: RetrySchedule = RetrySchedule()) {
        client = ServiceClient(base: url, transport: transport, retries: retries)
    }

    private func failure(_ reason: String) -> TransparencyError {
        TransparencyError(
            .authority,
            "no timestamp can be had from \(client.base): \(reason)",
            hint: "nothing was written; try again, or leave the timestamp out"
        )
    }

    /// A DER response that stamps the bytes. Its signature is for whoever trusts the authority to check.
    package func stamp(_ bytes: [UInt8]) async throws -> [UInt8] {
        let nonce = try SecureRandom.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1
        guard let query = TimestampToken.request(over: bytes, nonce: nonce) else { throw failure("out of memory") }
        let request = TransportRequest(
            .post,
            client.base,
            headers: [("Content-Type", "application/timestamp-query"), ("Accept", "application/timestamp-reply")],
            body: .bytes(query)
        )
        let answer = try await client.call(request, error: failure)
        guard answer.status == 200 || answer.status == 201 else {
            throw failure("HTTP status \(answer.status)\(ServiceClient.quote(answer.body))")
        }
        if let problem = TimestampToken.problem(in: answer.body, over: bytes, nonce: nonce) {
            throw failure("its answer is not to be used: \(problem)")
        }
        return answer.body
    }
}
