// SPDX-License-Identifier: Apache-2.0

/// Suggestions for a name that does not exist.
package enum Spelling {
    /// The known names nearest to a wanted one: at most two edits away, nearest first, then in byte order.
    package static func suggestions(for wanted: String, among names: some Sequence<String>, limit: Int = 3) -> [String]
    {
        let wanted = Array(wanted.utf8)
        guard (2...64).contains(wanted.count) else { return [] }
        var found: [(distance: Int, name: String)] = []
        for name in names where abs(name.utf8.count - wanted.count) <= 2 {
            let distance = distance(wanted, Array(name.utf8), limit: 2)
            if distance <= 2 { found.append((distance, name)) }
        }
        found.sort {
            $0.distance == $1.distance
                ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) : $0.distance < $1.distance
        }
        return found.prefix(limit).map(\.name)
    }

    /// Insertions, removals and replacements that turn `a` into `b`; `limit + 1` when there are more than `limit`.
    static func distance(_ a: [UInt8], _ b: [UInt8], limit: Int) -> Int {
        var row = Array(0...b.count)
        for i in 1...max(a.count, 1) where i <= a.count {
            var diagonal = row[0]
            row[0] = i
            var least = i
            for j in 1...max(b.count, 1) where j <= b.count {
                let above = row[j]
                row[j] = a[i - 1] == b[j - 1] ? diagonal : min(diagonal, above, row[j - 1]) + 1
                diagonal = above
                least = min(least, row[j])
            }
            if least > limit { return limit + 1 }
        }
        return row[b.count] > limit ? limit + 1 : row[b.count]
    }
}
