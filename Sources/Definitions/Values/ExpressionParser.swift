// SPDX-License-Identifier: Apache-2.0

/// The syntax of `#{ … }`: strings, names, `? :`, `||`, `&&`, `==`, `!=`, `+`, `!` and parentheses, binding in this order.
indirect enum Expression: Equatable {
    case string(String)
    case boolean(Bool)
    case name(String)
    case not(Expression)
    case binary(Operator, Expression, Expression)
    case choice(Expression, then: Expression, otherwise: Expression)

    enum Operator: String, Equatable {
        case or = "||"
        case and = "&&"
        case equal = "=="
        case unequal = "!="
        case plus = "+"
    }
}

/// Parses an expression by recursive descent; nesting is bounded.
struct ExpressionParser {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    private init(_ text: String) { bytes = Array(text.utf8) }

    static func parse(_ text: String) throws(ValueProblem) -> Expression {
        guard text.utf8.count <= 16_384 else { throw mistake("the expression has more than 16,384 bytes") }
        var parser = ExpressionParser(text)
        let expression = try parser.choice()
        parser.skipSpace()
        guard parser.position == parser.bytes.count else { throw parser.unexpected() }
        return expression
    }

    private static func mistake(_ message: String) -> ValueProblem { ValueProblem(.malformedExpression, message) }

    private func unexpected() -> ValueProblem {
        guard position < bytes.count else { return Self.mistake("the expression ends too early") }
        let rest = String(decoding: bytes[position...].prefix(12), as: UTF8.self)
        return ValueProblem(
            .malformedExpression,
            "the expression cannot be read at '\(rest)'",
            hint: "known are \"text\", names, == != && || + ! ? : and parentheses"
        )
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func skip(_ token: StaticString) -> Bool {
        skipSpace()
        let matches = token.withUTF8Buffer { bytes[position...].starts(with: $0) }
        if matches { position += token.utf8CodeUnitCount }
        return matches
    }

    private mutating func choice() throws(ValueProblem) -> Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 50 else { throw Self.mistake("the expression is nested deeper than 50 levels") }
        let condition = try or()
        guard skip("?") else { return condition }
        let then = try choice()
        guard skip(":") else { throw unexpected() }
        return .choice(condition, then: then, otherwise: try choice())
    }

    private mutating func or() throws(ValueProblem) -> Expression {
        var left = try and()
        while skip("||") { left = .binary(.or, left, try and()) }
        return left
    }

    private mutating func and() throws(ValueProblem) -> Expression {
        var left = try comparison()
        while skip("&&") { left = .binary(.and, left, try comparison()) }
        return left
    }

    private mutating func comparison() throws(ValueProblem) -> Expression {
        var left = try sum()
        while true {
            if skip("==") {
                left = .binary(.equal, left, try sum())
            } else if skip("!=") {
                left = .binary(.unequal, left, try sum())
            } else {
                return left
            }
        }
    }

    private mutating func sum() throws(ValueProblem) -> Expression {
        var left = try operand()
        while skip("+") { left = .binary(.plus, left, try operand()) }
        return left
    }

    private mutating func operand() throws(ValueProblem) -> Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 50 else { throw Self.mistake("the expression is nested deeper than 50 levels") }
        skipSpace()
        guard position < bytes.count else { throw unexpected() }
        switch bytes[position] {
        case UInt8(ascii: "!"):
            position += 1
            return .not(try operand())
        case UInt8(ascii: "("):
            position += 1
            let inner = try choice()
            guard skip(")") else { throw unexpected() }
            return inner
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return .string(try string())
        default:
            return try name()
        }
    }

    private mutating func string() throws(ValueProblem) -> String {
        let quote = bytes[position]
        position += 1
        var out: [UInt8] = []
        while position < bytes.count {
            var byte = bytes[position]
            position += 1
            if byte == quote { return String(decoding: out, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") {
                guard position < bytes.count else { break }
                byte = bytes[position]
                position += 1
                if byte == UInt8(ascii: "n") { byte = 0x0A }
                if byte == UInt8(ascii: "t") { byte = 0x09 }
            }
            out.append(byte)
        }
        throw Self.mistake("a text in the expression is not closed")
    }

    private mutating func name() throws(ValueProblem) -> Expression {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): break
            case 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "-"):
                if position == start { throw unexpected() }
            default:
                if position == start { throw unexpected() }
                return Self.named(String(decoding: bytes[start..<position], as: UTF8.self))
            }
            position += 1
        }
        return Self.named(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private static func named(_ name: String) -> Expression {
        switch name {
        case "true": .boolean(true)
        case "false": .boolean(false)
        default: .name(name)
        }
    }
}
