// SPDX-License-Identifier: Apache-2.0

extension Solver {
    /// What the last run could not make agree, in the order in which apk reports it.
    package func conflicts() -> [Conflict] {
        var explainer = Explainer(solver: self)
        return explainer.explain()
    }
}

/// Finds the reasons behind a failed run: names without a provider, and chosen packages that contradict another one.
private struct Explainer {
    let solver: Solver
    /// Packages that were chosen, whether they agree or not.
    private var isChosen: [Bool]
    private var isPresent: [Bool]
    private var isTriggered: [Bool]
    private var isMissing: [Bool]
    private var packageMarks: [Presence]

    private struct Presence: OptionSet {
        let rawValue: UInt8
        static let present = Presence(rawValue: 1)
        static let bare = Presence(rawValue: 2)
        static let triggered = Presence(rawValue: 4)
    }

    private var catalog: Catalog { solver.catalog }

    init(solver: Solver) {
        self.solver = solver
        isChosen = Array(repeating: false, count: solver.catalog.packages.count)
        packageMarks = Array(repeating: [], count: solver.catalog.packages.count)
        isPresent = Array(repeating: false, count: solver.catalog.names.count)
        isTriggered = isPresent
        isMissing = isPresent
        for change in solver.changes { if let package = change.new { isChosen[package] = true } }
    }

    mutating func explain() -> [Conflict] {
        discover(solver.world)
        var out = missing(in: solver.world)
        for change in solver.changes {
            guard let package = change.new else { continue }
            if let conflict = analyse(package, tag: change.newTag) { out.append(conflict) }
            out += missing(in: catalog.packages[package].depends)
        }
        return out
    }

    // MARK: What is there

    /// Marks the names that the chosen packages really provide, from the world down.
    private mutating func discover(_ roots: [Catalog.Need]) {
        var pending: [(name: Int, presence: Presence)] = roots.reversed().filter { !$0.isConflict }.map {
            ($0.name, .present)
        }
        while let (name, presence) = pending.popLast() {
            for provider in catalog.names[name].providers where isChosen[provider.package] {
                let candidate = catalog.packages[provider.package]
                var state = presence
                if state != .bare && candidate.entry.priority == 0 && !isConcrete(candidate, name) { state = .bare }
                if packageMarks[provider.package].contains(state) { continue }
                packageMarks[provider.package].insert(state)
                note(candidate.name, state)
                for provided in candidate.provides {
                    note(provided.name, state == .triggered && provided.relation.version == nil ? .bare : state)
                }
                for need in candidate.depends where !need.isConflict { pending.append((need.name, .present)) }
                if state == .bare { continue }
                for name in [candidate.name] + candidate.provides.map(\.name) {
                    for triggered in catalog.names[name].triggered {
                        pending += triggers(of: triggered).map { ($0, .triggered) }
                    }
                }
            }
        }
    }

    private mutating func note(_ name: Int, _ presence: Presence) {
        if presence == .present { isPresent[name] = true }
        if presence == .triggered { isTriggered[name] = true }
    }

    /// The names that come with the chosen packages of a name whose install_if holds.
    private func triggers(of name: Int) -> [Int] {
        var out: [Int] = []
        for provider in catalog.names[name].providers where isChosen[provider.package] {
            let candidate = catalog.packages[provider.package]
            if candidate.installIf.isEmpty { continue }
            if candidate.installIf.allSatisfy({ $0.isConflict != (isPresent[$0.name] || isTriggered[$0.name]) }) {
                out.append(candidate.name)
                out += candidate.provides.map(\.name)
            }
        }
        return out
    }

    private func isConcrete(_ candidate: Catalog.Candidate, _ name: Int) -> Bool {
        candidate.name == name || candidate.provides.contains { $0.name == name && $0.relation.version != nil }
    }

    // MARK: What is not

    private mutating func missing(in needs: [Catalog.Need]) -> [Conflict] {
        var out: [Conflict] = []
        for need in needs where !need.isConflict {
            if isPresent[need.name] || isTriggered[need.name] || isMissing[need.name] { continue }
            isMissing[need.name] = true
            let name = catalog.names[need.name]
            var conflict = Conflict(
                name.providers.isEmpty ? .missing(name.text) : .ambiguous(name.text, providers: providers(of: name))
            )
            conflict.satisfies = askers(for: need.name)
            out.append(conflict)
        }
        return out
    }

    /// By name where all versions of a package provide it, else by name and version.
    private func providers(of name: Catalog.Name) -> [String] {
        var counts: [Int: Int] = [:]
        for provider in name.providers { counts[catalog.packages[provider.package].name, default: 0] += 1 }
        var out: [String] = []
        for provider in name.providers {
            let candidate = catalog.packages[provider.package]
            let count = counts[candidate.name] ?? 0
            if count == catalog.names[candidate.name].providers.count {
                out.append(catalog.names[candidate.name].text)
                counts[candidate.name] = 0
            } else if count > 0 {
                out.append(candidate.label)
                counts[candidate.name] = count - 1
            }
        }
        return out
    }

    private func askers(for name: Int) -> [Conflict.Demand] {
        var out = solver.world.filter { $0.name == name && !$0.isConflict }
            .map { Conflict.Demand(asker: nil, relation: $0.relation) }
        var seen: Set<Int> = []
        for dependant in catalog.names[name].dependants {
            for provider in catalog.names[dependant].providers where isChosen[provider.package] {
                guard seen.insert(provider.package).inserted else { continue }
                let candidate = catalog.packages[provider.package]
                guard let need = candidate.depends.first(where: { $0.name == name && !$0.isConflict }) else { continue }
                out.append(Conflict.Demand(asker: candidate.label, relation: need.relation))
                break
            }
        }
        return out
    }

    // MARK: What contradicts

    private func analyse(_ package: Int, tag: Int) -> Conflict? {
        let candidate = catalog.packages[package]
        var conflict = Conflict(.package(candidate.label))
        if candidate.isUninstallable {
            conflict.isUninstallable = true
            conflict.defects = candidate.entry.defects
            if !catalog.architectureFits(candidate) { conflict.architecture = candidate.entry.architecture }
            for (label, needs) in [
                ("depends", candidate.depends), ("provides", candidate.provides), ("install_if", candidate.installIf),
            ] {
                let broken = needs.filter(\.relation.isBroken)
                if !broken.isEmpty {
                    conflict.brokenRelations.append(
                        "\(label): " + broken.map(\.relation.description).joined(separator: " ")
                    )
                }
            }
        }
        conflict.masks = masks(of: package, tag: tag)
        conflict.rivals = rivals(of: package)
        conflict.breaks = demands(about: package, holding: false)
        let isBlamed =
            candidate.isUninstallable || !conflict.masks.isEmpty || !conflict.rivals.isEmpty || !conflict.breaks.isEmpty
        if !isBlamed { return nil }
        conflict.satisfies = demands(about: package, holding: true)
        return conflict
    }

    private func masks(of package: Int, tag: Int) -> [String] {
        let candidate = catalog.packages[package]
        if candidate.isInstalled { return [] }
        if !catalog.isAvailable(package) && !candidate.isLocal { return ["--no-network"] }
        if candidate.repositories == 0 && candidate.isLocal { return ["cache"] }
        let allowed = catalog.repositories(tags: Solver.defaultTags | (tag < 64 ? 1 << UInt64(tag) : 0))
        if candidate.repositories & allowed != 0 || candidate.repositories == 0 { return [] }
        return catalog.tags.filter { $0.repositories & candidate.repositories != 0 && !$0.text.isEmpty }.map(\.text)
    }

    private func rivals(of package: Int) -> [(label: String, provided: Dependency?)] {
        let candidate = catalog.packages[package]
        var out: [(String, Dependency?)] = []
        for provider in catalog.names[candidate.name].providers
        where provider.package != package && isChosen[provider.package] {
            out.append((catalog.packages[provider.package].label, nil))
        }
        for provided in candidate.provides {
            var isItself = true
            for provider in catalog.names[provided.name].providers where isChosen[provider.package] {
                if provided.relation.version == nil && provider.version == nil { continue }
                if isItself && provider.package == package && provider.version == provided.relation.version {
                    isItself = false
                    continue
                }
                out.append((catalog.packages[provider.package].label, provided.relation))
            }
        }
        return out
    }

    /// The world's and the chosen packages' demands about a package that do, or do not, hold.
    private func demands(about package: Int, holding: Bool) -> [Conflict.Demand] {
        var out = solver.world.filter { catalog.holds($0, askedBy: nil, about: package) == holding }
            .sorted { $0.rank < $1.rank }
            .map { Conflict.Demand(asker: nil, relation: $0.relation) }
        let candidate = catalog.packages[package]
        var seen: Set<Int> = []
        var found: [(asker: Catalog.Candidate, need: Catalog.Need)] = []
        for name in [candidate.name] + candidate.provides.map(\.name) {
            for dependant in catalog.names[name].dependants {
                for provider in catalog.names[dependant].providers where isChosen[provider.package] {
                    guard seen.insert(provider.package).inserted else { continue }
                    let asker = catalog.packages[provider.package]
                    for need in asker.depends
                    where catalog.holds(need, askedBy: provider.package, about: package) == holding {
                        found.append((asker, need))
                    }
                }
            }
        }
        found.sort {
            if $0.asker.name != $1.asker.name { return Solver.displayOrder($0.asker.entry.name, $1.asker.entry.name) }
            let order = $0.asker.entry.version.compared(to: $1.asker.entry.version)
            if order != .equal { return order == .less }
            return $0.need.rank < $1.need.rank
        }
        out += found.map { Conflict.Demand(asker: $0.asker.label, relation: $0.need.relation) }
        return out
    }
}
