// SPDX-License-Identifier: Apache-2.0

/// The order in which apk walks the names that it knows: by their place in its hash table. Where choices hang on each
/// other in a circle, it decides which of them comes first.
enum NameOrder {
    private static let buckets: UInt32 = 20_000
    private static let seed: UInt32 = 5381

    /// The positions of `names` in that order; names of one bucket by their bytes.
    static func sorted(_ names: [String]) -> [Int] {
        let keys = names.map { hash(Array($0.utf8)) % buckets }
        return names.indices.sorted { a, b in
            keys[a] == keys[b] ? names[a].utf8.lexicographicallyPrecedes(names[b].utf8) : keys[a] < keys[b]
        }
    }

    /// MurmurHash3_x86_32, which is in the public domain.
    static func hash(_ key: [UInt8]) -> UInt32 {
        func rotated(_ value: UInt32, _ bits: UInt32) -> UInt32 { value << bits | value >> (32 - bits) }
        func mixed(_ block: UInt32) -> UInt32 { rotated(block &* 0xCC9E_2D51, 15) &* 0x1B87_3593 }
        var hash = seed
        var index = 0
        while index + 4 <= key.count {
            let block =
                UInt32(key[index]) | UInt32(key[index + 1]) << 8 | UInt32(key[index + 2]) << 16
                | UInt32(key[index + 3]) << 24
            hash = rotated(hash ^ mixed(block), 13) &* 5 &+ 0xE654_6B64
            index += 4
        }
        var tail: UInt32 = 0
        for byte in key[index...].reversed() { tail = tail << 8 | UInt32(byte) }
        if index < key.count { hash ^= mixed(tail) }
        hash ^= UInt32(truncatingIfNeeded: key.count)
        hash = (hash ^ hash >> 16) &* 0x85EB_CA6B
        hash = (hash ^ hash >> 13) &* 0xC2B2_AE35
        return hash ^ hash >> 16
    }
}
