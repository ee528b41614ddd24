// SPDX-License-Identifier: Apache-2.0

/// When a failed transfer is tried again: a fixed schedule, so that runs are comparable, and an injected clock, so that
/// tests do not wait.
package struct RetrySchedule: Sendable {
    /// Delays between attempts; one attempt more than there are delays.
    package var delays: [Duration]
    /// The longest wait that a server may ask for (Retry-After, RFC 9110 section 10.2.3).
    package var longestWait: Duration
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        delays: [Duration] = [.milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4)],
        longestWait: Duration = .seconds(60),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.delays = delays
        self.longestWait = longestWait
        self.sleep = sleep
    }

    /// Waits before the attempt after number `attempt` (from 0).
    ///
    /// - Returns: false when there is no further attempt.
    package func wait(after attempt: Int, asked seconds: Int? = nil) async throws -> Bool {
        guard attempt < delays.count else { return false }
        var delay = delays[attempt]
        if let seconds { delay = max(delay, min(.seconds(seconds), longestWait)) }
        try await sleep(delay)
        return true
    }
}
