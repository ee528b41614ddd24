// SPDX-License-Identifier: Apache-2.0

/// Turns a parsed pattern into the instructions of `PatternMachine`.
struct PatternCompiler {
    private var program: [Pattern.Instruction] = []

    mutating func compile(_ syntax: Pattern.Syntax) throws(Pattern.Mistake) -> [Pattern.Instruction] {
        try emit(.save(0))
        try append(syntax)
        try emit(.save(1))
        try emit(.match)
        return program
    }

    private mutating func emit(_ instruction: Pattern.Instruction) throws(Pattern.Mistake) {
        guard program.count < Pattern.largestProgram else {
            throw Pattern.Mistake(reason: "it is too large once its repetitions are written out")
        }
        program.append(instruction)
    }

    private mutating func append(_ syntax: Pattern.Syntax) throws(Pattern.Mistake) {
        switch syntax {
        case .empty: return
        case .scalar(let scalar): try emit(.scalar(scalar))
        case .any: try emit(.any)
        case .oneOf(let ranges, let isNegated): try emit(.oneOf(ranges, isNegated: isNegated))
        case .assertion(let assertion): try emit(.assertion(assertion))
        case .sequence(let parts): for part in parts { try append(part) }
        case .group(let inner, let index):
            try emit(.save(2 * index))
            try append(inner)
            try emit(.save(2 * index + 1))
        case .alternatives(let options): try append(options: options)
        case .repeated(let inner, let from, let to, let isGreedy):
            for _ in 0..<from { try append(inner) }
            if let to {
                try append(inner, atMost: to - from, isGreedy: isGreedy)
            } else {
                let split = program.count
                try emit(.split(0, 0))
                try append(inner)
                try emit(.jump(split))
                program[split] = Self.split(into: split + 1, past: program.count, isGreedy: isGreedy)
            }
        }
    }

    private mutating func append(options: [Pattern.Syntax]) throws(Pattern.Mistake) {
        var jumps: [Int] = []
        for (index, option) in options.enumerated() {
            guard index + 1 < options.count else {
                try append(option)
                break
            }
            let split = program.count
            try emit(.split(0, 0))
            try append(option)
            jumps.append(program.count)
            try emit(.jump(0))
            program[split] = .split(split + 1, program.count)
        }
        for jump in jumps { program[jump] = .jump(program.count) }
    }

    private mutating func append(
        _ inner: Pattern.Syntax,
        atMost count: Int,
        isGreedy: Bool
    ) throws(Pattern.Mistake) {
        var splits: [Int] = []
        for _ in 0..<count {
            splits.append(program.count)
            try emit(.split(0, 0))
            try append(inner)
        }
        for split in splits { program[split] = Self.split(into: split + 1, past: program.count, isGreedy: isGreedy) }
    }

    private static func split(into inner: Int, past end: Int, isGreedy: Bool) -> Pattern.Instruction {
        isGreedy ? .split(inner, end) : .split(end, inner)
    }
}
