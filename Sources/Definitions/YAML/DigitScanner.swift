// SPDX-License-Identifier: Apache-2.0

/// Reads the numbers of YAML 1.1 from a plain scalar's bytes.
struct DigitScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    /// Skips spaces and tabs; false when there is none.
    mutating func skipBlanks() -> Bool {
        let start = position
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
        return position > start
    }

    mutating func digits(_ count: ClosedRange<Int>) -> Bool {
        let start = position
        while position < bytes.count, position - start < count.upperBound, (0x30...0x39).contains(bytes[position]) {
            position += 1
        }
        return count.contains(position - start)
    }

    /// The whole text as an integer: decimal, `0b…`, `0…` (octal), `0x…`, or sexagesimal, with `_` between digits.
    mutating func integer() -> Value.Kind? {
        position = 0
        let isNegative = skip("-")
        if !isNegative { _ = skip("+") }
        let rest = UnsafeBufferPointer(rebasing: bytes[position...])
        guard let first = rest.first else { return nil }
        if first == 0x30 {
            if rest.count == 1 { return .integer(0) }
            if rest[1] == UInt8(ascii: "b") { return radix(2, rest.dropFirst(2), isNegative) }
            if rest[1] == UInt8(ascii: "x") { return radix(16, rest.dropFirst(2), isNegative) }
            return radix(8, rest.dropFirst(1), isNegative)
        }
        guard (0x31...0x39).contains(first) else { return nil }
        if rest.contains(UInt8(ascii: ":")) { return sexagesimal(rest, isNegative) }
        return radix(10, rest[...], isNegative)
    }

    private func radix(
        _ radix: Int,
        _ digits: Slice<UnsafeBufferPointer<UInt8>>,
        _ isNegative: Bool
    ) -> Value.Kind? {
        guard !digits.isEmpty else { return nil }
        var value: Int? = 0
        var count = 0
        for byte in digits where byte != UInt8(ascii: "_") {
            guard let digit = Self.digit(byte), digit < radix else { return nil }
            count += 1
            value = Self.append(digit, to: value, radix: radix)
        }
        // `0b_` has the shape of a number and no value.
        if count == 0 && radix != 8 { return .foreign("a number without digits") }
        return .integer(value.map { isNegative ? -$0 : $0 })
    }

    /// `[1-9][0-9_]*(:[0-5]?[0-9])+`, base 60.
    private func sexagesimal(_ rest: UnsafeBufferPointer<UInt8>, _ isNegative: Bool) -> Value.Kind? {
        var total: Int? = 0
        for (index, part) in rest.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).enumerated() {
            var value: Int? = 0
            for byte in part where index > 0 || byte != UInt8(ascii: "_") {
                guard let digit = Self.digit(byte), digit < 10 else { return nil }
                value = Self.append(digit, to: value, radix: 10)
            }
            if index > 0 { guard (1...2).contains(part.count), (value ?? 60) < 60 else { return nil } }
            total = Self.append(value ?? 0, to: value == nil ? nil : total, radix: 60)
        }
        return .integer(total.map { isNegative ? -$0 : $0 })
    }

    /// The whole text as a float: `1.5`, `1.`, `.5`, `1.5e+3`, `1:30.5`, `.inf`, `.nan`.
    mutating func float() -> Value.Kind? {
        position = 0
        let isSigned = skip("-") || skip("+")
        let start = position
        if skip(".") {
            let word = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
            if ["inf", "Inf", "INF"].contains(word) { return .number(whole: nil) }
            if isSigned { return nil }
            if ["nan", "NaN", "NAN"].contains(word) { return .number(whole: nil) }
            guard position < bytes.count, (0x30...0x39).contains(bytes[position]) else { return nil }
        } else {
            guard position < bytes.count, (0x30...0x39).contains(bytes[position]) else { return nil }
            skipDigits()
            var isSexagesimal = false
            while skip(":") {
                isSexagesimal = true
                let part = position
                guard digits(1...2), position - part == 1 || bytes[part] <= UInt8(ascii: "5") else { return nil }
            }
            guard skip(".") else { return nil }
            if isSexagesimal {
                skipDigits()
                return isAtEnd ? .number(whole: nil) : nil
            }
        }
        skipDigits()
        if skip("e") || skip("E") {
            guard skip("+") || skip("-"), digits(1...Int.max) else { return nil }
        }
        guard isAtEnd else { return nil }
        let digits = bytes[start...].filter { $0 != UInt8(ascii: "_") }
        let value = Double(String(decoding: digits, as: UTF8.self))
        guard let value, value.isFinite, value == value.rounded() else { return .number(whole: nil) }
        // JSON Schema calls a number without a fraction an integer, however large it is.
        guard let whole = Int(exactly: value) else { return Value.Kind.integer(nil) }
        return Value.Kind.number(whole: whole)
    }

    private mutating func skipDigits() {
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) || bytes[position] == UInt8(ascii: "_") {
            position += 1
        }
    }

    private static func digit(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte - 0x30)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    /// `value * radix + digit`; nil when it leaves 64 bits.
    private static func append(_ digit: Int, to value: Int?, radix: Int) -> Int? {
        guard let value else { return nil }
        let (product, overflow) = value.multipliedReportingOverflow(by: radix)
        let (sum, carry) = product.addingReportingOverflow(digit)
        return overflow || carry ? nil : sum
    }
}
