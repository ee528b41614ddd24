// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

extension DefinitionDocument {
    /// The platforms that the definition is for, in its order.
    package var platforms: [TargetPlatform] {
        let stated = definition?.platforms?.map(\.choice) ?? TargetPlatform.allCases
        var seen: Set<TargetPlatform> = []
        return stated.filter { seen.insert($0).inserted }
    }

    /// Works the definition out for one platform.
    ///
    /// - Throws: `invalid-definition` for one with errors, `unsupported-platform` for one that is not for the platform.
    package func plan(platform: TargetPlatform) throws(DefinitionError) -> Plan {
        let definition = try validDefinition()
        guard platforms.contains(platform) else {
            let names = platforms.map(\.rawValue).joined(separator: ", ")
            throw DefinitionError(
                .platform,
                path: path,
                detail: platform.rawValue,
                hint: "it is for \(names.isEmpty ? "none" : names)"
            )
        }
        var planner = Planner(self, definition, platform)
        planner.work()
        return planner.plan
    }

    /// The plans for all platforms of the definition.
    package func plans() throws(DefinitionError) -> [Plan] {
        var plans: [Plan] = []
        for platform in platforms { plans.append(try plan(platform: platform)) }
        return plans
    }
}

/// Fills a plan from a definition, and notes everything that it cannot work out.
struct Planner {
    let document: DefinitionDocument
    let definition: Definition
    let platform: TargetPlatform
    let evaluator: Evaluator
    var plan: Plan
    var problems = ProblemList()
    /// The obstacles so far by kind and subject, each of which counts once.
    var seenObstacles: Set<String> = []

    init(_ document: DefinitionDocument, _ definition: Definition, _ platform: TargetPlatform) {
        self.document = document
        self.definition = definition
        self.platform = platform
        evaluator = Evaluator(definition, platform: platform)
        plan = Plan(path: document.path, root: document.root, platform: platform.rawValue)
    }

    mutating func work() {
        identity()
        system()
        contents()
        if let accounts = definition.accounts { plan.accounts = self.accounts(accounts) }
        plan.paths = paths(definition.paths)
        container()
        obstacles()
        plan.problems = problems.diagnostics.inReadingOrder()
    }

    // MARK: Values

    /// A text with its variables; what cannot be worked out is noted, and the text returned as it is.
    mutating func string(_ text: Text, _ mode: Evaluator.Mode = .structured) -> String {
        do throws(ValueProblem) {
            return try evaluator.substitute(text.string, mode)
        } catch {
            note(error, in: text)
            return text.string
        }
    }

    mutating func string(_ text: Text?, _ mode: Evaluator.Mode = .structured) -> String? {
        guard let text else { return nil }
        return string(text, mode) as String
    }

    mutating func strings(_ texts: [Text], _ mode: Evaluator.Mode = .structured) -> [String] {
        texts.map { string($0, mode) }
    }

    mutating func pairs(_ map: TextMap, _ mode: Evaluator.Mode = .text) -> [Plan.Pair] {
        var out: [Plan.Pair] = []
        for entry in map.entries { out.append(Plan.Pair(entry.name.string, string(entry.value, mode))) }
        return out
    }

    /// Whether a condition, if there is one, holds. One that cannot be worked out is noted.
    mutating func holds(_ condition: Text?) -> Bool {
        guard let condition else { return true }
        do throws(ValueProblem) {
            return try evaluator.holds(condition.string)
        } catch {
            note(error, in: condition)
            return false
        }
    }

    func includes(_ platforms: [Word<TargetPlatform>]?) -> Bool {
        platforms.map { list in list.contains { $0.choice == platform } } ?? true
    }

    /// A number that fits the 32 bits of a user or group number.
    mutating func id(_ number: WholeNumber?, _ name: String) -> Int? {
        guard let number else { return nil }
        guard let value = number.value, (0...Int(UInt32.max) - 1).contains(value) else {
            note("invalid-id", "\(name) \(number.text) is not a user or group number", at: number.mark)
            return nil
        }
        return value
    }

    /// Permission bits from 3 to 5 octal digits.
    mutating func mode(_ text: Text?) -> Int? {
        guard let text else { return nil }
        let digits = string(text)
        guard (3...5).contains(digits.utf8.count), let value = Int(digits, radix: 8), (0...0o7777).contains(value),
            digits.utf8.allSatisfy({ (0x30...0x37).contains($0) })
        else {
            note(
                "invalid-mode",
                "'\(digits)' is not a mode",
                hint: "write 3 to 5 octal digits, such as \"0755\"",
                at: text.mark
            )
            return nil
        }
        return value
    }

    // MARK: Problems

    mutating func note(_ code: String, _ message: String, hint: String? = nil, at mark: Mark) {
        problems.add(.error, at: document.location(mark)) { [document] in
            document.diagnostic(.error, code, message, hint: hint, at: mark)
        }
    }

    mutating func note(_ problem: ValueProblem, in text: Text) {
        problems.add(.error, at: document.location(text.mark)) { [document] in
            document.diagnostic(.error, problem, in: text)
        }
    }
}

extension DefinitionDocument {
    /// A value problem as a diagnostic, underlining the placeholder where it stands on the line of its text.
    func diagnostic(_ severity: Severity, _ problem: ValueProblem, in text: Text) -> Diagnostic {
        var mark = text.mark
        if let file = sources.indices.contains(Int(mark.source)) ? sources[Int(mark.source)] : nil,
            !problem.excerpt.isEmpty
        {
            // The placeholder is on the text's line, or on a line below it where the text has several.
            var number = Int(mark.line)
            let last = number + text.string.utf8.count { $0 == 0x0A } + 1
            while number <= last, let line = file.line(number) {
                if let range = line.firstRange(of: problem.excerpt) {
                    let column = line.unicodeScalars.distance(from: line.startIndex, to: range.lowerBound) + 1
                    let length = problem.excerpt.unicodeScalars.count
                    mark = Mark(source: mark.source, line: number, column: column, length: length)
                    break
                }
                number += 1
            }
        }
        return diagnostic(severity, problem.code.rawValue, problem.fullMessage, hint: problem.hint, at: mark)
    }
}
