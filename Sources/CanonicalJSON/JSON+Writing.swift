// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// RFC 8785 (JCS): sorted names, no white space, minimal escapes. The form of everything that is signed.
    package var canonical: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(size)
        write(to: &out, sorted: true, indent: nil, level: 0)
        return out
    }

    /// No white space, members in the order given: for OCI documents, whose readers expect the specification's order.
    package var compact: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(size)
        write(to: &out, sorted: false, indent: nil, level: 0)
        return out
    }

    /// Two-space indentation, members in the order given, ending in a newline: for people and for files under review.
    package var pretty: String {
        var out: [UInt8] = []
        write(to: &out, sorted: false, indent: 2, level: 0)
        out.append(0x0A)
        return String(decoding: out, as: UTF8.self)
    }

    private func write(to out: inout [UInt8], sorted: Bool, indent: Int?, level: Int) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): out.append(contentsOf: String(value).utf8)
        case .number(let value): out.append(contentsOf: Self.text(of: value).utf8)
        case .string(let value): Self.write(value, to: &out)
        case .array(let values):
            out.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                Self.newline(to: &out, indent: indent, level: level + 1)
                value.write(to: &out, sorted: sorted, indent: indent, level: level + 1)
            }
            if !values.isEmpty { Self.newline(to: &out, indent: indent, level: level) }
            out.append(UInt8(ascii: "]"))
        case .object(let unordered):
            let members = sorted && !Self.isSorted(unordered) ? Self.sorted(unordered) : unordered
            out.append(UInt8(ascii: "{"))
            for (index, (name, value)) in members.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                Self.newline(to: &out, indent: indent, level: level + 1)
                Self.write(name, to: &out)
                out.append(UInt8(ascii: ":"))
                if indent != nil { out.append(UInt8(ascii: " ")) }
                value.write(to: &out, sorted: sorted, indent: indent, level: level + 1)
            }
            if !members.isEmpty { Self.newline(to: &out, indent: indent, level: level) }
            out.append(UInt8(ascii: "}"))
        }
    }

    /// How many bytes the value has without white space, but for what escapes add.
    private var size: Int {
        switch self {
        case .null: 4
        case .bool: 5
        case .integer, .number: 24
        case .string(let value): value.utf8.count + 2
        case .array(let values): values.reduce(2) { $0 + $1.size + 1 }
        case .object(let members): members.reduce(2) { $0 + $1.0.utf8.count + $1.1.size + 4 }
        }
    }

    private static func isSorted(_ members: [(String, JSON)]) -> Bool {
        for index in members.indices.dropFirst() where precedes(members[index].0, members[index - 1].0) { return false }
        return true
    }

    /// By insertion: objects have a handful of members, and nothing is moved that is in its place.
    private static func sorted(_ members: [(String, JSON)]) -> [(String, JSON)] {
        if members.count > 32 { return members.sorted { precedes($0.0, $1.0) } }
        var members = members
        for index in members.indices.dropFirst() {
            var place = index
            while place > 0, precedes(members[place].0, members[place - 1].0) {
                members.swapAt(place, place - 1)
                place -= 1
            }
        }
        return members
    }

    private static func newline(to out: inout [UInt8], indent: Int?, level: Int) {
        guard let indent else { return }
        out.append(0x0A)
        out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * level))
    }

    /// Text without anything to escape, which nearly all is, is appended as a whole.
    private static func write(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            if hasEscapes(bytes) {
                for byte in bytes { write(byte, to: &out) }
            } else {
                out.append(contentsOf: bytes)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    /// Looks at every byte even when the first one decides, so that the processor can take many at a time.
    private static func hasEscapes(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var found: UInt8 = 0
        for byte in bytes {
            found |= byte < 0x20 ? 1 : 0
            found |= byte == UInt8(ascii: "\"") ? 1 : 0
            found |= byte == UInt8(ascii: "\\") ? 1 : 0
        }
        return found != 0
    }

    /// RFC 8785 section 3.2.2.2: the two-character escapes where they exist, `\u00xx` for other control characters,
    /// everything else as it is.
    private static func write(_ byte: UInt8, to out: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            out.append(UInt8(ascii: "\\"))
            out.append(byte)
        case 0x08: out.append(contentsOf: #"\b"#.utf8)
        case 0x09: out.append(contentsOf: #"\t"#.utf8)
        case 0x0A: out.append(contentsOf: #"\n"#.utf8)
        case 0x0C: out.append(contentsOf: #"\f"#.utf8)
        case 0x0D: out.append(contentsOf: #"\r"#.utf8)
        case 0..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            out.append(contentsOf: #"\u00"#.utf8)
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        default: out.append(byte)
        }
    }
}
