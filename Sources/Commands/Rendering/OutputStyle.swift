// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// How text on standard output may look.
enum OutputStyle {
    /// Whether colour is wanted there: on a terminal that has it, unless NO_COLOR is set (no-color.org).
    static let hasColor: Bool = {
        guard isatty(1) == 1, let term = getenv("TERM"), strcmp(term, "dumb") != 0 else { return false }
        guard let value = getenv("NO_COLOR") else { return true }
        return value.pointee == 0
    }()
}
