// SPDX-License-Identifier: Apache-2.0

/// The time at which a wait ends, by a clock that nobody sets.
package struct Deadline: Sendable {
    private let end: ContinuousClock.Instant

    package init(after duration: Duration) { end = .now + duration }

    /// What is left, for poll(2).
    package var milliseconds: Int32 {
        let left = end - .now
        let (seconds, attoseconds) = left.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
