// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// Says everything that is wrong, or legal but probably wrong, with one definition.
package struct Linter: Sendable {
    /// The day, as `YYYY-MM-DD`, by which dates are judged; nil for not at all.
    private let today: String?

    package init(today: String? = nil) { self.today = today }

    /// What linting one definition gives: its diagnostics, and what is compared with other definitions.
    package struct Finding: Sendable {
        package var diagnostics: [Diagnostic]
        package var tags: [TagUse]
    }

    /// A tag that a definition claims for an image.
    package struct TagUse: Sendable {
        package var image: String
        package var tag: String
        package var location: SourceLocation
        package var excerpt: String?
    }

    package func lint(_ document: DefinitionDocument) -> Finding {
        var finding = Finding(diagnostics: document.diagnostics, tags: [])
        guard let (definition, hasVars) = Self.checkable(document) else { return finding }
        var pass = LintPass(document, definition, today: today)
        // Names are judged on every platform: an expression may take another branch on each.
        var problems = ProblemList()
        for platform in document.platforms.isEmpty ? [.amd64] : document.platforms {
            var planner = Planner(document, definition, platform)
            planner.work()
            for problem in planner.plan.problems {
                let severity = Self.severity(of: problem.code)
                if severity == .error && !hasVars { continue }
                var problem = problem
                problem.severity = severity
                problems.add(problem)
            }
            for obstacle in planner.plan.obstacles where obstacle.kind == .missingSource {
                pass.warn("missing-source", "the repository has no file '\(obstacle.subject)'", at: obstacle.mark)
            }
        }
        pass.run()
        for problem in pass.problems.diagnostics { problems.add(problem) }
        finding.diagnostics += problems.diagnostics
        finding.tags = pass.tags
        return finding
    }

    /// What of a document can be checked further: all of it, or what is left without the outermost fields that have
    /// errors. Without its variables, names cannot be judged.
    private static func checkable(_ document: DefinitionDocument) -> (Definition, hasVars: Bool)? {
        guard let definition = document.definition else { return nil }
        guard document.diagnostics.hasErrors else { return (definition, true) }
        guard let value = document.value, let entries = value.entries, case .object(let shape) = Definition.shape else {
            return nil
        }
        let sound = entries.filter { entry in
            guard let field = shape.field(entry.key) else { return false }
            return Validator.check(entry.value, against: field.shape, sources: document.sources).isEmpty
        }
        let hasVars = !entries.contains { $0.key == "vars" } || sound.contains { $0.key == "vars" }
        return Definition(Value(.mapping(sound), mark: value.mark)).map { ($0, hasVars) }
    }

    /// Names and expressions without a value are errors. What the schema leaves open (a mode, a port) is a warning here
    /// and stops a build, not the reading of a file.
    private static func severity(of code: String) -> Severity {
        switch ValueProblem.Code(rawValue: code) {
        case nil, .stageDirectory: .warning
        default: .error
        }
    }
}
