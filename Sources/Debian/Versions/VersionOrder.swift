// SPDX-License-Identifier: Apache-2.0

/// The order of Debian versions over bytes (Debian Policy 5.6.12): `~` before the end, the end before letters, letters
/// before everything else, runs of digits by their value however long they are.
package enum VersionOrder {
    /// Negative, zero or positive, as `a` is older than, the same as, or newer than `b`.
    package static func compare(_ a: String, _ b: String) -> Int {
        var a = a, b = b
        return a.withUTF8 { a in b.withUTF8 { b in compare(a, b) } }
    }

    package static func compare(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int {
        let left = Parts(a)
        let right = Parts(b)
        let epochs = parts(left.epoch, right.epoch)
        if epochs != 0 { return epochs }
        let upstreams = parts(left.upstream, right.upstream)
        return upstreams != 0 ? upstreams : parts(left.revision, right.revision)
    }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    @inline(__always)
    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    private struct Parts {
        var epoch: Slice<UnsafeBufferPointer<UInt8>>
        var upstream: Slice<UnsafeBufferPointer<UInt8>>
        var revision: Slice<UnsafeBufferPointer<UInt8>>

        init(_ text: UnsafeBufferPointer<UInt8>) {
            var rest = text[...]
            if let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
                epoch = rest[..<colon]
                rest = rest[(colon + 1)...]
            } else {
                epoch = rest[rest.startIndex..<rest.startIndex]
            }
            if let hyphen = rest.lastIndex(of: UInt8(ascii: "-")) {
                upstream = rest[..<hyphen]
                revision = rest[(hyphen + 1)...]
            } else {
                upstream = rest
                revision = rest[rest.endIndex..<rest.endIndex]
            }
        }
    }

    /// Weight of a byte among the non-digits; 0 stands for the end and for a digit.
    @inline(__always)
    private static func weight(_ byte: UInt8?) -> Int {
        guard let byte, !isDigit(byte) else { return 0 }
        if byte == UInt8(ascii: "~") { return -1 }
        return isLetter(byte) ? Int(byte) : Int(byte) + 256
    }

    /// Compares one part by turns: a run of non-digits, then a run of digits.
    private static func parts(_ a: Slice<UnsafeBufferPointer<UInt8>>, _ b: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        var i = a.startIndex
        var j = b.startIndex
        while i < a.endIndex || j < b.endIndex {
            while true {
                let left = i < a.endIndex ? a[i] : nil
                let right = j < b.endIndex ? b[j] : nil
                let hasLeft = left.map { !isDigit($0) } ?? false
                let hasRight = right.map { !isDigit($0) } ?? false
                guard hasLeft || hasRight else { break }
                let difference = weight(left) - weight(right)
                if difference != 0 { return difference }
                // Equal weights mean equal non-digits, or a `nil` against a digit, which the guard excludes.
                i += 1
                j += 1
            }
            while i < a.endIndex, a[i] == 0x30 { i += 1 }
            while j < b.endIndex, b[j] == 0x30 { j += 1 }
            var first = 0
            while true {
                let left = i < a.endIndex && isDigit(a[i])
                let right = j < b.endIndex && isDigit(b[j])
                guard left && right else {
                    if left { return 1 }
                    if right { return -1 }
                    break
                }
                if first == 0 { first = Int(a[i]) - Int(b[j]) }
                i += 1
                j += 1
            }
            if first != 0 { return first }
        }
        return 0
    }
}
