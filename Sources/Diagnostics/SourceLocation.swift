// SPDX-License-Identifier: Apache-2.0

/// A place in a text file, as people and editors count: lines and columns from 1, columns in Unicode code points.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// The path as it was given on the command line or found below it.
    package var file: String
    package var line: Int
    package var column: Int
    /// How many code points of the line are meant; at least 1.
    package var length: Int

    package init(file: String, line: Int = 1, column: Int = 1, length: Int = 1) {
        self.file = file
        self.line = max(1, line)
        self.column = max(1, column)
        self.length = max(1, length)
    }

    /// `file:line:column`, the form that editors and terminals turn into a link.
    package var description: String { "\(file):\(line):\(column)" }
}
