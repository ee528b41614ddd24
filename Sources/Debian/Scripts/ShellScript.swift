// SPDX-License-Identifier: Apache-2.0

/// What a shell script calls, found without running it.
///
/// Every branch counts as taken: the question is what a script could do, not what it would do. That is enough to tell a
/// script that only asks questions from one that changes files, and to notice when an update of a package starts to do
/// something new.
package struct ShellScript: Sendable {
    /// Simple commands in the order of the text; those of command substitutions come after the script's own.
    package private(set) var calls: [ShellCall] = []
    /// Functions that the script defines.
    package private(set) var functions: Set<String> = []

    /// How deep substitutions may nest before the rest is taken as unknown.
    private static let depthLimit = 8

    package init(_ bytes: [UInt8]) { self.init(bytes, depth: 0) }

    private init(_ bytes: [UInt8], depth: Int) {
        var lexer = ShellLexer(bytes)
        lexer.run()
        var parser = ShellParser(lexer.tokens)
        parser.run()
        calls = parser.calls
        functions = parser.functions
        guard depth < Self.depthLimit else {
            if !lexer.substitutions.isEmpty { calls.append(ShellCall(words: [ShellWord(pieces: [.unknown])])) }
            return
        }
        for inner in lexer.substitutions {
            let script = ShellScript(inner, depth: depth + 1)
            calls += script.calls
            functions.formUnion(script.functions)
        }
    }

    /// Variables that are given exactly one value in the whole script, and that a known one.
    package var constants: [String: String] {
        var values: [String: String] = [:]
        var isAmbiguous: Set<String> = []
        for call in calls {
            for assignment in call.assignments where call.words.isEmpty {
                let value =
                    assignment.value.expanded(values)?.joined(separator: " ")
                    ?? (assignment.value.pieces.isEmpty ? "" : nil)
                if let value, values[assignment.name] == nil || values[assignment.name] == value {
                    values[assignment.name] = value
                } else {
                    isAmbiguous.insert(assignment.name)
                }
            }
            for loop in call.loops { isAmbiguous.insert(loop.variable) }
            if call.name == "read" || call.name == "local" {
                for word in call.words.dropFirst() { if let name = word.literal { isAmbiguous.insert(name) } }
            }
        }
        for name in isAmbiguous { values[name] = nil }
        return values
    }

    /// The calls of one command with every word known, `for` loops over known lists unrolled.
    ///
    /// - Returns: nil when a call of it has a word that cannot be known.
    package func literalCalls(of command: String) -> [[String]]? {
        let constants = constants
        var out: [[String]] = []
        for call in calls where call.name == command {
            guard let expanded = expand(call, constants) else { return nil }
            out += expanded
        }
        return out
    }

    /// One call's words with constants in place of variables, once for each turn of the loops around it; nil when a word
    /// cannot be known.
    package func expand(_ call: ShellCall, _ constants: [String: String]) -> [[String]]? {
        var scopes = [constants]
        for loop in call.loops {
            var values: [String] = []
            var isKnown = true
            for word in loop.values {
                guard let expanded = word.expanded(constants) else {
                    isKnown = false
                    break
                }
                values += expanded
            }
            // A loop over something unknown matters only when the call uses its variable.
            guard isKnown else { continue }
            guard scopes.count * max(values.count, 1) <= 4096 else { return nil }
            scopes = scopes.flatMap { scope in
                values.map { value in scope.merging([loop.variable: value]) { _, new in new } }
            }
        }
        var out: [[String]] = []
        for scope in scopes {
            var words: [String] = []
            for word in call.words {
                guard let expanded = word.expanded(scope) else { return nil }
                words += expanded
            }
            out.append(words)
        }
        return out
    }
}

/// Finds simple commands among tokens (XCU 2.10, as far as maintainer scripts need it).
struct ShellParser {
    private let tokens: [ShellLexer.Token]
    private(set) var calls: [ShellCall] = []
    private(set) var functions: Set<String> = []
    private var current = ShellCall()
    private var loops: [(loop: ShellCall.Loop, depth: Int)] = []
    private var depth = 0
    /// Depth of braces at which each enclosing function began.
    private var functionStack: [(name: String, depth: Int)] = []
    private var braces = 0
    private var pendingFunction: String?
    /// For each open `case`: whether patterns are being read.
    private var cases: [Bool] = []
    /// Indexes of calls whose here-document has not been met yet.
    private var awaitingDocument: [Int] = []
    private var currentAwaitsDocument = false

    init(_ tokens: [ShellLexer.Token]) { self.tokens = tokens }

    mutating func run() {
        var index = 0
        while index < tokens.count {
            switch tokens[index] {
            case .op(let op): handle(op)
            case .redirect(let op): index = redirect(op, at: index)
            case .document(let body): attach(body)
            case .word(let word): index = take(word, at: index)
            }
            index += 1
        }
        close()
    }

    private mutating func close() {
        defer {
            current = ShellCall()
            currentAwaitsDocument = false
        }
        // A here-document may go to a whole group or loop: `done <<EOF`.
        guard
            !current.words.isEmpty || !current.assignments.isEmpty || !current.writes.isEmpty || currentAwaitsDocument
        else { return }
        current.loops = loops.map(\.loop)
        current.function = functionStack.last?.name
        if currentAwaitsDocument { awaitingDocument.append(calls.count) }
        calls.append(current)
    }

    private mutating func handle(_ op: String) {
        if cases.last == true {
            // Between `in` or `;;` and the `)` of a pattern.
            if op == ")" { cases[cases.count - 1] = false }
            current = ShellCall()
            return
        }
        // `name ()` opens a function.
        if op == "(", current.words.count == 1, let name = current.name, current.assignments.isEmpty {
            functions.insert(name)
            pendingFunction = name
            current = ShellCall()
            return
        }
        close()
        if op == ";;", !cases.isEmpty { cases[cases.count - 1] = true }
    }

    private mutating func redirect(_ op: String, at index: Int) -> Int {
        guard index + 1 < tokens.count, case .word(let target) = tokens[index + 1] else { return index }
        if op == "<<" { currentAwaitsDocument = true }
        if op.hasPrefix(">") || op == "<>" {
            let text = target.literal
            let isDescriptor = op == ">&" && text.map { $0 == "-" || $0.allSatisfy(\.isNumber) } == true
            if !isDescriptor && text != "/dev/null" { current.writes.append(target) }
        }
        return index + 1
    }

    /// A here-document stands after the newline that ended its command.
    private mutating func attach(_ body: String) {
        guard !awaitingDocument.isEmpty else { return }
        calls[awaitingDocument.removeFirst()].document = body
    }

    private mutating func take(_ word: ShellWord, at index: Int) -> Int {
        let text = word.pieces.count <= 1 ? word.literal : nil
        if cases.last == true {
            if text == "esac" { cases.removeLast() }
            return index
        }
        guard current.words.isEmpty else {
            current.words.append(word)
            return index
        }
        if let text, current.assignments.isEmpty {
            switch text {
            case "if", "then", "elif", "else", "while", "until", "!":
                return index
            case "fi":
                return index
            case "do":
                depth += 1
                return index
            case "done":
                if loops.last?.depth == depth { loops.removeLast() }
                depth = max(0, depth - 1)
                return index
            case "{":
                braces += 1
                if let name = pendingFunction {
                    functionStack.append((name, braces))
                    pendingFunction = nil
                }
                return index
            case "}":
                close()
                if functionStack.last?.depth == braces { functionStack.removeLast() }
                braces = max(0, braces - 1)
                return index
            case "for": return takeFor(at: index)
            case "case": return takeCase(at: index)
            case "esac":
                if !cases.isEmpty { cases.removeLast() }
                return index
            case "function":
                if index + 1 < tokens.count, case .word(let name) = tokens[index + 1], let name = name.literal {
                    functions.insert(name)
                    pendingFunction = name
                }
                return index + 1
            default: break
            }
        }
        if let assignment = Self.assignment(word) {
            current.assignments.append(assignment)
        } else {
            current.words.append(word)
        }
        return index
    }

    private mutating func takeFor(at index: Int) -> Int {
        var next = index + 1
        guard next < tokens.count, case .word(let name) = tokens[next], let variable = name.literal else {
            return index
        }
        next += 1
        var values: [ShellWord] = []
        if next < tokens.count, case .word(let word) = tokens[next], word.literal == "in" {
            next += 1
            while next < tokens.count, case .word(let value) = tokens[next] {
                values.append(value)
                next += 1
            }
        } else {
            values = [ShellWord(pieces: [.unknown])]
        }
        loops.append((ShellCall.Loop(variable: variable, values: values), depth + 1))
        return next - 1
    }

    private mutating func takeCase(at index: Int) -> Int {
        var next = index + 1
        while next < tokens.count {
            if case .word(let word) = tokens[next], word.literal == "in" { break }
            next += 1
        }
        cases.append(true)
        return next
    }

    private static func assignment(_ word: ShellWord) -> ShellCall.Assignment? {
        guard case .literal(let first)? = word.pieces.first, let equals = first.firstIndex(of: "=") else { return nil }
        let name = first[..<equals]
        guard let initial = name.utf8.first, !(0x30...0x39).contains(initial),
            name.utf8.allSatisfy({
                $0 == 0x5F || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
            })
        else { return nil }
        var value = ShellWord(pieces: Array(word.pieces.dropFirst()))
        let rest = String(first[first.index(after: equals)...])
        if !rest.isEmpty { value.pieces.insert(.literal(rest), at: 0) }
        return ShellCall.Assignment(name: String(name), value: value)
    }
}
