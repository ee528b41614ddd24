// SPDX-License-Identifier: Apache-2.0

/// Refuses, before the YAML library sees it, the one construct whose cost the library does not bound: a mapping key that is
/// a collection made of aliases, which it would hash after expanding it (each alias can double the work).
///
/// This looks at bytes, not at YAML: it may refuse a legal file, but only one that defines several anchors, uses them often,
/// and also has what looks like a collection as a key. No published definition has an anchor at all.
struct AliasGuard {
    /// Each doubling needs an anchor and two aliases: with fewer than this many there is no flood.
    private static let fewestAnchors = 3
    private static let fewestAliases = 8

    /// Offset of the first thing that looks like a collection as a key, in a text that could be an alias flood.
    static func suspiciousKey(in bytes: [UInt8]) -> Int? {
        var anchors: Set<ArraySlice<UInt8>> = []
        var aliases: [ArraySlice<UInt8>] = []
        var key: Int?
        // Whether nothing but indicators has stood on the line, or since the last flow indicator.
        var atStart = true
        for index in bytes.indices {
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0x0A
            let previous = index > 0 ? bytes[index - 1] : 0x0A
            switch byte {
            case UInt8(ascii: "&") where isName(next) && isBoundary(previous):
                anchors.insert(name(bytes, index))
            case UInt8(ascii: "?")
            where isBoundary(previous) && (isSpace(next) || next == UInt8(ascii: "[")) && atStart:
                key = key ?? index
            case UInt8(ascii: "]") where followedByColon(bytes, index),
                UInt8(ascii: "}") where followedByColon(bytes, index):
                key = key ?? index
            case UInt8(ascii: "*") where isName(next) && isBoundary(previous):
                aliases.append(name(bytes, index))
                if followedByColon(bytes, index + (aliases.last?.count ?? 0)) { key = key ?? index }
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
        guard key != nil, anchors.count >= fewestAnchors else { return nil }
        return aliases.count(where: { anchors.contains($0) }) >= fewestAliases ? key : nil
    }

    /// The name after the indicator at an index.
    private static func name(_ bytes: [UInt8], _ index: Int) -> ArraySlice<UInt8> {
        bytes[(index + 1)...].prefix { isName($0) }
    }

    private static func followedByColon(_ bytes: [UInt8], _ index: Int) -> Bool {
        var position = index + 1
        while position < bytes.count, isSpace(bytes[position]) { position += 1 }
        return position < bytes.count && bytes[position] == UInt8(ascii: ":")
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
