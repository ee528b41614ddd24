// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Fetching
internal import OCI

/// Evidence in cosign's older form is one manifest under a tag, and everybody who adds some writes it anew.
extension RegistryTarget {
    /// Attempts to get evidence under a tag that others write at the same time.
    private static let attempts = 12
    private static let longestPause = Duration.seconds(2)

    /// Files evidence under a tag beside what others filed there.
    ///
    /// The specification has no conditional write. So the manifest is read, completed and written, and read back until ours
    /// is in it: whoever wrote in between is read, too. `write` does this once more at its very end, for those who write
    /// later from an older reading.
    ///
    /// - Returns: how long the longest way from a reading to the end of the writing took; nil when all was there already.
    /// - Throws: `contention` when others keep taking ours away.
    func file(_ document: ImageGraph.Document, under tag: String) async throws -> Duration? {
        let ours = try Manifest(parsing: document.bytes, name: "the evidence for \(tag)")
        var longest: Duration?
        for attempt in 0..<Self.attempts {
            if attempt > 0 {
                guard try await missing(ours, under: tag) != nil else { return longest }
                // Those who met wait for different times, so that they do not meet again.
                let pause = min(Duration.milliseconds(25) * (1 << min(attempt, 10)), Self.longestPause)
                try await client.settings.retries.sleep(pause * client.settings.jitter())
            }
            let started = ContinuousClock.now
            guard let wanted = try await missing(ours, under: tag) else { return longest }
            let bytes = wanted == ours ? document.bytes : wanted.json.compact
            _ = try await client.put(bytes, mediaType: MediaType.manifest, as: tag)
            longest = max(longest ?? .zero, ContinuousClock.now - started)
        }
        guard try await missing(ours, under: tag) != nil else { return longest }
        throw RegistryError(
            .contention,
            "\(client.reference.host)/\(client.repository): others keep overwriting the tag '\(tag)'",
            hint: "push again when they are done"
        )
    }

    private func missing(_ ours: Manifest, under tag: String) async throws -> Manifest? {
        Self.completed(try await client.document(tag)?.bytes, with: ours, tag: tag)
    }

    /// The manifest that has what is there and what is ours; nil when nothing of ours is missing.
    ///
    /// What is there and is not about the same image is not kept: the tag's name says what it is about.
    static func completed(_ present: [UInt8]?, with ours: Manifest, tag: String) -> Manifest? {
        guard let present, let theirs = try? Manifest(parsing: present, name: tag),
            theirs.subject == nil || ours.subject == nil || theirs.subject?.digest == ours.subject?.digest
        else { return ours }
        let known = Set(theirs.layers)
        let missing = ours.layers.filter { !known.contains($0) }
        if missing.isEmpty { return nil }
        var merged = ours
        merged.layers = theirs.layers + missing
        return merged
    }
}
