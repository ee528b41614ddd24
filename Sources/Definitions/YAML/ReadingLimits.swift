// SPDX-License-Identifier: Apache-2.0

/// How much a definition file may ask of us. The largest of the published catalog has 66 KB and 12 levels.
package struct ReadingLimits: Sendable {
    /// Bytes of one file. YAML can spend two bytes on a value, and a value costs a few hundred in memory.
    package var bytes: Int
    /// Levels of nested lists and mappings.
    package var depth: Int
    /// Values after aliases are expanded.
    package var values: Int
    /// Files that a definition and its includes may consist of.
    package var includedFiles: Int

    package init(bytes: Int = 1 << 20, depth: Int = 64, values: Int = 200_000, includedFiles: Int = 100) {
        self.bytes = bytes
        self.depth = depth
        self.values = values
        self.includedFiles = includedFiles
    }

    package static let standard = ReadingLimits()
}
