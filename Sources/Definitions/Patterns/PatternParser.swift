// SPDX-License-Identifier: Apache-2.0

/// Parses the text of a pattern.
struct PatternParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private(set) var groups = 0

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    mutating func parse() throws(Pattern.Mistake) -> Pattern.Syntax {
        guard scalars.count <= 1_000 else { throw mistake("it is longer than 1,000 characters") }
        let syntax = try alternatives()
        guard position == scalars.count else { throw mistake("there is a ')' without a '('") }
        return syntax
    }

    private func mistake(_ reason: String) -> Pattern.Mistake { Pattern.Mistake(reason: reason) }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private mutating func alternatives() throws(Pattern.Mistake) -> Pattern.Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 40 else { throw mistake("its groups are nested deeper than 40 levels") }
        var options = [try sequence()]
        while skip("|") { options.append(try sequence()) }
        return options.count == 1 ? options[0] : .alternatives(options)
    }

    private mutating func sequence() throws(Pattern.Mistake) -> Pattern.Syntax {
        var parts: [Pattern.Syntax] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            let atom = try atom()
            parts.append(try repetition(of: atom))
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func repetition(of atom: Pattern.Syntax) throws(Pattern.Mistake) -> Pattern.Syntax {
        let bounds: (Int, Int?)
        if skip("*") {
            bounds = (0, nil)
        } else if skip("+") {
            bounds = (1, nil)
        } else if skip("?") {
            bounds = (0, 1)
        } else if next == "{", let counted = countedBounds() {
            guard counted.0 <= 200, (counted.1 ?? 0) <= 200, counted.0 <= (counted.1 ?? 200) else {
                throw mistake("a repetition's bounds must be in order and at most 200")
            }
            bounds = counted
        } else {
            return atom
        }
        let isGreedy = !skip("?")
        if let after = next, after == "*" || after == "+" { throw mistake("a repetition is repeated") }
        return .repeated(atom, from: bounds.0, to: bounds.1, isGreedy: isGreedy)
    }

    /// `{n}`, `{n,}` or `{n,m}`; a brace that begins none of these is a literal.
    private mutating func countedBounds() -> (Int, Int?)? {
        let start = position
        position += 1
        if let from = integer() {
            if skip("}") { return (from, from) }
            if skip(",") {
                if skip("}") { return (from, nil) }
                if let to = integer(), skip("}") { return (from, to) }
            }
        }
        position = start
        return nil
    }

    private mutating func integer() -> Int? {
        var value: Int?
        while let scalar = next, ("0"..."9").contains(scalar) {
            value = min(100_000, (value ?? 0) * 10 + Int(scalar.value - 48))
            position += 1
        }
        return value
    }

    private mutating func atom() throws(Pattern.Mistake) -> Pattern.Syntax {
        guard let scalar = next else { return .empty }
        position += 1
        switch scalar {
        case "(": return try group()
        case "[": return try bracket()
        case ".": return .any
        case "^": return .assertion(.start)
        case "$": return .assertion(.end)
        case "\\": return try escape()
        case "*", "+", "?": throw mistake("'\(scalar)' has nothing to repeat")
        default: return .scalar(scalar)
        }
    }

    private mutating func group() throws(Pattern.Mistake) -> Pattern.Syntax {
        var index: Int?
        if skip("?") {
            guard skip(":") else { throw mistake("only '(?:…)' is known of the groups that begin with '(?'") }
        } else {
            groups += 1
            guard groups <= 20 else { throw mistake("it has more than 20 groups") }
            index = groups
        }
        let inner = try alternatives()
        guard skip(")") else { throw mistake("a '(' is not closed") }
        return index.map { .group(inner, index: $0) } ?? inner
    }

    private mutating func escape() throws(Pattern.Mistake) -> Pattern.Syntax {
        guard let scalar = next else { throw mistake("it ends in a backslash") }
        position += 1
        if let ranges = Self.named(scalar) { return .oneOf(ranges, isNegated: scalar.properties.isUppercase) }
        switch scalar {
        case "b": return .assertion(.wordBoundary)
        case "B": return .assertion(.noWordBoundary)
        case "A": return .assertion(.start)
        case "z": return .assertion(.end)
        default: return .scalar(try literal(scalar))
        }
    }

    private func literal(_ scalar: Unicode.Scalar) throws(Pattern.Mistake) -> Unicode.Scalar {
        switch scalar {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        default:
            if scalar.isASCII, scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) {
                throw mistake("'\\\(scalar)' is not known")
            }
            return scalar
        }
    }

    private mutating func bracket() throws(Pattern.Mistake) -> Pattern.Syntax {
        let isNegated = skip("^")
        var ranges: [ClosedRange<UInt32>] = []
        var isFirst = true
        while let scalar = next {
            position += 1
            if scalar == "]", !isFirst { return .oneOf(ranges, isNegated: isNegated) }
            isFirst = false
            var low = scalar
            if scalar == "\\" {
                guard let escaped = next else { break }
                position += 1
                if let named = Self.named(escaped) {
                    guard !escaped.properties.isUppercase else {
                        throw mistake("'\\\(escaped)' inside '[…]' is not known")
                    }
                    ranges += named
                    continue
                }
                low = try literal(escaped)
            }
            ranges.append(try range(from: low))
        }
        throw mistake("a '[' is not closed")
    }

    /// A range `a-z`, or the single scalar when no range follows.
    private mutating func range(from low: Unicode.Scalar) throws(Pattern.Mistake) -> ClosedRange<UInt32> {
        guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
            return low.value...low.value
        }
        position += 1
        var high = scalars[position]
        position += 1
        if high == "\\" {
            guard let escaped = next else { throw mistake("a '[' is not closed") }
            position += 1
            high = try literal(escaped)
        }
        guard low.value <= high.value else { throw mistake("the range '\(low)-\(high)' is in the wrong order") }
        return low.value...high.value
    }

    /// `\d`, `\s`, `\w` and their negations, for ASCII as in RE2.
    private static func named(_ scalar: Unicode.Scalar) -> [ClosedRange<UInt32>]? {
        switch scalar {
        case "d", "D": [0x30...0x39]
        case "s", "S": [0x09...0x0A, 0x0C...0x0D, 0x20...0x20]
        case "w", "W": [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
        default: nil
        }
    }
}
