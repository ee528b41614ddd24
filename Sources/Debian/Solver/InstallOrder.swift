// SPDX-License-Identifier: Apache-2.0

/// The order in which apt takes up requested packages, whatever their order on the command line: that of its package
/// table, a hash table of 196,613 chains. It decides between answers that are equally good, so ours is the same.
enum InstallOrder {
    private static let chains: UInt32 = 196_613

    /// Whether apt meets the name `a` before `b`.
    static func precedes(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
        let chain = (self.chain(a), self.chain(b))
        if chain.0 != chain.1 { return chain.0 < chain.1 }
        // Within a chain, short names come first.
        return a.count == b.count ? a.lexicographicallyPrecedes(b) : a.count < b.count
    }

    /// Bernstein's hash over the name without regard to case.
    private static func chain(_ name: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var hash: UInt32 = 5_381
        for byte in name { hash = hash &* 33 &+ UInt32(byte | 0x20) }
        return hash % chains
    }
}
