// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Fetching

extension RegistryClient {
    /// Attempts to get something under a tag that others write at the same time.
    private static let attempts = 12
    private static let longestPause = Duration.seconds(2)

    /// What a tag has to lead to, so that nothing is missing there.
    struct Completion: Sendable {
        var mediaType: String
        var bytes: [UInt8]
    }

    /// Adds something to a document that several clients add to.
    ///
    /// The specification has no conditional write. So the document is read, completed and written, and read back until ours
    /// is in it: whoever wrote in between is read, too. `RegistryTarget.write` does this once more at its very end, for those
    /// who write later from an older reading.
    ///
    /// - Parameters:
    ///   - name: what the tag is, for messages.
    ///   - missing: reads what is there and gives what it has to become; nil when nothing of ours is missing.
    /// - Returns: how long the longest way from a reading to the end of the writing took; nil when all was there already.
    /// - Throws: `contention` when others keep taking ours away.
    func share(
        under tag: String,
        named name: String,
        _ missing: () async throws -> Completion?
    ) async throws -> Duration? {
        var longest: Duration?
        for attempt in 0..<Self.attempts {
            if attempt > 0 {
                guard try await missing() != nil else { return longest }
                // Those who met wait for different times, so that they do not meet again.
                let pause = min(Duration.milliseconds(25) * (1 << min(attempt, 10)), Self.longestPause)
                try await settings.retries.sleep(pause * settings.jitter())
            }
            let started = ContinuousClock.now
            guard let wanted = try await missing() else { return longest }
            _ = try await put(wanted.bytes, mediaType: wanted.mediaType, as: tag)
            longest = max(longest ?? .zero, ContinuousClock.now - started)
        }
        guard try await missing() != nil else { return longest }
        throw RegistryError(
            .contention,
            "\(reference.host)/\(repository): others keep overwriting \(name) '\(tag)'",
            hint: "push again when they are done"
        )
    }
}
