// SPDX-License-Identifier: Apache-2.0

/// What a plain (unquoted) scalar means.
///
/// The published language has no type tags, and its files quote whatever could be taken for something else. Where a file
/// does not, the YAML 1.1 type repository (yaml.org/type) decides, in the restricted form that the widespread readers
/// share: `yes` and `on` are booleans, `017` is octal, `1:30` is sexagesimal, `2026-01-31` is a date; `1e3` and `0o17`
/// are strings. It is the stricter choice: a value that readers disagree on is never silently taken for a string.
enum ScalarTyping {
    static func kind(of text: String) -> Value.Kind {
        var text = text
        return text.withUTF8 { kind(of: $0) }
    }

    private static func kind(of bytes: UnsafeBufferPointer<UInt8>) -> Value.Kind {
        guard let first = bytes.first else { return .null }
        switch first {
        case UInt8(ascii: "~"):
            return bytes.count == 1 ? .null : .string
        case UInt8(ascii: "="):
            return bytes.count == 1 ? .foreign("the YAML 1.1 'value' type") : .string
        case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return number(bytes)
        case UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "t"),
            UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "o"), UInt8(ascii: "O"):
            return bytes.count <= 5 ? word(String(decoding: bytes, as: UTF8.self)) : .string
        default:
            return .string
        }
    }

    private static func word(_ text: String) -> Value.Kind {
        switch text {
        case "null", "Null", "NULL": .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": .boolean(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": .boolean(false)
        default: .string
        }
    }

    private static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Value.Kind {
        // Longer than any number of use: the longest legal integer or float would still be only a number.
        var scanner = DigitScanner(bytes)
        if let value = scanner.integer() { return value }
        if let value = scanner.float() { return value }
        return isTimestamp(bytes) ? .foreign("a date") : .string
    }

    /// `YYYY-MM-DD`, or a date and a time in the loose form of YAML 1.1.
    private static func isTimestamp(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var scanner = DigitScanner(bytes)
        guard scanner.digits(4...4), scanner.skip("-") else { return false }
        let monthStart = scanner.position
        guard scanner.digits(1...2), scanner.skip("-"), scanner.digits(1...2) else { return false }
        if scanner.isAtEnd { return scanner.position - monthStart == 5 }
        if !(scanner.skip("T") || scanner.skip("t")) {
            guard scanner.skipBlanks() else { return false }
        }
        guard scanner.digits(1...2), scanner.skip(":"), scanner.digits(2...2), scanner.skip(":"), scanner.digits(2...2)
        else { return false }
        if scanner.skip(".") { _ = scanner.digits(0...Int.max) }
        if scanner.isAtEnd { return true }
        _ = scanner.skipBlanks()
        if scanner.skip("Z") { return scanner.isAtEnd }
        guard scanner.skip("+") || scanner.skip("-"), scanner.digits(1...2) else { return false }
        if scanner.skip(":") { guard scanner.digits(2...2) else { return false } }
        return scanner.isAtEnd
    }
}
