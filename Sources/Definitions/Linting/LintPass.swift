// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

/// One look at one definition for what is legal and probably wrong; the checks are in extensions, by subject.
struct LintPass {
    let document: DefinitionDocument
    let definition: Definition
    let today: String?
    let evaluator: Evaluator
    var problems = ProblemList()
    var tags: [Linter.TagUse] = []

    init(_ document: DefinitionDocument, _ definition: Definition, today: String?) {
        self.document = document
        self.definition = definition
        self.today = today
        evaluator = Evaluator(definition, platform: document.platforms.first ?? .amd64)
    }

    mutating func run() {
        checkIdentity()
        checkDates()
        checkAccounts()
        checkPorts()
        checkPackages(definition.contents?.packages ?? [])
        checkRepositories()
        checkShells()
        checkPaths(definition.paths)
        checkStages()
    }

    /// A text with its variables; as it is where they have no value (which is reported elsewhere).
    func value(_ text: Text) -> String {
        do throws(ValueProblem) { return try evaluator.substitute(text.string) } catch { return text.string }
    }

    mutating func warn(_ code: String, _ message: String, hint: String? = nil, at mark: Mark) {
        problems.add(.warning, at: document.location(mark)) { [document] in
            document.diagnostic(.warning, code, message, hint: hint, at: mark)
        }
    }

    /// The line of a mark, for a message that points to a second place.
    func line(_ mark: Mark) -> String { "line \(mark.line)" }
}
