// SPDX-License-Identifier: Apache-2.0

/// Gives equal byte strings equal numbers, in the order in which they were first met.
struct Interner {
    private(set) var bytes: [UInt8] = []
    /// Offset and length, two words an entry.
    private(set) var entries: [UInt32] = []
    private var hashes: [UInt32] = []
    private var table: [UInt32]

    init(capacity: Int) {
        var size = 64
        while size < capacity * 2 { size *= 2 }
        table = [UInt32](repeating: 0, count: size)
        entries.reserveCapacity(capacity * 2)
        hashes.reserveCapacity(capacity)
        bytes.reserveCapacity(capacity * 16)
    }

    var count: Int { hashes.count }

    subscript(id: UInt32) -> ArraySlice<UInt8> {
        let start = Int(entries[Int(id) * 2])
        return bytes[start..<start + Int(entries[Int(id) * 2 + 1])]
    }

    /// The number of these bytes, and whether they are new.
    mutating func intern(_ text: UnsafeBufferPointer<UInt8>) -> (id: UInt32, isNew: Bool) {
        let hash = IndexFormat.hash(text)
        let mask = UInt32(truncatingIfNeeded: table.count - 1)
        var slot = hash & mask
        while true {
            let found = table[Int(slot)]
            if found == 0 { break }
            let id = Int(found - 1)
            if hashes[id] == hash, equals(id, text) { return (UInt32(id), false) }
            slot = (slot + 1) & mask
        }
        let id = UInt32(hashes.count)
        table[Int(slot)] = id + 1
        hashes.append(hash)
        entries.append(UInt32(truncatingIfNeeded: bytes.count))
        entries.append(UInt32(truncatingIfNeeded: text.count))
        bytes.append(contentsOf: text)
        if hashes.count * 2 > table.count { grow() }
        return (id, true)
    }

    /// The hash table as it lies: number + 1, or 0.
    var slots: [UInt32] { table }

    private func equals(_ id: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard Int(entries[id * 2 + 1]) == text.count else { return false }
        let start = Int(entries[id * 2])
        return bytes.withUnsafeBufferPointer { pool in
            for index in 0..<text.count where pool[start + index] != text[index] { return false }
            return true
        }
    }

    private mutating func grow() {
        var larger = [UInt32](repeating: 0, count: table.count * 2)
        let mask = UInt32(truncatingIfNeeded: larger.count - 1)
        for (id, hash) in hashes.enumerated() {
            var slot = hash & mask
            while larger[Int(slot)] != 0 { slot = (slot + 1) & mask }
            larger[Int(slot)] = UInt32(id) + 1
        }
        table = larger
    }
}
