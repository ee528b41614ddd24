// SPDX-License-Identifier: Apache-2.0

/// How far one item has come; for progress bars.
package struct FetchProgress: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        /// Bytes are coming in, or (for uploads) going out.
        case running
        /// An attempt failed; another one follows.
        case retrying(reason: String)
        /// All of it came in.
        case finished
        /// All of it went out.
        case sent
        /// It was in the store already: nothing was transferred.
        case present
        case failed
    }

    /// The item's name, the same in all of its events.
    package var item: String
    /// Bytes so far, those of an earlier run included. It falls back when a download must start anew.
    package var received: Int
    /// Bytes altogether, where that is known.
    package var total: Int?
    package var state: State

    package init(item: String, received: Int, total: Int?, state: State) {
        self.item = item
        self.received = received
        self.total = total
        self.state = state
    }
}

/// Takes events of several items at a time, from any thread; it returns quickly.
package typealias FetchObserver = @Sendable (FetchProgress) -> Void
