// SPDX-License-Identifier: Apache-2.0

/// Why a text is not the JSON that we read.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was wrong, without the position.
    package let reason: String
    /// Byte offset in the text.
    package let offset: Int
    package var description: String { "\(reason) at byte \(offset)" }
}

extension JSON {
    /// Parses a whole text (RFC 8259), strictly: no duplicate names, no trailing bytes, valid UTF-8, at most `depth` levels.
    ///
    /// A number is read as a double (RFC 7493 section 2.2) unless it is a whole one that fits into 64 bits; one that no
    /// finite double stands for is an error.
    ///
    /// - Parameter values: the most values, all levels together: each takes many times the memory of the one or two bytes that
    ///   the text may spend on it.
    package init(parsing bytes: [UInt8], depth: Int = 128, values: Int = 4_000_000) throws(JSONError) {
        var parser = Parser(bytes: bytes, limit: depth, rest: values)
        self = try parser.document()
    }

    /// Parses a string's UTF-8 bytes.
    package init(parsing text: String) throws(JSONError) { try self.init(parsing: Array(text.utf8)) }

    private struct Parser {
        let bytes: [UInt8]
        let limit: Int
        /// How many values there may still be.
        var rest: Int
        var position = 0

        init(bytes: [UInt8], limit: Int, rest: Int) {
            self.bytes = bytes
            self.limit = limit
            self.rest = rest
        }

        mutating func document() throws(JSONError) -> JSON {
            let value = try value(level: 0)
            skipSpace()
            if position != bytes.count { throw error("unexpected text after the value") }
            return value
        }

        func error(_ reason: String) -> JSONError { JSONError(reason: reason, offset: position) }

        mutating func skipSpace() {
            while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
        }

        mutating func value(level: Int) throws(JSONError) -> JSON {
            if level > limit { throw error("nested deeper than \(limit) levels") }
            if rest == 0 { throw error("more values than are read") }
            rest -= 1
            skipSpace()
            guard position < bytes.count else { throw error("unexpected end") }
            switch bytes[position] {
            case UInt8(ascii: "{"): return try object(level: level)
            case UInt8(ascii: "["): return try array(level: level)
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "t"): return try literal("true", .bool(true))
            case UInt8(ascii: "f"): return try literal("false", .bool(false))
            case UInt8(ascii: "n"): return try literal("null", .null)
            default: return try number()
            }
        }

        mutating func literal(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
            let end = position + text.utf8CodeUnitCount
            let same = text.withUTF8Buffer { end <= bytes.count && $0.elementsEqual(bytes[position..<end]) }
            guard same else { throw error("unexpected character") }
            position = end
            return value
        }

        mutating func object(level: Int) throws(JSONError) -> JSON {
            position += 1
            var members: [(String, JSON)] = []
            var names: Set<[UInt8]> = []
            skipSpace()
            if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
                position += 1
                return .object([])
            }
            while true {
                skipSpace()
                guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                    throw error("expected a member name")
                }
                let name = try string()
                guard names.insert(Array(name.utf8)).inserted else { throw error("duplicate member '\(name)'") }
                skipSpace()
                guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else { throw error("expected ':'") }
                position += 1
                members.append((name, try value(level: level + 1)))
                if try !more(closing: UInt8(ascii: "}")) { return .object(members) }
            }
        }

        mutating func array(level: Int) throws(JSONError) -> JSON {
            position += 1
            var values: [JSON] = []
            skipSpace()
            if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
                position += 1
                return .array([])
            }
            while true {
                values.append(try value(level: level + 1))
                if try !more(closing: UInt8(ascii: "]")) { return .array(values) }
            }
        }

        mutating func more(closing: UInt8) throws(JSONError) -> Bool {
            skipSpace()
            guard position < bytes.count else { throw error("unexpected end") }
            let byte = bytes[position]
            guard byte == closing || byte == UInt8(ascii: ",") else {
                throw error("expected ',' or the closing bracket")
            }
            position += 1
            return byte != closing
        }

        /// RFC 8259 section 6: `[-] int [frac] [exp]`.
        mutating func number() throws(JSONError) -> JSON {
            let start = position
            if peek(UInt8(ascii: "-")) { position += 1 }
            let first = position
            guard digits() > 0 else { throw JSONError(reason: "unexpected character", offset: start) }
            guard position == first + 1 || bytes[first] != UInt8(ascii: "0") else {
                throw JSONError(reason: "a number begins with a needless zero", offset: start)
            }
            var isWhole = true
            if peek(UInt8(ascii: ".")) {
                isWhole = false
                position += 1
                guard digits() > 0 else { throw error("a digit is missing after the decimal point") }
            }
            if peek(UInt8(ascii: "e")) || peek(UInt8(ascii: "E")) {
                isWhole = false
                position += 1
                if peek(UInt8(ascii: "+")) || peek(UInt8(ascii: "-")) { position += 1 }
                guard digits() > 0 else { throw error("a digit is missing in the exponent") }
            }
            let text = String(decoding: bytes[start..<position], as: UTF8.self)
            if isWhole, let value = Int(text) { return .integer(value) }
            guard let value = Double(text), value.isFinite else {
                throw JSONError(reason: "the number is too large for a double", offset: start)
            }
            return Int(exactly: value).map { .integer($0) } ?? .number(value)
        }

        private func peek(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }

        /// Skips digits.
        private mutating func digits() -> Int {
            let start = position
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
            return position - start
        }

        mutating func string() throws(JSONError) -> String {
            position += 1
            var out: [UInt8] = []
            while true {
                guard position < bytes.count else { throw error("unterminated string") }
                let byte = bytes[position]
                position += 1
                switch byte {
                case UInt8(ascii: "\""):
                    guard let text = String(validating: out, as: UTF8.self) else { throw error("invalid UTF-8") }
                    return text
                case UInt8(ascii: "\\"): try escape(into: &out)
                case 0..<0x20: throw error("unescaped control character in a string")
                default: out.append(byte)
                }
            }
        }

        mutating func escape(into out: inout [UInt8]) throws(JSONError) {
            guard position < bytes.count else { throw error("unterminated string") }
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0C)
            case UInt8(ascii: "n"): out.append(0x0A)
            case UInt8(ascii: "r"): out.append(0x0D)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = UInt32(try unit())
                if (0xD800..<0xDC00).contains(scalar) {
                    guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                        bytes[position + 1] == UInt8(ascii: "u")
                    else { throw error("lone surrogate") }
                    position += 2
                    let low = UInt32(try unit())
                    guard (0xDC00..<0xE000).contains(low) else { throw error("lone surrogate") }
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                }
                guard let character = Unicode.Scalar(scalar) else { throw error("lone surrogate") }
                out.append(contentsOf: String(Character(character)).utf8)
            default: throw error("unknown escape")
            }
        }

        mutating func unit() throws(JSONError) -> UInt16 {
            guard position + 4 <= bytes.count,
                let value = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
            else { throw error("malformed \\u escape") }
            position += 4
            return value
        }
    }
}
