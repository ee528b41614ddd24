// SPDX-License-Identifier: Apache-2.0

/// The parts of a text: what stands for itself, `${NAME}`, `${NAME:pattern}` and `#{ expression }`.
enum TextPart {
    case literal(Substring)
    case variable(name: String, pattern: String?, source: Substring)
    case expression(String, source: Substring)
    /// Looks like a placeholder and is none (`${}`, `${1#-}`, a brace that is never closed).
    case malformed(Substring)

    /// Splits a text; a text without placeholders is one literal.
    static func parse(_ text: String) -> [TextPart] {
        var parts: [TextPart] = []
        let bytes = text.utf8
        var literal = bytes.startIndex
        var position = bytes.startIndex
        while position < bytes.endIndex {
            let byte = bytes[position]
            let next = bytes.index(after: position)
            guard byte == UInt8(ascii: "$") || byte == UInt8(ascii: "#"), next < bytes.endIndex,
                bytes[next] == UInt8(ascii: "{")
            else {
                position = next
                continue
            }
            let inner = bytes.index(after: next)
            let (part, end) =
                byte == UInt8(ascii: "$")
                ? variable(text, from: position, inner) : expression(text, from: position, inner)
            if literal < position { parts.append(.literal(text[literal..<position])) }
            parts.append(part)
            position = end
            literal = end
        }
        if literal < bytes.endIndex { parts.append(.literal(text[literal...])) }
        return parts
    }

    private static func variable(
        _ text: String,
        from start: String.Index,
        _ inner: String.Index
    ) -> (TextPart, String.Index) {
        let bytes = text.utf8
        var position = inner
        while position < bytes.endIndex, isName(bytes[position], isFirst: position == inner) {
            position = bytes.index(after: position)
        }
        let name = String(text[inner..<position])
        guard !name.isEmpty, position < bytes.endIndex else { return malformed(text, start, inner) }
        if bytes[position] == UInt8(ascii: "}") {
            let end = bytes.index(after: position)
            return (.variable(name: name, pattern: nil, source: text[start..<end]), end)
        }
        guard bytes[position] == UInt8(ascii: ":") else { return malformed(text, start, inner) }
        let pattern = bytes.index(after: position)
        // A pattern may hold braces of its own (`[0-9]{2}`), as long as they are balanced or escaped.
        var depth = 0
        position = pattern
        while position < bytes.endIndex {
            switch bytes[position] {
            case UInt8(ascii: "\\"):
                let escaped = bytes.index(after: position)
                if escaped < bytes.endIndex { position = escaped }
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"):
                if depth == 0 {
                    let end = bytes.index(after: position)
                    let source = text[start..<end]
                    return (.variable(name: name, pattern: String(text[pattern..<position]), source: source), end)
                }
                depth -= 1
            case 0x0A: return malformed(text, start, inner)
            default: break
            }
            position = bytes.index(after: position)
        }
        return malformed(text, start, inner)
    }

    private static func expression(
        _ text: String,
        from start: String.Index,
        _ inner: String.Index
    ) -> (TextPart, String.Index) {
        let bytes = text.utf8
        var position = inner
        var quote: UInt8?
        while position < bytes.endIndex {
            let byte = bytes[position]
            if let open = quote {
                if byte == UInt8(ascii: "\\"), bytes.index(after: position) < bytes.endIndex {
                    position = bytes.index(after: position)
                } else if byte == open {
                    quote = nil
                }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: "}") {
                let end = bytes.index(after: position)
                return (.expression(String(text[inner..<position]), source: text[start..<end]), end)
            }
            position = bytes.index(after: position)
        }
        return malformed(text, start, inner)
    }

    private static func malformed(
        _ text: String,
        _ start: String.Index,
        _ inner: String.Index
    ) -> (TextPart, String.Index) {
        (.malformed(text[start..<inner]), inner)
    }

    private static func isName(_ byte: UInt8, isFirst: Bool) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
        case 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "-"): !isFirst
        default: false
        }
    }
}
