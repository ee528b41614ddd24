// SPDX-License-Identifier: Apache-2.0

extension Solver {
    /// One step from what is installed to what was chosen.
    package struct Change: Hashable, Sendable {
        /// nil: a new package.
        package var old: Int?
        /// nil: the old one goes.
        package var new: Int?
        package var oldTag = 0
        package var newTag = 0
        package var isReinstall = false

        /// Whether there is anything to do.
        package var isEffective: Bool { old != new || isReinstall || oldTag != newTag }
    }

    /// How deep a chain of dependencies may be; a real one is shorter than a hundred.
    static let maximalDepth = 1_500

    /// Walks from the world down and lists the changes: what a package needs comes before it. On the way, what does not
    /// hold is marked.
    mutating func collectChanges() throws(AlpineError) {
        for index in names.indices { names[index].askers = 0 }
        for package in catalog.installed {
            let candidate = catalog.packages[package]
            names[candidate.name].installedPackage = package
            names[candidate.name].installedName = candidate.name
            for provided in candidate.provides where provided.relation.version != nil {
                names[provided.name].installedName = candidate.name
            }
        }
        for package in catalog.installed { countNeeds(of: package, by: 1) }
        for package in catalog.installed { try removeIfUnneeded(package, 0) }
        for (need) in world { try follow(need, askedBy: nil, 0) }
        for package in catalog.installed { try change(catalog.packages[package].name, 0) }
    }

    private func descend(_ depth: Int) throws(AlpineError) -> Int {
        if depth >= Self.maximalDepth {
            throw AlpineError(
                .tooDeep,
                "",
                "packages depend on each other more than \(Self.maximalDepth) levels deep",
                hint: "no real repository does; look where the index comes from"
            )
        }
        return depth + 1
    }

    /// Counts the installed names that an installed package needs.
    private mutating func countNeeds(of package: Int, by step: Int) {
        for need in catalog.packages[package].depends where !need.isConflict {
            if let name = names[need.name].installedName { names[name].askers += step }
        }
    }

    private mutating func record(old: Int?, new: Int?) {
        changes.append(
            Change(
                old: old,
                new: new,
                oldTag: old.flatMap { catalog.packages[$0].installedTag } ?? 0,
                newTag: new.map { tag(of: $0) } ?? 0,
                isReinstall: new.map { packages[$0].flags.contains(.reinstall) } ?? false
            )
        )
    }

    /// The first tag that a package was allowed under.
    private func tag(of package: Int) -> Int {
        let repositories = catalog.repositories(of: package)
        for (number, tag) in catalog.tags.enumerated() where number < 64 {
            if packages[package].tagsAllowed & (1 << UInt64(number)) != 0 && tag.repositories & repositories != 0 {
                return number
            }
        }
        return 0
    }

    private mutating func follow(_ need: Catalog.Need, askedBy asker: Int?, _ depth: Int) throws(AlpineError) {
        if need.isConflict && ignoresConflicts { return }
        let chosen = names[need.name].chosen
        if !catalog.holds(need, askedBy: asker, provider: chosen) { mark(asker) }
        // The world itself can't carry a mark; what it asks in vain was counted when it was decided.
        try change(need.name, try descend(depth))
        if let package = chosen?.package, packages[package].hasError { mark(asker) }
    }

    /// Records what a name's decision changes, needs first.
    private mutating func change(_ name: Int, _ depth: Int) throws(AlpineError) {
        if names[name].isProcessed { return }
        try clear(name, depth)
        guard let package = names[name].chosen?.package, !packages[package].isInChangeSet else { return }
        packages[package].isInChangeSet = true
        let candidate = catalog.packages[package]
        try clear(candidate.name, depth)
        for provided in candidate.provides { try clear(provided.name, depth) }

        let old = names[candidate.name].installedPackage
        if let old { for name in namesTriggered(by: old) { try removeIfTriggerIsGone(name, depth) } }
        for need in candidate.depends { try follow(need, askedBy: package, try descend(depth)) }
        record(old: old, new: package)
        for name in namesTriggered(by: package) { try changeIfTriggered(name, depth) }
        countNeeds(of: package, by: 1)
        if let old { try releaseNeeds(of: old, depth) }
    }

    /// Removes what provided a name before and does no longer.
    private mutating func clear(_ name: Int, _ depth: Int) throws(AlpineError) {
        if names[name].isProcessed { return }
        names[name].isProcessed = true
        let chosen = names[name].chosen?.package
        if let old = names[name].installedPackage, chosen.map({ catalog.packages[$0].name != name }) ?? true {
            try remove(old, try descend(depth))
        }
        for provider in catalog.names[name].providers {
            let own = catalog.packages[provider.package].name
            if names[own].installedPackage == provider.package && names[own].chosen == nil {
                try remove(provider.package, try descend(depth))
            }
        }
    }

    private mutating func remove(_ package: Int, _ depth: Int) throws(AlpineError) {
        let name = catalog.packages[package].name
        if packages[package].isInChangeSet { return }
        if let chosen = names[name].chosen?.package, catalog.packages[chosen].name == name { return }
        names[name].isRemoved = true
        packages[package].isInChangeSet = true
        for dependant in installedDependants(of: package) { try remove(dependant, try descend(depth)) }
        for name in namesTriggered(by: package) { try removeIfTriggerIsGone(name, depth) }
        record(old: package, new: nil)
        try releaseNeeds(of: package, depth)
    }

    private mutating func releaseNeeds(of package: Int, _ depth: Int) throws(AlpineError) {
        for need in catalog.packages[package].depends where !need.isConflict {
            guard let name = names[need.name].installedName else { continue }
            names[name].askers -= 1
            if names[name].askers > 0 { continue }
            if let old = names[need.name].installedPackage { try remove(old, try descend(depth)) }
        }
    }

    private mutating func removeIfUnneeded(_ package: Int, _ depth: Int) throws(AlpineError) {
        // Where another package provides the name from now on, the removal belongs to that change.
        let name = catalog.packages[package].name
        if names[name].askers == 0 && names[name].chosen == nil { try remove(package, try descend(depth)) }
    }

    private mutating func removeIfTriggerIsGone(_ name: Int, _ depth: Int) throws(AlpineError) {
        let state = names[name]
        guard let package = state.installedPackage, state.chosen == nil, !state.isProcessed, !state.isRemoved else {
            return
        }
        let isGone = catalog.packages[package].installIf.contains {
            names[$0.name].isRemoved && names[$0.name].chosen == nil
        }
        if isGone { try removeIfUnneeded(package, depth) }
    }

    private mutating func changeIfTriggered(_ name: Int, _ depth: Int) throws(AlpineError) {
        let state = names[name]
        guard let package = state.chosen?.package, state.isSeen, !state.isProcessed else { return }
        for condition in catalog.packages[package].installIf {
            if !condition.isConflict && !names[condition.name].isProcessed { return }
            if !catalog.holds(condition, askedBy: package, provider: names[condition.name].chosen) { return }
        }
        try change(name, try descend(depth))
    }

    private func namesTriggered(by package: Int) -> [Int] {
        let candidate = catalog.packages[package]
        return catalog.names[candidate.name].triggered
            + candidate.provides.flatMap { catalog.names[$0.name].triggered }
    }

    /// Installed packages with a dependency that this one satisfies, in apk's order.
    private func installedDependants(of package: Int) -> [Int] {
        let candidate = catalog.packages[package]
        var out: [Int] = []
        for name in [candidate.name] + candidate.provides.map(\.name) {
            for dependant in catalog.names[name].dependants {
                for provider in catalog.names[dependant].providers
                where catalog.packages[provider.package].isInstalled {
                    let needs = catalog.packages[provider.package].depends
                    if needs.contains(where: { catalog.holds($0, askedBy: provider.package, about: package) == true }) {
                        out.append(provider.package)
                    }
                }
            }
        }
        return out
    }
}
