// SPDX-License-Identifier: Apache-2.0

/// Bounds on what a hostile archive can make us do. The defaults are far above any real package.
package struct ArchiveLimits: Sendable {
    /// Number of entries.
    package var entries: Int
    /// Sum of all entries' sizes, in bytes.
    package var total: Int

    package init(entries: Int = 1_000_000, total: Int = 16 << 30) {
        self.entries = entries
        self.total = total
    }
}
