// SPDX-License-Identifier: Apache-2.0

/// Works out variables, placeholders and expressions of one definition for one platform.
///
/// Not `Sendable`: it remembers the variables that it has worked out, and belongs to whoever made it.
final class Evaluator {
    /// How a text treats a name that nobody knows.
    enum Mode {
        /// A field of ours: an unknown name is a mistake.
        case structured
        /// Text that others read too (a label, an environment value): what we do not know is left as it is.
        case text
        /// The same for what a shell may read: `${NAME:…}` is always the shell's.
        case script
    }

    private enum Result {
        case pending
        case value(String)
        case problem(ValueProblem)
    }

    private let vars: [String: String]
    private let builtIns: [String: String]
    private var matrix: [String: String] = [:]
    /// Whether `target.dir` and `source.dir` mean something here. They stay as they are, since no stage runs here.
    private(set) var isInStage = false
    private var results: [String: Result] = [:]
    private var chain: [String] = []
    /// Bytes that may still be produced, and steps of patterns that may still be taken.
    private var byteBudget = 8 << 20
    private var patternBudget = 20_000_000

    /// The longest value of a variable, in bytes.
    private static let longestValue = 65_536
    /// The longest chain of variables that refer to one another.
    private static let longestChain = 64

    init(_ definition: Definition, platform: TargetPlatform) {
        var vars: [String: String] = [:]
        for entry in definition.vars.entries { vars[entry.name.string] = entry.value.string }
        self.vars = vars
        let variant = definition.variant?.choice ?? .runtime
        builtIns = [
            "target.arch": platform.architecture,
            "target.platform": platform.rawValue,
            "target.dev": variant == .dev ? "true" : "false",
            "target.fips": definition.isFIPSCompliant == true ? "true" : "false",
            "target.flavor": definition.flavor?.string ?? "",
            "target.variant": variant.rawValue,
            "definition.name": definition.name?.string ?? "",
            "definition.image": definition.image?.string ?? "",
            "definition.flavor": definition.flavor?.string ?? "",
            "definition.variant": variant.rawValue,
        ]
    }

    /// Evaluates with the names of a build stage and of one combination of its matrix.
    func withinStage<T>(_ matrix: [String: String] = [:], _ body: () -> T) -> T {
        // Variables may refer to the stage's names, so what was worked out elsewhere does not count here, nor the reverse.
        let saved = (self.matrix, isInStage, results)
        self.matrix = matrix
        isInStage = true
        results = [:]
        defer { (self.matrix, isInStage, results) = saved }
        return body()
    }

    // MARK: Texts

    /// The text with every placeholder and expression replaced.
    func substitute(_ text: String, _ mode: Mode = .structured) throws(ValueProblem) -> String {
        guard text.utf8.contains(UInt8(ascii: "{")) else { return text }
        let parts = TextPart.parse(text)
        var out = ""
        for part in parts {
            switch part {
            case .literal(let literal): out += literal
            case .malformed(let source):
                if mode == .structured, source.hasPrefix("$") {
                    throw ValueProblem(
                        .malformedPlaceholder,
                        "a '${' begins no placeholder",
                        hint: "write ${NAME} or ${NAME:pattern}",
                        chain: chain,
                        excerpt: String(source)
                    )
                }
                out += source
            case .variable(let name, let pattern, let source):
                if let pattern, mode == .script || mode == .text && Self.isForShell(pattern) {
                    out += source
                } else {
                    out += try resolved(mode, source) { () throws(ValueProblem) in try self.variable(name, pattern) }
                }
            case .expression(let expression, let source):
                out += try resolved(mode, source) { () throws(ValueProblem) in
                    let parsed = try ExpressionParser.parse(expression)
                    return try self.evaluate(parsed).text
                }
            }
            guard out.utf8.count <= 4 << 20 else { throw tooLarge(source: text) }
        }
        byteBudget -= out.utf8.count
        guard byteBudget >= 0 else { throw tooLarge(source: text) }
        return out
    }

    private func tooLarge(source: String) -> ValueProblem {
        ValueProblem(.tooLarge, "substituting variables makes a text too large", chain: chain)
    }

    private func resolved(
        _ mode: Mode,
        _ source: Substring,
        _ value: () throws(ValueProblem) -> String
    ) throws(ValueProblem) -> String {
        do throws(ValueProblem) {
            return try value()
        } catch {
            if mode != .structured, error.code != .tooLarge { return String(source) }
            var problem = error
            if problem.excerpt.isEmpty || problem.chain.count > chain.count { problem.excerpt = String(source) }
            throw problem
        }
    }

    /// Whether what follows the colon is a parameter expansion of a shell (`:-`, `:=`, `:?`, `:+`, or an offset; POSIX
    /// 2.6.2) rather than a pattern.
    private static func isForShell(_ pattern: String) -> Bool {
        guard let first = pattern.utf8.first else { return true }
        return "-=?+ 0123456789".utf8.contains(first)
    }

    // MARK: Names

    private func variable(_ name: String, _ pattern: String?) throws(ValueProblem) -> String {
        let value = try self.value(of: name)
        guard let pattern else { return value }
        let compiled: Pattern
        do { compiled = try Pattern(pattern) } catch {
            throw ValueProblem(
                .invalidPattern,
                "the pattern '\(pattern)' cannot be used: \(error.reason)",
                chain: chain
            )
        }
        guard compiled.groups >= 1 else {
            throw ValueProblem(
                .invalidPattern,
                "the pattern '\(pattern)' has no group",
                hint: "put what is wanted in parentheses",
                chain: chain
            )
        }
        let match: [Substring?]?
        do { match = try compiled.match(in: value, budget: &patternBudget) } catch {
            throw ValueProblem(.tooLarge, "the pattern '\(pattern)' cannot be applied: \(error.reason)", chain: chain)
        }
        guard let match else {
            throw ValueProblem(
                .noMatch,
                "the pattern '\(pattern)' does not match the value of '\(name)', '\(value.prefix(80))'",
                chain: chain
            )
        }
        return match[1].map(String.init) ?? ""
    }

    /// The value of a name: a variable, a built-in, or an item of the matrix.
    private func value(of name: String) throws(ValueProblem) -> String {
        if vars[name] != nil { return try variable(named: name) }
        if let value = builtIns[name] ?? matrix[name] { return value }
        if name.hasPrefix("definition.vars.") {
            let inner = String(name.dropFirst("definition.vars.".count))
            if vars[inner] != nil { return try variable(named: inner) }
        }
        if name == "target.dir" || name == "source.dir" {
            if isInStage { return "${\(name)}" }
            throw ValueProblem(
                .stageDirectory,
                "'\(name)' has a value only within a build stage",
                chain: chain
            )
        }
        let known = Array(vars.keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } + Self.builtInNames
        let nearest = Spelling.nearest(to: name, in: known).map { "did you mean '\($0)'?" }
        throw ValueProblem(
            .unknownName,
            "'\(name)' is neither a variable of this definition nor a built-in name",
            hint: nearest ?? "declare it below 'vars:'",
            chain: chain
        )
    }

    private static let builtInNames = [
        "target.arch", "target.dir", "target.dev", "target.fips", "target.flavor", "source.dir",
    ]

    private func variable(named name: String) throws(ValueProblem) -> String {
        switch results[name] {
        case .value(let value): return value
        case .problem(let problem): throw problem
        case .pending:
            let cycle = (Array(chain.drop { $0 != name }) + [name]).joined(separator: " → ")
            throw ValueProblem(.cycle, "the variables refer to one another in a circle: \(cycle)", chain: chain)
        case nil: break
        }
        guard chain.count < Self.longestChain else {
            throw ValueProblem(.tooLarge, "more than \(Self.longestChain) variables refer to one another", chain: chain)
        }
        results[name] = .pending
        chain.append(name)
        defer { chain.removeLast() }
        do throws(ValueProblem) {
            let value = try substitute(vars[name] ?? "")
            guard value.utf8.count <= Self.longestValue else { throw tooLarge(source: name) }
            results[name] = .value(value)
            return value
        } catch {
            results[name] = .problem(error)
            throw error
        }
    }

    // MARK: Expressions

    /// A text or a truth value, as an expression yields it.
    enum Outcome: Equatable {
        case text(String)
        case boolean(Bool)

        var text: String {
            switch self {
            case .text(let text): text
            case .boolean(let value): value ? "true" : "false"
            }
        }

        /// False, the empty text, and the text `false` (a variable is always a text) are false; all else is true.
        var isTrue: Bool {
            switch self {
            case .text(let text): !text.isEmpty && text != "false"
            case .boolean(let value): value
            }
        }
    }

    func evaluate(_ expression: Expression) throws(ValueProblem) -> Outcome {
        switch expression {
        case .string(let text): return .text(try substitute(text))
        case .boolean(let value): return .boolean(value)
        case .name(let name): return .text(try value(of: name))
        case .not(let inner): return .boolean(!(try evaluate(inner).isTrue))
        case .choice(let condition, let then, let otherwise):
            return try evaluate(condition).isTrue ? try evaluate(then) : try evaluate(otherwise)
        case .binary(let symbol, let left, let right):
            let first = try evaluate(left)
            switch symbol {
            case .or: return first.isTrue ? first : try evaluate(right)
            case .and: return first.isTrue ? try evaluate(right) : first
            case .equal: return .boolean(first.text == (try evaluate(right).text))
            case .unequal: return .boolean(first.text != (try evaluate(right).text))
            case .plus:
                let sum = first.text + (try evaluate(right).text)
                guard sum.utf8.count <= Self.longestValue else { throw tooLarge(source: "") }
                return .text(sum)
            }
        }
    }

    /// Whether the condition of an `if` holds. It is an expression, with or without `#{ }` around it.
    func holds(_ condition: String) throws(ValueProblem) -> Bool {
        let text = try substitute(condition)
        let trimmed = text.utf8.drop { $0 == 0x20 }
        if trimmed.isEmpty { return false }
        // What substitution left (`true`, `amd64 == amd64`, a bare expression) is itself an expression; a word that is
        // none of its names stands for itself.
        let parsed = try ExpressionParser.parse(text)
        if case .name(let name) = parsed, text != condition, (try? value(of: name)) == nil {
            return Outcome.text(name).isTrue
        }
        return try evaluate(parsed).isTrue
    }
}
