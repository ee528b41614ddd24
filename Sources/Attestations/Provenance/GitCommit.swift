// SPDX-License-Identifier: Apache-2.0

/// The id of a commit: SHA-1, or SHA-256 in repositories that use it, in lower-case hexadecimal (in-toto, digest_set.md, `gitCommit`).
package struct GitCommit: Hashable, Sendable {
    package let hex: String

    /// Nil for what is not 40 or 64 hexadecimal digits.
    package init?(_ text: some StringProtocol) {
        let hex = text.lowercased()
        guard [40, 64].contains(hex.utf8.count),
            hex.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.hex = hex
    }
}
