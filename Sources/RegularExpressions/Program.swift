// SPDX-License-Identifier: Apache-2.0

/// A non-deterministic automaton, run on all of its states at once (Thompson's construction).
struct Program: Sendable {
    private enum Instruction: Sendable {
        case scalar(ScalarSet, next: Int)
        case assertion(Node.Assertion, next: Int)
        case either(Int, Int)
        case match
    }

    /// The most instructions that a pattern may become. Go has such a bound as well, and a larger one.
    private static let limit = 8192

    private var instructions: [Instruction] = [.match]
    private var start = 0

    init(_ node: Node) throws(RegularExpressionError) {
        start = try add(node, then: 0)
    }

    // MARK: Making

    private mutating func add(_ instruction: Instruction) throws(RegularExpressionError) -> Int {
        guard instructions.count < Self.limit else { throw RegularExpressionError("it is too large") }
        instructions.append(instruction)
        return instructions.count - 1
    }

    /// - Returns: where the node's instructions begin; they end by going on to `next`.
    private mutating func add(_ node: Node, then next: Int) throws(RegularExpressionError) -> Int {
        switch node {
        case .scalar(let set): return try add(.scalar(set, next: next))
        case .assertion(let assertion): return try add(.assertion(assertion, next: next))
        case .sequence(let nodes):
            var next = next
            for node in nodes.reversed() { next = try add(node, then: next) }
            return next
        case .choice(let nodes):
            guard var place = try nodes.last.map({ (node) throws(RegularExpressionError) in try add(node, then: next) })
            else { return next }
            for node in nodes.dropLast().reversed() {
                let other = try add(node, then: next)
                place = try add(.either(other, place))
            }
            return place
        case .loop(let node, let least, let most, _):
            var place = next
            if let most {
                // Each of the optional ones is inside of the one before.
                for _ in least..<max(most, least) {
                    let inner = try add(node, then: place)
                    place = try add(.either(inner, next))
                }
            } else {
                place = try add(.either(next, next))
                let inner = try add(node, then: place)
                instructions[place] = .either(inner, next)
            }
            for _ in 0..<least { place = try add(node, then: place) }
            return place
        }
    }

    // MARK: Running

    /// Whether it matches from any place of the text.
    func matches(_ text: [Unicode.Scalar]) -> Bool {
        var current: [Int] = []
        var next: [Int] = []
        var stack: [Int] = []
        // The step in which an instruction was reached last.
        var seen = [Int](repeating: -1, count: instructions.count)
        for position in 0...text.count {
            // A match may begin anywhere.
            if follow(start, text, position, &current, &seen, &stack) { return true }
            guard position < text.count else { return false }
            next.removeAll(keepingCapacity: true)
            for state in current {
                if case .scalar(let set, let target) = instructions[state], set.contains(text[position]),
                    follow(target, text, position + 1, &next, &seen, &stack)
                {
                    return true
                }
            }
            swap(&current, &next)
        }
        return false
    }

    /// Adds every state that is reached from `target` without reading on.
    ///
    /// - Returns: whether the match is among them.
    private func follow(
        _ target: Int,
        _ text: [Unicode.Scalar],
        _ position: Int,
        _ states: inout [Int],
        _ seen: inout [Int],
        _ stack: inout [Int]
    ) -> Bool {
        stack.append(target)
        while let place = stack.popLast() {
            if seen[place] == position { continue }
            seen[place] = position
            switch instructions[place] {
            case .scalar: states.append(place)
            case .either(let one, let other):
                stack.append(other)
                stack.append(one)
            case .assertion(let assertion, let next):
                if Self.holds(assertion, text, position) { stack.append(next) }
            case .match:
                stack.removeAll()
                return true
            }
        }
        return false
    }

    private static func holds(_ assertion: Node.Assertion, _ text: [Unicode.Scalar], _ position: Int) -> Bool {
        func isWord(_ index: Int) -> Bool { text.indices.contains(index) && ScalarSet.word.contains(text[index]) }
        switch assertion {
        case .textStart: return position == 0
        case .textEnd: return position == text.count
        case .lineStart: return position == 0 || text[position - 1] == "\n"
        case .lineEnd: return position == text.count || text[position] == "\n"
        case .wordBoundary: return isWord(position - 1) != isWord(position)
        case .noWordBoundary: return isWord(position - 1) == isWord(position)
        }
    }
}
