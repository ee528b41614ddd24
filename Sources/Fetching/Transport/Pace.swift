// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
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
        var isOver = false
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

    /// The transfer begins: whatever its task waited for before does not count.
    func restart() { state.withLock { $0.start = .now } }

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

    /// Looks from time to time, on the transfer's own thread, whether it comes on: tasks that compute must not be able to hold
    /// the looking up, and then the transfer is blamed.
    ///
    /// - Parameter fail: ends the transfer; called once at most.
    func watch(on loop: any EventLoop, fail: @escaping @Sendable (FetchError) -> Void) {
        let wait = judge { fail(failure) }
        guard let wait else { return }
        // A look that is still to come must not hold what takes the answer, with its open file, when the transfer is over.
        loop.scheduleTask(in: wait) { [weak self] in self?.watch(on: loop, fail: fail) }
    }

    /// The transfer is over: nothing is looked at any more.
    func stop() { state.withLock { $0.isOver = true } }

    /// - Returns: the time until the next look; nil when there is none.
    private func judge(slow: () -> Void) -> TimeAmount? {
        let verdict: (wait: TimeAmount?, isSlow: Bool) = state.withLock { state in
            if state.isOver { return (nil, false) }
            let left = state.start + window - .now
            if left > .zero { return (Self.amount(left), false) }
            // The taker has been at work for longer than the window; it is looked at again when it may be done.
            if state.busy != nil { return (.milliseconds(100), false) }
            guard state.isReceiving, state.count >= wanted else {
                state.isOver = true
                return (nil, true)
            }
            state.start = .now
            state.count = 0
            return (Self.amount(window), false)
        }
        if verdict.isSlow { slow() }
        return verdict.wait
    }

    private static func amount(_ duration: Duration) -> TimeAmount {
        let (seconds, attoseconds) = duration.components
        // Rounded up, so that the look is not an instant too early.
        return .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000 + 1)
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
