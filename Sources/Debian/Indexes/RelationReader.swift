// SPDX-License-Identifier: Apache-2.0

/// Reads the comma-separated relations of a control field (Debian Policy 7.1) without building strings.
struct RelationReader {
    /// One alternative: a name, and a version with its operator where the relation is versioned.
    struct Alternative {
        var name: UnsafeBufferPointer<UInt8>
        var version: UnsafeBufferPointer<UInt8>
        var comparison: RelationOperator
    }

    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

    /// The next alternative's text without blanks around it, and whether another one follows after `|`.
    mutating func next() -> (text: UnsafeBufferPointer<UInt8>, continues: Bool)? {
        while position < text.count, Self.isBlank(text[position]) || text[position] == UInt8(ascii: ",") {
            position += 1
        }
        guard position < text.count else { return nil }
        let start = position
        while position < text.count, text[position] != UInt8(ascii: ","), text[position] != UInt8(ascii: "|") {
            position += 1
        }
        var end = position
        while end > start, Self.isBlank(text[end - 1]) { end -= 1 }
        let continues = position < text.count && text[position] == UInt8(ascii: "|")
        if position < text.count { position += 1 }
        return (UnsafeBufferPointer(rebasing: text[start..<end]), continues)
    }

    /// Splits one alternative; nil when it is malformed.
    static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Alternative? {
        var index = 0
        while index < text.count, !isBlank(text[index]), text[index] != UInt8(ascii: "(") { index += 1 }
        let name = UnsafeBufferPointer(rebasing: text[..<index])
        guard !name.isEmpty, !name.contains(where: { "()[]<>,|".utf8.contains($0) }) else { return nil }
        while index < text.count, isBlank(text[index]) { index += 1 }
        guard index < text.count else {
            return Alternative(name: name, version: UnsafeBufferPointer(rebasing: text[0..<0]), comparison: .any)
        }
        guard text[index] == UInt8(ascii: "("), text[text.count - 1] == UInt8(ascii: ")") else { return nil }
        index += 1
        while index < text.count, isBlank(text[index]) { index += 1 }
        let start = index
        while index < text.count, text[index] == 0x3C || text[index] == 0x3D || text[index] == 0x3E { index += 1 }
        // `<` and `>` alone are the old spelling of `<=` and `>=`.
        let comparison: RelationOperator
        switch String(decoding: text[start..<index], as: UTF8.self) {
        case "<<": comparison = .less
        case "<=", "<": comparison = .lessOrEqual
        case "=", "": comparison = .equal
        case ">=", ">": comparison = .greaterOrEqual
        case ">>": comparison = .greater
        default: return nil
        }
        while index < text.count, isBlank(text[index]) { index += 1 }
        var end = text.count - 1
        while end > index, isBlank(text[end - 1]) { end -= 1 }
        guard end > index, !text[index..<end].contains(where: { isBlank($0) || $0 == UInt8(ascii: "(") }) else {
            return nil
        }
        return Alternative(
            name: name,
            version: UnsafeBufferPointer(rebasing: text[index..<end]),
            comparison: comparison
        )
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
}
