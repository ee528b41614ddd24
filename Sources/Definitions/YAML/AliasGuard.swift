// SPDX-License-Identifier: Apache-2.0

/// Refuses, before the YAML library sees it, the one construct whose cost the library does not bound: a mapping key that is
/// a collection made of aliases, which it would hash after expanding it (each alias can double the work).
///
/// This looks at bytes, not at YAML: it may refuse a legal file, but only one that defines several anchors and also has
/// what looks like a collection as a key. No published definition has an anchor at all.
struct AliasGuard {
    /// Offset of the first thing that looks like a collection as a key, in a text that defines several anchors.
    static func suspiciousKey(in bytes: [UInt8]) -> Int? {
        var anchors = 0
        var key: Int?
        // The last byte that was neither a space nor part of a comment, and whether the line has had any other.
        var atStart = true
        for index in bytes.indices {
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0x0A
            let previous = index > 0 ? bytes[index - 1] : 0x0A
            switch byte {
            case UInt8(ascii: "&") where isName(next) && isBoundary(previous):
                anchors += 1
            case UInt8(ascii: "?") where isBoundary(previous) && (isSpace(next) || next == UInt8(ascii: "[")) && atStart:
                key = key ?? index
            case UInt8(ascii: "]") where followedByColon(bytes, index), UInt8(ascii: "}") where followedByColon(bytes, index):
                key = key ?? index
            case UInt8(ascii: "*") where isName(next) && isBoundary(previous):
                if aliasIsKey(bytes, index) { key = key ?? index }
            default: break
            }
            if byte == 0x0A {
                atStart = true
            } else if !isSpace(byte), byte != UInt8(ascii: "-"), byte != UInt8(ascii: "?"), byte != UInt8(ascii: "{"),
                byte != UInt8(ascii: ","), byte != UInt8(ascii: "[")
            {
                atStart = false
            } else if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                atStart = true
            }
        }
        return anchors >= 3 ? key : nil
    }

    private static func followedByColon(_ bytes: [UInt8], _ index: Int) -> Bool {
        var position = index + 1
        while position < bytes.count, isSpace(bytes[position]) { position += 1 }
        return position < bytes.count && bytes[position] == UInt8(ascii: ":")
    }

    private static func aliasIsKey(_ bytes: [UInt8], _ index: Int) -> Bool {
        var position = index + 1
        while position < bytes.count, isName(bytes[position]) { position += 1 }
        return followedByColon(bytes, position - 1)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    private static func isBoundary(_ byte: UInt8) -> Bool {
        isSpace(byte) || "[{,:?-".utf8.contains(byte)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
}
