// SPDX-License-Identifier: Apache-2.0

/// Finds what a misspelt word was meant to be.
enum Spelling {
    /// The candidate with the smallest edit distance, when that is small enough to be a slip. Dashes, underscores and case
    /// do not count: `work_dir` and `workDir` are near `work-dir`.
    static func nearest(to word: String, in candidates: [String]) -> String? {
        let given = normalised(word)
        guard !given.isEmpty, given.count <= 40 else { return nil }
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let distance = distance(given, normalised(candidate))
            if distance < best?.distance ?? Int.max { best = (distance, candidate) }
        }
        guard let best, best.distance <= max(1, given.count / 3) else { return nil }
        return best.candidate
    }

    private static func normalised(_ word: String) -> [UInt8] {
        word.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }.map {
            (0x41...0x5A).contains($0) ? $0 + 32 : $0
        }
    }

    /// Levenshtein's distance, with a transposition of neighbours as one edit.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var before = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1] + [Int](repeating: 0, count: b.count)
            for j in b.indices {
                row[j + 1] = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { row[j + 1] = min(row[j + 1], before[j - 1] + 1) }
            }
            before = last
            last = row
        }
        return last[b.count]
    }
}
