// SPDX-License-Identifier: Apache-2.0

/// Finds the known names that a misspelt one may have meant: those at most two edits away.
///
/// Names are offered one after the other, as bytes: an archive has 70,000, a run over a catalog misses hundreds, and nearly
/// all of them are turned down by their length or their letters, before anything is compared.
package struct Spelling {
    /// The most insertions, removals and replacements that make one name of another.
    package static let limit = 2

    private let wanted: [UInt8]
    private let letters: UInt64
    private var found: [(distance: Int, name: String)] = []

    package init(of wanted: String) {
        // A shorter name is near to everything; no longer one was ever typed by hand.
        self.wanted = (2...64).contains(wanted.utf8.count) ? Array(wanted.utf8) : []
        letters = self.wanted.withUnsafeBufferPointer { Self.letters($0) }
    }

    /// Takes a name into account.
    ///
    /// - Parameter isKnown: whether the name may be suggested; asked of near ones only.
    package mutating func offer(_ name: UnsafeBufferPointer<UInt8>, isKnown: @autoclosure () -> Bool = true) {
        guard !wanted.isEmpty, abs(name.count - wanted.count) <= Self.limit,
            // An insertion or a removal changes the set of letters by one, a replacement by two.
            (Self.letters(name) ^ letters).nonzeroBitCount <= 2 * Self.limit,
            let distance = distance(to: name), isKnown()
        else { return }
        found.append((distance, String(decoding: name, as: UTF8.self)))
    }

    /// The nearest first, then in byte order.
    package func suggestions(_ count: Int = 3) -> [String] {
        found.sorted {
            $0.distance == $1.distance
                ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) : $0.distance < $1.distance
        }
        .prefix(count).map(\.name)
    }

    /// The bytes that occur; some share a bit, which makes names look nearer than they are and never farther.
    private static func letters(_ name: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var letters: UInt64 = 0
        for byte in name { letters |= 1 << UInt64(byte & 63) }
        return letters
    }

    /// Levenshtein's distance, row by row; nil when it is above the limit.
    private func distance(to name: UnsafeBufferPointer<UInt8>) -> Int? {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: name.count + 1) { row in
            for column in 0...name.count { row[column] = column }
            for (index, letter) in wanted.enumerated() {
                var diagonal = row[0]
                row[0] = index + 1
                var least = index + 1
                for column in 0..<name.count {
                    let above = row[column + 1]
                    row[column + 1] = letter == name[column] ? diagonal : min(diagonal, above, row[column]) + 1
                    diagonal = above
                    least = min(least, row[column + 1])
                }
                if least > Self.limit { return nil }
            }
            return row[name.count] <= Self.limit ? row[name.count] : nil
        }
    }
}
