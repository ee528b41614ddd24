// SPDX-License-Identifier: Apache-2.0

/// Reads a pattern as Go's `regexp/syntax` does with the flags of `regexp.Compile` (RE2's syntax with Perl's additions).
struct Parser {
    struct Flags {
        var ignoresCase = false
        var isMultiline = false
        var dotMatchesNewline = false
    }

    let text: [Unicode.Scalar]
    var position = 0
    var flags = Flags()
    private var depth = 0

    /// The most groups within each other.
    private static let depthLimit = 100
    /// The largest count of a repetition, and of nested ones multiplied.
    private static let countLimit = 1000

    init(_ pattern: String) { text = Array(pattern.unicodeScalars) }

    mutating func parse() throws(RegularExpressionError) -> Node {
        let node = try choice()
        guard peek == nil else { throw RegularExpressionError("it has a ')' without a '('") }
        return node
    }

    var peek: Unicode.Scalar? { position < text.count ? text[position] : nil }

    mutating func take(_ expected: String) -> Bool {
        let scalars = Array(expected.unicodeScalars)
        guard text[position...].starts(with: scalars) else { return false }
        position += scalars.count
        return true
    }

    func excerpt(from start: Int) -> String {
        var out = String.UnicodeScalarView()
        out.append(contentsOf: text[start..<min(position, text.count)])
        return String(out)
    }

    // MARK: Sequences and repetitions

    /// Flags that are set within a group end with it, and not with an alternative.
    private mutating func choice() throws(RegularExpressionError) -> Node {
        var alternatives = [try sequence()]
        while take("|") { alternatives.append(try sequence()) }
        return alternatives.count == 1 ? alternatives[0] : .choice(alternatives)
    }

    private mutating func sequence() throws(RegularExpressionError) -> Node {
        var nodes: [Node] = []
        var isRepetition = false
        while let scalar = peek, scalar != "|", scalar != ")" {
            let start = position
            if let (least, most, isCounted) = try repetition() {
                // As in Perl, what is reluctant matches the same texts.
                _ = take("?")
                guard !isRepetition else {
                    throw RegularExpressionError("a repetition is repeated: '\(excerpt(from: start))'")
                }
                guard let operand = nodes.popLast() else {
                    throw RegularExpressionError("there is nothing to repeat before '\(excerpt(from: start))'")
                }
                let node = Node.loop(operand, least: least, most: most, isCounted: isCounted)
                guard node.hasCounts(atMost: Self.countLimit) else {
                    throw RegularExpressionError("its repetitions count beyond \(Self.countLimit)")
                }
                nodes.append(node)
                isRepetition = true
            } else {
                if take("\\Q") {
                    while position < text.count, !take("\\E") {
                        nodes.append(literal(text[position]))
                        position += 1
                    }
                } else if let node = try single() {
                    nodes.append(node)
                }
                isRepetition = false
            }
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    /// An operator of repetition; nil when there is none here. Braces without numbers are literal.
    private mutating func repetition() throws(RegularExpressionError) -> (Int, Int?, isCounted: Bool)? {
        if take("*") { return (0, nil, false) }
        if take("+") { return (1, nil, false) }
        if take("?") { return (0, 1, false) }
        guard peek == "{" else { return nil }
        let start = position
        position += 1
        guard let least = number() else {
            position = start
            return nil
        }
        var most: Int? = least
        if take(",") { most = peek == "}" ? nil : number() ?? -1 }
        guard most != -1, take("}") else {
            position = start
            return nil
        }
        guard least <= Self.countLimit, most ?? least <= Self.countLimit, most ?? least >= least else {
            throw RegularExpressionError("'\(excerpt(from: start))' is no count of up to \(Self.countLimit)")
        }
        return (least, most, true)
    }

    /// Without leading zeros.
    private mutating func number() -> Int? {
        let start = position
        while let scalar = peek, ("0"..."9").contains(scalar) { position += 1 }
        let digits = excerpt(from: start)
        guard !digits.isEmpty, digits.count == 1 || !digits.hasPrefix("0") else { return nil }
        return digits.count > 8 ? .max : Int(digits)
    }

    // MARK: Single things

    /// Nil for what changes flags and matches nothing.
    private mutating func single() throws(RegularExpressionError) -> Node? {
        switch text[position] {
        case "(": return try group()
        case "[": return .scalar(try characterClass())
        case ".":
            position += 1
            return .scalar(flags.dotMatchesNewline ? .any : .anyButNewline)
        case "^":
            position += 1
            return .assertion(flags.isMultiline ? .lineStart : .textStart)
        case "$":
            position += 1
            return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case "\\":
            if take("\\A") { return .assertion(.textStart) }
            if take("\\z") { return .assertion(.textEnd) }
            if take("\\b") { return .assertion(.wordBoundary) }
            if take("\\B") { return .assertion(.noWordBoundary) }
            if let set = try namedSet() { return .scalar(set) }
            return literal(try escape())
        case let scalar:
            position += 1
            return literal(scalar)
        }
    }

    private func literal(_ scalar: Unicode.Scalar) -> Node {
        .scalar(flags.ignoresCase ? ScalarSet(scalar.value).ignoringCase : ScalarSet(scalar.value))
    }

    private mutating func group() throws(RegularExpressionError) -> Node? {
        let start = position
        position += 1
        let outer = flags
        if take("?") {
            if take("P<") || take("<") {
                try name(start)
            } else if try options(start) {
                return nil
            }
        }
        depth += 1
        guard depth <= Self.depthLimit else { throw RegularExpressionError("its groups are nested too deeply") }
        let node = try choice()
        guard take(")") else { throw RegularExpressionError("it has a '(' without a ')'") }
        depth -= 1
        flags = outer
        return node
    }

    private mutating func name(_ start: Int) throws(RegularExpressionError) {
        let begin = position
        while let scalar = peek, scalar != ">" { position += 1 }
        let name = excerpt(from: begin)
        let isName = name.unicodeScalars.allSatisfy { ScalarSet.word.contains($0) }
        guard take(">"), !name.isEmpty, isName else {
            throw RegularExpressionError("'\(excerpt(from: start))' does not name a group")
        }
    }

    /// Reads `flags)` or `flags:`.
    ///
    /// - Returns: whether that was all of the group.
    private mutating func options(_ start: Int) throws(RegularExpressionError) -> Bool {
        var isOn = true
        var isAwaited = false
        var changed = flags
        while let scalar = peek {
            position += 1
            switch scalar {
            case "i": changed.ignoresCase = isOn
            case "m": changed.isMultiline = isOn
            case "s": changed.dotMatchesNewline = isOn
            case "U": break
            case "-" where isOn:
                isOn = false
                isAwaited = true
                continue
            case ":" where !isAwaited, ")" where !isAwaited:
                flags = changed
                return scalar == ")"
            default:
                throw RegularExpressionError(
                    "'\(excerpt(from: start))' is no group of RE2, which has neither look-around nor conditions"
                )
            }
            isAwaited = false
        }
        throw RegularExpressionError("it has a '(' without a ')'")
    }
}
