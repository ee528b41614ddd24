// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Lets one task at a time work on a key; the others wait without holding a thread.
final class KeyedLock: Sendable {
    private typealias Waiter = CheckedContinuation<Void, Never>
    /// An entry stands for a holder; its value for those who wait, first come first served.
    private let held = Mutex<[String: [Waiter]]>([:])

    func exclusively<Value>(_ key: String, _ work: () async throws -> Value) async rethrows -> Value {
        await acquire(key)
        defer { release(key) }
        return try await work()
    }

    private func acquire(_ key: String) async {
        await withCheckedContinuation { (waiter: Waiter) in
            let isFree = held.withLock { held in
                guard held[key] != nil else {
                    held[key] = []
                    return true
                }
                held[key]?.append(waiter)
                return false
            }
            if isFree { waiter.resume() }
        }
    }

    private func release(_ key: String) {
        let next = held.withLock { held -> Waiter? in
            guard let waiters = held[key], !waiters.isEmpty else {
                held[key] = nil
                return nil
            }
            return held[key]?.removeFirst()
        }
        next?.resume()
    }
}

/// Lets a limited number of tasks through at a time.
final class Gate: Sendable {
    private typealias Waiter = CheckedContinuation<Void, Never>
    private struct State {
        var free: Int
        var waiters: [Waiter] = []
    }
    private let state: Mutex<State>

    init(width: Int) { state = Mutex(State(free: max(1, width))) }

    func pass<Value>(_ work: () async throws -> Value) async rethrows -> Value {
        await withCheckedContinuation { (waiter: Waiter) in
            let isFree = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.waiters.append(waiter)
                return false
            }
            if isFree { waiter.resume() }
        }
        defer {
            let next = state.withLock { state -> Waiter? in
                if state.waiters.isEmpty {
                    state.free += 1
                    return nil
                }
                return state.waiters.removeFirst()
            }
            next?.resume()
        }
        return try await work()
    }
}
