// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Ends a transfer that stands still, or goes on for ever, a few bytes at a time.
///
/// Until the head of the answer is there, time begins anew with every part of the request's body that the server takes.
/// From then on every stretch of time must bring a number of bytes.
final class Pace: Sendable {
    private struct State {
        var start = ContinuousClock.now
        var count = 0
        var isReceiving = false
        /// Since when the taker of the answer has been at work, for which the server cannot be blamed.
        var busy: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let window: Duration
    private let wanted: Int
    private let authority: String

    /// - Parameters:
    ///   - window: seconds.
    ///   - rate: bytes a second, on average over the window.
    init(window: Int, rate: Int, authority: String) {
        self.window = .seconds(window)
        wanted = max(window * rate, 1)
        self.authority = authority
    }

    /// The head of the answer is there.
    func begin() {
        state.withLock { state in
            state.isReceiving = true
            state.count = 0
            state.start = .now
        }
    }

    /// Bytes came on, in either direction.
    func add(_ count: Int) {
        state.withLock { state in
            state.count += count
            if !state.isReceiving { state.start = .now }
        }
    }

    /// Does something whose time does not count.
    func excluding<Value>(_ work: () throws -> Value) rethrows -> Value {
        state.withLock { $0.busy = .now }
        defer {
            state.withLock { state in
                if let busy = state.busy { state.start += ContinuousClock.now - busy }
                state.busy = nil
            }
        }
        return try work()
    }

    /// Returns never but by an error: `unreachable` when the transfer does not come on, or the task's cancellation.
    func watch() async throws {
        while true {
            let end = state.withLock { $0.start } + window
            if end > .now {
                try await Task.sleep(until: end, clock: .continuous)
                continue
            }
            let isSlow = state.withLock { state in
                guard state.busy == nil, state.isReceiving, state.count >= wanted else { return state.busy == nil }
                state.start = .now
                state.count = 0
                return false
            }
            if isSlow { throw failure }
            // The taker has been at work for longer than the window; it is looked at again when it may be done.
            if state.withLock({ $0.busy != nil }) { try await Task.sleep(for: .milliseconds(100)) }
        }
    }

    private var failure: FetchError {
        let (isReceiving, count) = state.withLock { ($0.isReceiving, $0.count) }
        let reason = isReceiving && count > 0 ? "it sends next to nothing" : "it was silent for too long"
        return FetchError(
            .unreachable,
            "no complete answer from \(authority): \(reason)",
            hint: ConnectionFailure.networkHint
        )
    }
}
