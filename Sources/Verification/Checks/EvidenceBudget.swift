// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import OCI

/// How much evidence is read about one manifest: anybody who may write to a repository can attach to it.
struct EvidenceBudget {
    /// The most referrers of a manifest, and layers of one of them.
    static let count = 1024
    /// The most bytes of a bundle, an envelope or a statement: SBOMs of large images have some tens of megabytes.
    static let blobLimit = 64 << 20
    /// The most bytes of everything.
    private static let bytes = 1 << 30

    private static let hint = "no image needs as much: remove from the repository what others have attached"

    private var left = EvidenceBudget.bytes

    /// Whether something was not read because it would have been too much.
    var isSpent: Bool { left < 0 }

    /// A blob's bytes. What is too large for itself is not fetched, and so not counted.
    ///
    /// - Throws: `too-much-evidence`.
    mutating func blob(_ layer: Descriptor, in source: any ImageSource) async throws -> [UInt8] {
        if layer.size <= Self.blobLimit { left -= layer.size }
        guard !isSpent else {
            throw VerificationError(
                "too-much-evidence",
                "there is more of it than \(Self.bytes >> 20) MiB, and the rest is not read",
                hint: Self.hint
            )
        }
        return try await source.blob(layer, limit: Self.blobLimit)
    }

    /// - Throws: `too-much-evidence` where a manifest has more of something than is looked at.
    static func check(_ number: Int, _ what: String, of digest: Digest) throws(VerificationError) {
        guard number <= count else {
            throw VerificationError(
                "too-much-evidence",
                "\(digest) has \(number) \(what), more than the \(count) that are looked at",
                hint: hint
            )
        }
    }
}
