// SPDX-License-Identifier: Apache-2.0

/// A parsed expression. Which of several matches would be preferred is not kept: it is only asked whether there is one.
indirect enum Node: Sendable {
    enum Assertion: Sendable {
        case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
    }

    case scalar(ScalarSet)
    case assertion(Assertion)
    case sequence([Node])
    case choice([Node])
    /// - Parameters:
    ///   - most: nil without a bound.
    ///   - isCounted: whether it was written with numbers, which Go bounds together with those inside.
    case loop(Node, least: Int, most: Int?, isCounted: Bool)

    /// Whether the counts of nested loops, multiplied, are at most `limit` (regexp/syntax, `repeatIsValid`).
    func hasCounts(atMost limit: Int) -> Bool {
        switch self {
        case .scalar, .assertion: return true
        case .sequence(let nodes), .choice(let nodes): return nodes.allSatisfy { $0.hasCounts(atMost: limit) }
        case .loop(let node, let least, let most, let isCounted):
            guard isCounted else { return node.hasCounts(atMost: limit) }
            let count = most ?? least
            if count == 0 { return true }
            return count <= limit && node.hasCounts(atMost: limit / count)
        }
    }
}
