// SPDX-License-Identifier: Apache-2.0

/// Turning what the indexes say into clauses, as far as it is reached.
extension DependencySolver {
    /// Registers the clauses of a variable and of everything that these can lead to, breadth first.
    func discover(_ start: Variable) {
        guard !states[Int(start)].isDiscovered else { return }
        var pending: [Variable] = [start]
        var head = 0
        while head < pending.count {
            var variable = pending[head]
            head += 1
            // The package comes before its versions: it holds what these have in common.
            if isVersion(variable) {
                let package = package(variable)
                if !states[Int(package)].isDiscovered { variable = package }
            }
            guard !states[Int(variable)].isDiscovered else { continue }
            states[Int(variable)].isDiscovered = true
            states[Int(variable)].firstClause = Int32(clauses.count)
            if isVersion(variable) {
                registerVersion(variable)
            } else {
                registerPackage(variable)
            }
            let first = Int(states[Int(variable)].firstClause)
            states[Int(variable)].clauseCount = Int32(clauses.count - first)
            for number in first..<clauses.count {
                for index in solutionRange(clauses[number]) {
                    let solution = solutions[index]
                    let state = states[Int(solution)]
                    // What is excluded for good need not be known.
                    if !state.isDiscovered, state.decision != .excluded || state.depth > 0 { pending.append(solution) }
                }
            }
        }
    }

    private func register(_ clause: Clause) {
        let number = Int32(clauses.count)
        clauses.append(clause)
        for index in solutionRange(clause) {
            let link = Int32(links.count)
            links.append((number, Self.none))
            let solution = Int(solutions[index])
            if states[solution].lastLink == Self.none {
                states[solution].firstLink = link
            } else {
                links[Int(states[solution].lastLink)].next = link
            }
            states[solution].lastLink = link
        }
    }

    private func registerPackage(_ package: Variable) {
        let versions = catalog.versions(of: package)
        let sorted = versions.sorted { precedes(variable(version: $0), variable(version: $1), target: package) }
        let first = Int32(solutions.count)
        for version in sorted { solutions.append(variable(version: version)) }
        register(
            Clause(
                reason: package,
                firstSolution: first,
                solutionCount: Int32(sorted.count),
                origin: .versions,
                group: Group.versions
            )
        )
        guard let newest = versions.first else { return }
        forEachRelation(of: newest) { relation in
            guard versions.dropFirst().allSatisfy({ has($0, relation) }) else { return }
            translate(relation, reason: package)
        }
    }

    private func registerVersion(_ variable: Variable) {
        let version = version(variable)
        let package = package(variable)
        let first = Int32(solutions.count)
        solutions.append(package)
        register(
            Clause(reason: variable, firstSolution: first, solutionCount: 1, origin: .package, group: Group.versions)
        )
        let versions = catalog.versions(of: package)
        for other in versions where other != version {
            let first = Int32(solutions.count)
            solutions.append(self.variable(version: other))
            register(
                Clause(
                    reason: variable,
                    firstSolution: first,
                    solutionCount: 1,
                    origin: .otherVersions,
                    isNegative: true,
                    group: Group.versions
                )
            )
        }
        let newest = versions.first ?? version
        forEachRelation(of: version) { relation in
            if !relation.kind.isWeak {
                // What all versions have in common stands with the package.
                let isCommon =
                    versions.count == 1
                    || versions.allSatisfy { $0 == version || has($0, relation) } && has(newest, relation)
                if isCommon { return }
            }
            translate(relation, reason: variable)
        }
    }

    // MARK: Relations

    /// One or-group of one stanza.
    struct Relation {
        var source: Int
        var kind: RelationKind
        var entries: Range<Int>
    }

    func forEachRelation(of version: Catalog.Version, _ body: (Relation) -> Void) {
        let (source, stanza) = catalog.place(version)
        catalog.sources[source].index.forEachRelation(of: stanza) { kind, entries in
            body(Relation(source: source, kind: kind, entries: entries))
        }
    }

    /// Whether a version has the very same relation.
    private func has(_ version: Catalog.Version, _ relation: Relation) -> Bool {
        var isFound = false
        forEachRelation(of: version) { other in
            if !isFound, isSame(relation, other) { isFound = true }
        }
        return isFound
    }

    private func isSame(_ a: Relation, _ b: Relation) -> Bool {
        guard a.kind == b.kind, a.entries.count == b.entries.count else { return false }
        if a.source == b.source, a.entries == b.entries { return true }
        let left = catalog.sources[a.source].index
        let right = catalog.sources[b.source].index
        for (i, j) in zip(a.entries, b.entries) {
            let first = left.parts(of: left.alternative(at: i))
            let second = right.parts(of: right.alternative(at: j))
            guard first.comparison == second.comparison,
                catalog.common(Int32(first.name), in: a.source) == catalog.common(Int32(second.name), in: b.source)
            else { return false }
            switch (first.version, second.version) {
            case (nil, nil): break
            case (let x?, let y?): if !left.version(x).elementsEqual(right.version(y)) { return false }
            default: return false
            }
        }
        return true
    }

    /// How often apt has a relation more than it is written: see `ForeignArchitectures`.
    private func repetitions(of relation: Relation) -> Int32 {
        guard relation.kind == .replaces, !catalog.foreignArchitectures.isEmpty else { return 0 }
        let index = catalog.sources[relation.source].index
        var count: Int32 = 0
        for entry in relation.entries {
            let target = index.parts(of: index.alternative(at: entry)).name
            count += catalog.foreignArchitectures[catalog.common(Int32(target), in: relation.source)] ?? 0
        }
        return count
    }

    /// Registers the clause of a relation.
    private func translate(_ relation: Relation, reason: Variable) {
        if relation.kind.isWeak {
            states[Int(reason)].weakClauses += 1 + repetitions(of: relation)
            return
        }
        let isNegative = relation.kind.isNegative
        let index = catalog.sources[relation.source].index
        var first: Int32
        var count: Int32
        if relation.entries.count == 1, !isNegative {
            (first, count) = solutions(
                of: catalog.alternative(index.alternative(at: relation.entries.lowerBound), in: relation.source),
                isNegative: false
            )
        } else {
            var gathered: [Variable] = []
            let own = package(reason)
            for entry in relation.entries {
                let (start, length) = solutions(
                    of: catalog.alternative(index.alternative(at: entry), in: relation.source),
                    isNegative: isNegative
                )
                for position in Int(start)..<Int(start + length) {
                    // A package does not conflict with itself, nor with what it provides.
                    if isNegative, package(solutions[position]) == own { continue }
                    gathered.append(solutions[position])
                }
            }
            if isNegative, gathered.isEmpty { return }
            first = Int32(solutions.count)
            count = Int32(gathered.count)
            solutions += gathered
        }
        var clause = Clause(
            reason: reason,
            firstSolution: first,
            solutionCount: count,
            relation: Int32(relation.entries.lowerBound),
            relationCount: Int32(relation.entries.count),
            source: UInt8(relation.source),
            kind: relation.kind,
            origin: .relation,
            isNegative: isNegative,
            group: Group.satisfyNew
        )
        if !isNegative {
            if dropsVetoed, isDropped(solutions[solutionRange(clause)]) { return }
            for position in solutionRange(clause) where isObsolete(package(solutions[position])) {
                clause.group = Group.satisfyObsolete
                break
            }
        }
        register(clause)
    }

    /// Whether every candidate of a dependency is vetoed. One without any candidate is no such case: it fails.
    func isDropped(_ solutions: ArraySlice<Variable>) -> Bool {
        var hasVetoed = false
        for solution in solutions {
            let package = package(solution)
            if isVetoed(package) {
                hasVetoed = true
            } else if !isVersion(solution) || candidate(of: package) == version(solution) {
                return false
            }
        }
        return hasVetoed
    }

    /// The version of a package that may be installed in this run.
    func candidate(of package: Catalog.Package) -> Catalog.Version? {
        if let pinned = candidateOverride[package] { return pinned }
        return isVetoed(package) ? nil : catalog.candidate(of: package)
    }

    /// Whether a package has no candidate, or one that another package's newer build of the same source has left behind:
    /// such a package is considered after all others.
    private func isObsolete(_ package: Catalog.Package) -> Bool {
        let known = obsolete[Int(package)]
        if known != 0 { return known == 2 }
        let result = computeObsolete(package)
        obsolete[Int(package)] = result ? 2 : 1
        return result
    }

    private func computeObsolete(_ package: Catalog.Package) -> Bool {
        guard !isVetoed(package), let candidate = catalog.candidate(of: package) else { return true }
        let (source, stanza) = catalog.place(candidate)
        let name = catalog.common(Int32(catalog.sources[source].index.word(.source, of: stanza)), in: source)
        if isUniform(source: name) { return false }
        let version = catalog.sourceVersion(of: candidate)
        let priority = catalog.priority(of: candidate)
        for number in catalog.sources.indices {
            guard let own = catalog.own(name, in: number) else { continue }
            for member in catalog.sources[number].index.stanzas(ofSource: Int(own)) {
                let other = catalog.version(source: number, stanza: Int(member))
                let sibling = catalog.package(of: other)
                if sibling == package || isVetoed(sibling) { continue }
                guard VersionOrder.compare(catalog.sourceVersion(of: other), version) > 0 else { continue }
                let otherPriority = catalog.priority(of: other)
                if otherPriority != 0, otherPriority >= priority { return true }
            }
        }
        return false
    }

    /// Whether all packages of a source were built from one version of it, as nearly always.
    private func isUniform(source: Catalog.Package) -> Bool {
        if let known = uniformSources[source] { return known }
        var first: UnsafeBufferPointer<UInt8>?
        var isUniform = true
        for number in catalog.sources.indices where isUniform {
            guard let own = catalog.own(source, in: number) else { continue }
            for member in catalog.sources[number].index.stanzas(ofSource: Int(own)) {
                let version = catalog.sourceVersion(of: catalog.version(source: number, stanza: Int(member)))
                guard let known = first else {
                    first = version
                    continue
                }
                // Within one file, equal versions lie at the same place.
                if version.baseAddress == known.baseAddress && version.count == known.count { continue }
                if !version.elementsEqual(known) {
                    isUniform = false
                    break
                }
            }
        }
        uniformSources[source] = isUniform
        return isUniform
    }
}
