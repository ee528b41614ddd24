// SPDX-License-Identifier: Apache-2.0

/// Sizes for people: decimal units, one digit after the point.
enum Size {
    static func text(_ bytes: Int) -> String {
        var value = bytes * 10
        for unit in ["B", "kB", "MB", "GB"] {
            if value < 10_000 || unit == "GB" {
                return unit == "B" ? "\(bytes) B" : "\(value / 10).\(value % 10) \(unit)"
            }
            value = (value + 500) / 1000
        }
        return "\(bytes) B"
    }
}
