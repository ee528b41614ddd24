// SPDX-License-Identifier: Apache-2.0

extension Parser {
    private static let named: [String: [ClosedRange<UInt32>]] = [
        "alnum": [0x30...0x39, 0x41...0x5A, 0x61...0x7A], "alpha": [0x41...0x5A, 0x61...0x7A], "ascii": [0...0x7F],
        "blank": [9...9, 32...32], "cntrl": [0...0x1F, 0x7F...0x7F], "digit": [0x30...0x39], "graph": [0x21...0x7E],
        "lower": [0x61...0x7A], "print": [0x20...0x7E],
        "punct": [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E], "space": [9...13, 32...32],
        "upper": [0x41...0x5A], "word": [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A],
        "xdigit": [0x30...0x39, 0x41...0x46, 0x61...0x66],
    ]

    private func folded(_ set: ScalarSet) -> ScalarSet { flags.ignoresCase ? set.ignoringCase : set }

    /// `[…]`
    mutating func characterClass() throws(RegularExpressionError) -> ScalarSet {
        let start = position
        position += 1
        let isInverted = take("^")
        var set = ScalarSet()
        var isFirst = true
        while isFirst || peek != "]" {
            guard let scalar = peek else { throw RegularExpressionError("'\(excerpt(from: start))' has no ']'") }
            isFirst = false
            if let named = try posixSet() {
                set.formUnion(named)
                continue
            }
            if let named = try namedSet() {
                set.formUnion(named)
                continue
            }
            let low = try member(scalar)
            var high = low
            if position + 1 < text.count, text[position] == "-", text[position + 1] != "]" {
                position += 1
                high = try member(text[position])
                guard low <= high else {
                    throw RegularExpressionError("'\(excerpt(from: start))' has a range that ends before it begins")
                }
            }
            set.insert(low.value...high.value)
        }
        position += 1
        set = folded(set)
        return isInverted ? set.inverted : set
    }

    private mutating func member(_ scalar: Unicode.Scalar) throws(RegularExpressionError) -> Unicode.Scalar {
        if scalar == "\\" { return try escape() }
        position += 1
        return scalar
    }

    /// `[:alpha:]`, within a class.
    private mutating func posixSet() throws(RegularExpressionError) -> ScalarSet? {
        let start = position
        guard take("[:") else { return nil }
        let begin = position
        while position < text.count, !text[position...].starts(with: ":]".unicodeScalars) { position += 1 }
        guard position < text.count else {
            position = start
            return nil
        }
        let name = excerpt(from: begin)
        position += 2
        let isInverted = name.hasPrefix("^")
        guard let ranges = Self.named[isInverted ? String(name.dropFirst()) : name] else {
            throw RegularExpressionError("there is no class '\(excerpt(from: start))'")
        }
        let set = folded(ScalarSet(ranges))
        return isInverted ? set.inverted : set
    }

    /// `\d` and its kind, and `\p{…}`; nil for another escape.
    mutating func namedSet() throws(RegularExpressionError) -> ScalarSet? {
        for (name, set) in [("d", ScalarSet.digit), ("s", .space), ("w", .word)] {
            if take("\\" + name) { return folded(set) }
            if take("\\" + name.uppercased()) { return folded(set).inverted }
        }
        let start = position
        var isInverted = take("\\P")
        guard isInverted || take("\\p") else { return nil }
        guard peek != nil else { throw RegularExpressionError("'\(excerpt(from: start))' names no category") }
        var name: String
        if take("{") {
            let begin = position
            while let scalar = peek, scalar != "}" { position += 1 }
            name = excerpt(from: begin)
            guard take("}") else { throw RegularExpressionError("'\(excerpt(from: start))' has no '}'") }
        } else {
            position += 1
            name = excerpt(from: position - 1)
        }
        if name.hasPrefix("^") {
            isInverted.toggle()
            name.removeFirst()
        }
        let set: ScalarSet
        if name == "Any" {
            set = .any
        } else if let categories = Self.categories(name) {
            set = ScalarSet(categories: categories)
        } else {
            throw RegularExpressionError("'\(excerpt(from: start))' is no general category; scripts are not supported")
        }
        return isInverted ? folded(set).inverted : folded(set)
    }

    private static func categories(_ name: String) -> Set<Unicode.GeneralCategory>? {
        let all: [(String, Unicode.GeneralCategory)] = [
            ("Lu", .uppercaseLetter), ("Ll", .lowercaseLetter), ("Lt", .titlecaseLetter), ("Lm", .modifierLetter),
            ("Lo", .otherLetter), ("Mn", .nonspacingMark), ("Mc", .spacingMark), ("Me", .enclosingMark),
            ("Nd", .decimalNumber), ("Nl", .letterNumber), ("No", .otherNumber), ("Pc", .connectorPunctuation),
            ("Pd", .dashPunctuation), ("Ps", .openPunctuation), ("Pe", .closePunctuation),
            ("Pi", .initialPunctuation), ("Pf", .finalPunctuation), ("Po", .otherPunctuation), ("Sm", .mathSymbol),
            ("Sc", .currencySymbol), ("Sk", .modifierSymbol), ("So", .otherSymbol), ("Zs", .spaceSeparator),
            ("Zl", .lineSeparator), ("Zp", .paragraphSeparator), ("Cc", .control), ("Cf", .format),
            ("Co", .privateUse), ("Cs", .surrogate),
        ]
        let found = all.filter { $0.0 == name || name.count == 1 && $0.0.hasPrefix(name) }.map(\.1)
        return found.isEmpty ? nil : Set(found)
    }

    /// `\n`, `\x{41}`, `\101`, `\.`: one code point.
    mutating func escape() throws(RegularExpressionError) -> Unicode.Scalar {
        let start = position
        func fail(_ parser: Parser) -> RegularExpressionError {
            RegularExpressionError("'\(parser.excerpt(from: start))' is no escape of RE2, which has no back-references")
        }
        position += 1
        guard let scalar = peek else { throw RegularExpressionError("it ends in a backslash") }
        position += 1
        switch scalar {
        case "a": return "\u{7}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{B}"
        case "x": return try hexadecimal(start)
        case "0"..."7":
            func isOctal(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { ("0"..."7").contains($0) } ?? false }
            // One digit alone would be a back-reference.
            guard scalar == "0" || isOctal(peek) else { throw fail(self) }
            var value = scalar.value - 0x30
            for _ in 0..<2 where isOctal(peek) {
                value = value * 8 + text[position].value - 0x30
                position += 1
            }
            guard let scalar = Unicode.Scalar(value) else { throw fail(self) }
            return scalar
        default:
            let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
            guard scalar.isASCII, !isLetter else { throw fail(self) }
            return scalar
        }
    }

    private mutating func hexadecimal(_ start: Int) throws(RegularExpressionError) -> Unicode.Scalar {
        let isBraced = take("{")
        let begin = position
        while let scalar = peek, scalar.properties.isASCIIHexDigit, isBraced || position < begin + 2 { position += 1 }
        let digits = excerpt(from: begin)
        guard isBraced ? take("}") : digits.count == 2, digits.count <= 8, let value = UInt32(digits, radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw RegularExpressionError("'\(excerpt(from: start))' is no code point") }
        return scalar
    }
}
