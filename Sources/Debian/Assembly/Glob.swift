// SPDX-License-Identifier: Apache-2.0

/// Shell patterns, as far as configuration files and our own tables use them: `*` and `?`.
enum Glob {
    /// Whether the whole name matches; a leading dot is matched only by a dot (glob(7)).
    static func matches(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
        if name.first == 0x2E && pattern.first != 0x2E { return false }
        var n = 0
        var p = 0
        var star: (pattern: Int, name: Int)?
        while n < name.count {
            if p < pattern.count, pattern[p] == 0x2A {
                star = (p, n)
                p += 1
            } else if p < pattern.count, pattern[p] == 0x3F || pattern[p] == name[n] {
                p += 1
                n += 1
            } else if let last = star {
                p = last.pattern + 1
                n = last.name + 1
                star = (last.pattern, n)
            } else {
                return false
            }
        }
        while p < pattern.count, pattern[p] == 0x2A { p += 1 }
        return p == pattern.count
    }

    static func matches(_ name: String, _ pattern: String) -> Bool { matches(Array(name.utf8), Array(pattern.utf8)) }
}

extension StringProtocol {
    /// Without blanks at either end.
    var trimmed: SubSequence {
        let start = drop { $0 == " " || $0 == "\t" || $0 == "\r" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" && $0 != "\r" }) else { return start }
        return start[...last]
    }
}
