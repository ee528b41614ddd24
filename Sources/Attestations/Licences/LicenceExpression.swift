// SPDX-License-Identifier: Apache-2.0

/// Reads licence expressions: SPDX's (`MIT AND (GPL-2.0-only OR BSD-3-Clause)`) and Debian's (`GPL-2+ and MIT, or Artistic`,
/// copyright-format 1.0 section 7.2, where a comma gives the words after it the lower precedence).
struct LicenceExpression {
    indirect enum Node: Hashable {
        case name(String)
        case all([Node])
        case any([Node])

        /// The operands, where this is the same operator: `(A AND B) AND A` is `A AND B`.
        private func operands(ofAll isAll: Bool) -> [Node] {
            switch self {
            case .all(let nodes) where isAll: nodes.flatMap { $0.operands(ofAll: isAll) }
            case .any(let nodes) where !isAll: nodes.flatMap { $0.operands(ofAll: isAll) }
            default: [self]
            }
        }

        /// The SPDX text, operands of one operator sorted and without repetition.
        func rendered(_ identifier: (String) -> String) -> String {
            switch self {
            case .name(let name): return identifier(name)
            case .all(let nodes), .any(let nodes):
                let isAll = if case .all = self { true } else { false }
                var texts: [String] = []
                for node in nodes.flatMap({ $0.operands(ofAll: isAll) }) {
                    let text = node.rendered(identifier)
                    // Only an OR inside an AND needs its parentheses (SPDX 2.3, D.4.5).
                    let isOperator = if case .any(let inner) = node { inner.count > 1 } else { false }
                    let wrapped = isAll && isOperator && text.contains(" OR ") ? "(\(text))" : text
                    if !texts.contains(wrapped) { texts.append(wrapped) }
                }
                texts.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                return texts.joined(separator: isAll ? " AND " : " OR ")
            }
        }
    }

    private var tokens: [String] = []
    private var position = 0

    init(_ text: String) {
        var word = ""
        for character in text.unicodeScalars.prefix(4096) {
            switch character {
            case "(", ")", ",":
                if !word.isEmpty { tokens.append(word) }
                word = ""
                tokens.append(String(character))
            case " ", "\t", "\n":
                if !word.isEmpty { tokens.append(word) }
                word = ""
            default: word.unicodeScalars.append(character)
            }
        }
        if !word.isEmpty { tokens.append(word) }
    }

    mutating func parse() -> Node? {
        guard !tokens.isEmpty, let node = list(depth: 0), position == tokens.count else { return nil }
        return node
    }

    private var word: String? { position < tokens.count ? tokens[position].lowercased() : nil }

    /// expression [", and" expression] …
    private mutating func list(depth: Int) -> Node? {
        guard depth < 16, var node = alternatives(depth: depth) else { return nil }
        while word == "," {
            position += 1
            let isOr = word == "or"
            if word == "and" || word == "or" { position += 1 }
            guard let next = alternatives(depth: depth) else { return nil }
            node = isOr ? .any([node, next]) : .all([node, next])
        }
        return node
    }

    private mutating func alternatives(depth: Int) -> Node? {
        guard let first = conjunction(depth: depth) else { return nil }
        var nodes = [first]
        while word == "or" {
            position += 1
            guard let next = conjunction(depth: depth) else { return nil }
            nodes.append(next)
        }
        return nodes.count == 1 ? first : .any(nodes)
    }

    private mutating func conjunction(depth: Int) -> Node? {
        guard let first = operand(depth: depth) else { return nil }
        var nodes = [first]
        while word == "and" {
            position += 1
            guard let next = operand(depth: depth) else { return nil }
            nodes.append(next)
        }
        return nodes.count == 1 ? first : .all(nodes)
    }

    private mutating func operand(depth: Int) -> Node? {
        guard let first = word else { return nil }
        if first == "(" {
            position += 1
            guard let node = list(depth: depth + 1), word == ")" else { return nil }
            position += 1
            return node
        }
        // A name may have several words: `GPL-2+ with Autoconf exception`, `Permission to use …`.
        var words: [String] = []
        while let next = word, !["and", "or", ",", "(", ")"].contains(next) {
            words.append(tokens[position])
            position += 1
        }
        return words.isEmpty ? nil : .name(words.joined(separator: " "))
    }
}
