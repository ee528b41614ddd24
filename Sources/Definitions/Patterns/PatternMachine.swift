// SPDX-License-Identifier: Apache-2.0

/// Runs a compiled pattern: all threads advance together over the text, in order of preference, so that the first to
/// match is the one that a backtracking engine would find.
struct PatternMachine {
    private struct Thread {
        var instruction: Int
        var slots: [Int?]
    }

    private let program: [Pattern.Instruction]
    private let slots: Int

    init(program: [Pattern.Instruction], slots: Int) {
        self.program = program
        self.slots = slots
    }

    func run(on text: String, budget: inout Int) throws(Pattern.Mistake) -> [Substring?]? {
        let scalars = Array(text.unicodeScalars)
        var visited = [Int](repeating: -1, count: program.count)
        var current: [Thread] = []
        var found: [Int?]?
        for position in 0...scalars.count {
            if found == nil {
                // A new attempt begins at each position, behind those that began earlier.
                let fresh = Thread(instruction: 0, slots: [Int?](repeating: nil, count: slots))
                add(fresh, at: position, in: scalars, to: &current, visited: &visited)
            }
            if current.isEmpty && found != nil { break }
            budget -= current.count
            guard budget >= 0 else { throw Pattern.Mistake(reason: "the patterns of this definition take too long") }
            var following: [Thread] = []
            let scalar = position < scalars.count ? scalars[position] : nil
            for thread in current {
                if case .match = program[thread.instruction] {
                    found = thread.slots
                    // Threads behind this one are less preferred.
                    break
                }
                guard let scalar, consumes(program[thread.instruction], scalar) else { continue }
                let moved = Thread(instruction: thread.instruction + 1, slots: thread.slots)
                add(moved, at: position + 1, in: scalars, to: &following, visited: &visited)
            }
            current = following
        }
        guard let found else { return nil }
        let indices = Array(text.unicodeScalars.indices) + [text.unicodeScalars.endIndex]
        return stride(from: 0, to: slots, by: 2).map { slot in
            guard let start = found[slot], let end = found[slot + 1] else { return nil }
            return text[indices[start]..<indices[end]]
        }
    }

    private func consumes(_ instruction: Pattern.Instruction, _ scalar: Unicode.Scalar) -> Bool {
        switch instruction {
        case .scalar(let expected): scalar == expected
        case .any: scalar != "\n"
        case .oneOf(let ranges, let isNegated): ranges.contains { $0.contains(scalar.value) } != isNegated
        default: false
        }
    }

    /// Follows jumps, splits, saves and assertions until threads stand at instructions that consume a scalar or match.
    private func add(
        _ thread: Thread,
        at position: Int,
        in scalars: [Unicode.Scalar],
        to list: inout [Thread],
        visited: inout [Int]
    ) {
        var pending = [thread]
        while var thread = pending.popLast() {
            guard visited[thread.instruction] != position else { continue }
            visited[thread.instruction] = position
            switch program[thread.instruction] {
            case .jump(let target):
                thread.instruction = target
                pending.append(thread)
            case .split(let first, let second):
                pending.append(Thread(instruction: second, slots: thread.slots))
                pending.append(Thread(instruction: first, slots: thread.slots))
            case .save(let slot):
                thread.slots[slot] = position
                thread.instruction += 1
                pending.append(thread)
            case .assertion(let assertion):
                guard holds(assertion, at: position, in: scalars) else { continue }
                thread.instruction += 1
                pending.append(thread)
            default:
                list.append(thread)
            }
        }
    }

    private func holds(_ assertion: Pattern.Assertion, at position: Int, in scalars: [Unicode.Scalar]) -> Bool {
        switch assertion {
        case .start: position == 0
        case .end: position == scalars.count
        case .wordBoundary: isWord(position - 1, scalars) != isWord(position, scalars)
        case .noWordBoundary: isWord(position - 1, scalars) == isWord(position, scalars)
        }
    }

    private func isWord(_ index: Int, _ scalars: [Unicode.Scalar]) -> Bool {
        guard scalars.indices.contains(index) else { return false }
        switch scalars[index] {
        case "0"..."9", "A"..."Z", "a"..."z", "_": return true
        default: return false
        }
    }
}
