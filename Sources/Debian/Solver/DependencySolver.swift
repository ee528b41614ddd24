// SPDX-License-Identifier: Apache-2.0

/// Finds the packages that apt would install into an empty system (apt's solver "3.0", without Recommends).
///
/// The solver decides variables, one per package and one per version, true (installed) or false. Relations become
/// clauses, `reason → one of the solutions` or `reason → none of the solutions`. Whatever follows without a choice is
/// decided at once (unit propagation); what needs a choice waits in a heap and takes its first open solution; a choice
/// that leads to a contradiction is taken back and excluded. Answers equal apt's because clauses, the order of their
/// solutions and the order of choices follow the same rules, in particular:
/// - requested packages are decided in the order of apt's own package table, so the request's order has no effect;
/// - only a package's candidate version can be installed, and a vetoed package has none;
/// - clauses are discovered when something first reaches the package, and contradictions that only a later discovery
///   could show are met as failed choices.
final class DependencySolver {
    /// A package (its number) or a version (`catalog.packageCount` + its number).
    typealias Variable = Int32
    static let none: Variable = -1
    /// Stands for a relation that asks for nothing (Recommends and weaker): it takes part in the order of work only.
    static let weakClause: Int32 = -1

    let catalog: Catalog
    let isVetoed: (Catalog.Package) -> Bool
    let dropsVetoed: Bool

    var states: [State]
    var clauses: [Clause] = []
    var solutions: [Variable] = []
    var links: [(clause: Int32, next: Int32)] = []
    var targets: TargetCache
    var obsolete: [UInt8]
    var uniformSources: [Catalog.Package: Bool] = [:]
    var candidateOverride: [Catalog.Package: Catalog.Version] = [:]

    var heap = WorkHeap()
    var trail: [Step] = []
    /// Where each choice begins in the trail.
    var choices: [Int] = []
    var queue: [Variable] = []
    var queueHead = 0
    var backtracks = 0

    /// What the last contradiction was between.
    var conflict: Conflict?
    /// Why choices failed, for the explanation: the contradiction that each one met first.
    var failedChoices: [Variable: [String]] = [:]

    /// A search that takes back more choices than this ends with an error instead of an answer.
    static let backtrackLimit = 20_000
    /// Solutions of all clauses together; Debian's largest questions have about a million.
    static let solutionLimit = 1 << 26
    var isTooLarge = false

    init(_ catalog: Catalog, vetoes: Set<Catalog.Package>, dropsVetoed: Bool) {
        self.catalog = catalog
        isVetoed = vetoes.isEmpty ? { _ in false } : { vetoes.contains($0) }
        self.dropsVetoed = dropsVetoed
        states = [State](repeating: State(), count: catalog.packageCount + catalog.versionCount)
        targets = TargetCache(count: catalog.alternativeCount)
        obsolete = [UInt8](repeating: 0, count: catalog.packageCount)
        solutions.reserveCapacity(1 << 18)
        clauses.reserveCapacity(1 << 17)
        links.reserveCapacity(1 << 18)
        for package in vetoes {
            catalog.forEachVersion(of: package) { states[Int(variable(version: $0))].decision = .excluded }
        }
    }

    @inline(__always)
    func variable(version: Catalog.Version) -> Variable { Int32(catalog.packageCount) + version }

    @inline(__always)
    func isVersion(_ variable: Variable) -> Bool { Int(variable) >= catalog.packageCount }

    @inline(__always)
    func version(_ variable: Variable) -> Catalog.Version { variable - Int32(catalog.packageCount) }

    @inline(__always)
    func package(_ variable: Variable) -> Catalog.Package {
        isVersion(variable) ? catalog.package(of: version(variable)) : variable
    }

    @inline(__always)
    func decision(_ variable: Variable) -> Decision { states[Int(variable)].decision }

    var depth: Int32 { Int32(choices.count) }

    // MARK: Solving

    /// Installs what is asked for. The request's packages, each with its version; they must be in apt's order.
    ///
    /// - Returns: false when there is no answer; `conflict` says between what.
    /// - Throws: `too-complex` when the search does not end in reasonable time.
    func solve(_ wanted: [(package: Catalog.Package, version: Catalog.Version)]) throws(DebianError) -> Bool {
        for (package, version) in wanted { candidateOverride[package] = version }
        for package in catalog.packagesWithLists {
            let candidate = candidateOverride[package] ?? (isVetoed(package) ? nil : catalog.candidate(of: package))
            catalog.forEachVersion(of: package) { version in
                let index = Int(variable(version: version))
                states[index].decision = version == candidate ? .open : .excluded
            }
        }
        for (_, version) in wanted {
            guard decide(variable(version: version), installed: true, because: Self.none) else { return false }
        }
        guard propagate() else { return false }
        return try search()
    }

    private func checkSize() throws(DebianError) {
        if isTooLarge {
            throw DebianError(
                "too-complex",
                "the indexes' relations lead to more than \(Self.solutionLimit) possible solutions",
                hint: "leave out the repository whose packages provide or name so much"
            )
        }
    }

    private func search() throws(DebianError) -> Bool {
        while true {
            while !propagate() {
                guard try takeBack() else { return false }
            }
            try checkSize()
            guard let item = heap.pop() else { return true }
            trail.append(Step(assigned: Self.none, work: item, choice: Self.none))
            if item.clause == Self.weakClause { continue }
            let clause = clauses[Int(item.clause)]
            var open: Variable?
            var isSatisfied = false
            for index in solutionRange(clause) {
                switch decision(solutions[index]) {
                case .installed: isSatisfied = true
                case .open: if open == nil { open = solutions[index] }
                case .excluded: break
                }
                if isSatisfied { break }
            }
            if isSatisfied { continue }
            if let open {
                if item.size > 1 {
                    choices.append(trail.count)
                    trail.append(Step(assigned: Self.none, work: item, choice: open))
                }
                // Cannot fail: the variable is open.
                _ = decide(open, installed: true, because: item.clause)
            } else {
                conflict = .exhausted(clause: item.clause)
                guard try takeBack() else { return false }
            }
        }
    }

    // MARK: Deciding

    /// Decides a variable; false when the opposite was decided before.
    func decide(_ variable: Variable, installed: Bool, because clause: Int32) -> Bool {
        let decision: Decision = installed ? .installed : .excluded
        let index = Int(variable)
        if states[index].decision != .open {
            if states[index].decision == decision { return true }
            conflict = .opposed(variable: variable, clause: clause)
            return false
        }
        states[index].decision = decision
        states[index].depth = depth
        states[index].reason = clause
        trail.append(Step(assigned: variable, work: nil, choice: Self.none))
        queue.append(variable)
        return true
    }

    /// Draws all conclusions that need no choice; false at a contradiction.
    private func propagate() -> Bool {
        while queueHead < queue.count {
            let variable = queue[queueHead]
            queueHead += 1
            if queueHead == queue.count {
                queue.removeAll(keepingCapacity: true)
                queueHead = 0
            }
            let isFine =
                switch decision(variable) {
                case .installed: propagateInstalled(variable)
                case .excluded: propagateExcluded(variable)
                case .open: true  // Taken back since.
                }
            if !isFine { return false }
        }
        return true
    }

    private func propagateInstalled(_ variable: Variable) -> Bool {
        discover(variable)
        let state = states[Int(variable)]
        for clause in state.firstClause..<state.firstClause + state.clauseCount where !add(clause) { return false }
        for _ in 0..<state.weakClauses {
            heap.push(
                Work(clause: Self.weakClause, depth: depth, size: 0, isOptional: true, group: Group.weak, solutions: 0)
            )
        }
        // Whoever excludes this cannot be installed.
        var link = states[Int(variable)].firstLink
        while link != Self.none {
            let (clause, next) = links[Int(link)]
            if clauses[Int(clause)].isNegative, !decide(clauses[Int(clause)].reason, installed: false, because: clause)
            {
                return false
            }
            link = next
        }
        return true
    }

    private func propagateExcluded(_ variable: Variable) -> Bool {
        var link = states[Int(variable)].firstLink
        while link != Self.none {
            let (number, next) = links[Int(link)]
            link = next
            let clause = clauses[Int(number)]
            if clause.isNegative { continue }
            let reason = decision(clause.reason)
            if reason == .excluded { continue }
            var left = 0
            for index in solutionRange(clause) where decision(solutions[index]) != .excluded { left += 1 }
            if left == 1, reason == .installed {
                for index in solutionRange(clause) where decision(solutions[index]) == .open {
                    if !decide(solutions[index], installed: true, because: number) { return false }
                }
            } else if left == 0, !decide(clause.reason, installed: false, because: number) {
                return false
            }
        }
        return true
    }

    /// Takes up a clause whose reason is installed.
    private func add(_ number: Int32) -> Bool {
        let clause = clauses[Int(number)]
        if clause.isNegative {
            for index in solutionRange(clause) where !decide(solutions[index], installed: false, because: number) {
                return false
            }
            return true
        }
        if clause.solutionCount == 1 {
            return decide(solutions[Int(clause.firstSolution)], installed: true, because: number)
        }
        heap.push(work(number, depth: depth))
        return true
    }

    private func work(_ number: Int32, depth: Int32) -> Work {
        let clause = clauses[Int(number)]
        var open: Int32 = 0
        for index in solutionRange(clause) where decision(solutions[index]) != .excluded { open += 1 }
        return Work(
            clause: number,
            depth: depth,
            size: open,
            isOptional: false,
            group: clause.group,
            solutions: clause.solutionCount
        )
    }

    @inline(__always)
    func solutionRange(_ clause: Clause) -> Range<Int> {
        Int(clause.firstSolution)..<Int(clause.firstSolution + clause.solutionCount)
    }

    // MARK: Taking back

    /// Takes back the last choice and excludes it; false when there is none left to take back.
    private func takeBack() throws(DebianError) -> Bool {
        guard let start = choices.last else { return false }
        backtracks += 1
        guard backtracks <= Self.backtrackLimit else {
            throw DebianError(
                "too-complex",
                "no answer was found after taking back \(Self.backtrackLimit) choices",
                hint: "name more of the packages that should be chosen, or veto those that should not"
            )
        }
        let choice = trail[start].choice
        noteFailure(of: choice)
        while trail.count > start {
            let step = trail.removeLast()
            if step.assigned != Self.none {
                let index = Int(step.assigned)
                states[index].decision = .open
                states[index].reason = Self.none
                states[index].depth = 0
            }
            guard let item = step.work else { continue }
            heap.push(item.clause == Self.weakClause ? item : work(item.clause, depth: item.depth))
        }
        choices.removeLast()
        let depth = depth
        heap.removeAll { $0.depth > depth }
        return decide(choice, installed: false, because: Self.none)
    }
}
