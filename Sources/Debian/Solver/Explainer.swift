// SPDX-License-Identifier: Apache-2.0

internal import Resolver

extension DependencySolver {
    /// Two decisions that exclude each other.
    enum Conflict {
        /// `clause` asks for the opposite of what was decided about a variable.
        case opposed(variable: Variable, clause: Int32)
        /// No solution of a clause is left.
        case exhausted(clause: Int32)
    }

    /// Remembers why a choice failed, while the decisions that say so still stand.
    func noteFailure(of choice: Variable) {
        guard failedChoices.count < 64, let conflict else { return }
        var explainer = Explainer(self)
        explainer.explain(conflict)
        failedChoices[choice] = Array(explainer.sentences.suffix(6))
    }
}

/// Puts a contradiction of the solver into sentences.
struct Explainer {
    private let solver: DependencySolver
    private(set) var sentences: [String] = []
    private(set) var remedies: [String] = []
    private var explained: Set<DependencySolver.Variable> = []
    /// Names of requested packages that took part.
    private var requested: [String] = []

    private static let sentenceLimit = 40

    init(_ solver: DependencySolver) { self.solver = solver }

    mutating func explain(_ conflict: DependencySolver.Conflict) {
        switch conflict {
        case .opposed(let variable, let clause):
            explain(variable)
            if clause == DependencySolver.none {
                say("The definition asks for \(name(variable)).")
                note(request: variable)
            } else {
                explain(solver.clauses[Int(clause)], about: variable)
            }
        case .exhausted(let clause): explain(solver.clauses[Int(clause)], about: nil)
        }
        if requested.count > 1, remedies.isEmpty {
            remedies.append("ask for only one of \(requested.joined(separator: " and "))")
        } else if let only = requested.first {
            remedies.append("do not ask for \(only)")
        }
    }

    // MARK: Decisions

    /// Says how a variable came to be decided.
    private mutating func explain(_ variable: DependencySolver.Variable) {
        guard sentences.count < Self.sentenceLimit, explained.insert(variable).inserted else { return }
        let state = solver.states[Int(variable)]
        guard state.reason != DependencySolver.none else {
            explainRoot(variable, state.decision)
            return
        }
        explain(solver.clauses[Int(state.reason)], about: variable)
    }

    private mutating func explainRoot(_ variable: DependencySolver.Variable, _ decision: DependencySolver.Decision) {
        let package = solver.package(variable)
        let name = solver.catalog.string(package)
        switch decision {
        case .installed where solver.candidateOverride[package] != nil:
            say("The definition asks for \(name); \(subject(variable)) is its candidate.")
            note(request: variable)
        case .installed: say("\(subject(variable)) was chosen.")
        case .open: break
        case .excluded:
            if solver.isVetoed(package) {
                say("\(name) is vetoed (!\(name)).")
                remedies.append("drop '!\(name)'")
            } else if let reasons = solver.failedChoices[variable] {
                say("\(subject(variable)) was tried and leads to a contradiction: \(reasons.joined(separator: " "))")
            } else if solver.isVersion(variable), let candidate = solver.candidate(of: package),
                candidate != solver.version(variable)
            {
                say(
                    "\(subject(variable)) is not the version of \(name) that is chosen here, which is \(solver.catalog.string(version: candidate))."
                )
                remedies.append("pin \(name)=\(solver.catalog.string(version: solver.version(variable)))")
            } else {
                say("\(subject(variable)) cannot be chosen.")
            }
        }
    }

    /// Says what a clause asks for; `variable` is what it decides, or nil when none of its solutions is left.
    private mutating func explain(_ clause: DependencySolver.Clause, about variable: DependencySolver.Variable?) {
        let solutions = solver.solutionRange(clause).map { solver.solutions[$0] }
        switch clause.origin {
        case .package:
            explain(clause.reason)
        case .versions:
            if let variable, variable != clause.reason {
                explain(clause.reason)
            } else {
                explain(all: solutions)
                if let variable, solver.decision(variable) != .installed {
                    say("So no version of \(solver.catalog.string(solver.package(clause.reason))) can be installed.")
                }
            }
        case .otherVersions:
            explain(clause.reason)
            say("Only one version of \(solver.catalog.string(solver.package(clause.reason))) can be installed.")
        case .relation where clause.isNegative:
            let hit = variable == clause.reason ? solutions.first { solver.decision($0) == .installed } : variable
            if let hit { explain(hit) }
            if variable != clause.reason { explain(clause.reason) }
            say("\(subject(clause.reason)) \(verb(clause.kind)) \(text(clause, hit: hit)).")
        case .relation:
            if variable == clause.reason || variable == nil {
                if variable == nil || solver.decision(clause.reason) == .installed { explain(clause.reason) }
                explainUnsatisfiable(clause, solutions)
            } else {
                explain(clause.reason)
                let chosen = variable.map { name($0) } ?? ""
                let choice = solutions.count > 1 ? ", for which \(chosen) is left" : ""
                say("\(subject(clause.reason)) \(verb(clause.kind)) \(text(clause))\(choice).")
                for other in solutions where other != variable && solver.decision(other) == .excluded { explain(other) }
            }
        }
    }

    private mutating func explainUnsatisfiable(
        _ clause: DependencySolver.Clause,
        _ solutions: [DependencySolver.Variable]
    ) {
        if solutions.isEmpty {
            say(
                "\(subject(clause.reason)) \(verb(clause.kind)) \(text(clause)), and no index offers that\(offered(clause))."
            )
            remedies.append("add a repository that has \(text(clause))")
        } else {
            explain(all: solutions)
            say(
                "\(subject(clause.reason)) \(verb(clause.kind)) \(text(clause)), which nothing that is left can satisfy."
            )
        }
    }

    private mutating func explain(all solutions: [DependencySolver.Variable]) {
        for solution in solutions.prefix(8) where solver.decision(solution) == .excluded { explain(solution) }
        if solutions.count > 8 { say("\(solutions.count - 8) further candidates are excluded as well.") }
    }

    // MARK: Words

    private mutating func say(_ sentence: String) {
        if sentences.count < Self.sentenceLimit, !sentences.contains(sentence) { sentences.append(sentence) }
    }

    private mutating func note(request variable: DependencySolver.Variable) {
        let name = name(variable)
        if !requested.contains(name) { requested.append(name) }
    }

    private func name(_ variable: DependencySolver.Variable) -> String {
        solver.catalog.string(solver.package(variable))
    }

    /// `bash 5.2.37-2+b10`, or the name alone where no version is meant.
    private func subject(_ variable: DependencySolver.Variable) -> String {
        let package = solver.package(variable)
        let version = solver.isVersion(variable) ? solver.version(variable) : solver.candidate(of: package)
        return version.map { "\(solver.catalog.string(package)) \(solver.catalog.string(version: $0))" }
            ?? solver.catalog.string(package)
    }

    private func verb(_ kind: RelationKind) -> String {
        switch kind {
        case .preDepends: "pre-depends on"
        case .conflicts: "conflicts with"
        case .breaks: "breaks"
        default: "depends on"
        }
    }

    private func text(_ clause: DependencySolver.Clause, hit: DependencySolver.Variable? = nil) -> String {
        let text = solver.text(of: clause)
        guard let hit else { return text }
        let name = name(hit)
        let target = text.prefix { $0 != " " }
        return target == name ? text : "\(text), which \(subject(hit)) provides"
    }

    /// The versions that there are of what a relation names.
    private func offered(_ clause: DependencySolver.Clause) -> String {
        let index = solver.catalog.sources[Int(clause.source)].index
        let entries = Int(clause.relation)..<Int(clause.relation + clause.relationCount)
        let versions = entries.flatMap { entry in
            let name = index.parts(of: index.alternative(at: entry)).name
            let package = solver.catalog.common(Int32(name), in: Int(clause.source))
            return solver.catalog.versions(of: package).map {
                "\(solver.catalog.string(package)) \(solver.catalog.string(version: $0))"
            }
        }
        return versions.isEmpty ? "" : " (there is \(versions.prefix(5).joined(separator: ", ")))"
    }
}

extension DependencySolver {
    /// A clause's relation as the index has it, in the usual spelling.
    func text(of clause: Clause) -> String {
        text(
            of: Relation(
                source: Int(clause.source),
                kind: clause.kind,
                entries: Int(clause.relation)..<Int(clause.relation + clause.relationCount)
            )
        )
    }

    func text(of relation: Relation) -> String {
        let index = catalog.sources[relation.source].index
        return relation.entries.map { index.text(of: index.alternative(at: $0)) }.joined(separator: " | ")
    }
}
