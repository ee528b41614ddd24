// SPDX-License-Identifier: Apache-2.0

extension Solver {
    /// One name on the way through the graph.
    private struct Visit {
        enum Stage { case depends, triggered, provides, installIf }
        var name: Int
        var stage = Stage.depends
        /// The provider that is looked at.
        var provider = 0
        /// Its relation that comes next; -1 before it was entered.
        var position = -1
    }

    /// Meets a name and all that can be reached from it: what its providers need, what they provide, and what they may
    /// bring in by install_if. A name is ranked when what it needs is known, so that what depends is decided before
    /// what it depends on.
    ///
    /// Without recursion, as the graph comes from a file and may be as deep as somebody wants.
    mutating func discover(_ root: Int) {
        guard !names[root].isSeen else { return }
        names[root].isSeen = true
        var path = [Visit(name: root)]
        while var visit = path.popLast() {
            if let child = step(&visit) {
                path.append(visit)
                if !names[child].isSeen {
                    names[child].isSeen = true
                    path.append(Visit(name: child))
                }
            }
        }
    }

    /// The next name that a visit leads to; nil when it is done.
    private mutating func step(_ visit: inout Visit) -> Int? {
        let name = catalog.names[visit.name]
        while true {
            switch visit.stage {
            case .depends:
                guard visit.provider < name.providers.count else {
                    visit.stage = .triggered
                    visit.position = 0
                    continue
                }
                let package = name.providers[visit.provider].package
                if visit.position < 0 && !packages[package].isSeen {
                    meet(package)
                    visit.position = 0
                }
                let depends = catalog.packages[package].depends
                if visit.position >= 0 && visit.position < depends.count {
                    visit.position += 1
                    return depends[visit.position - 1].name
                }
                visit.provider += 1
                visit.position = -1
            case .triggered:
                if visit.position < name.triggered.count {
                    visit.position += 1
                    return name.triggered[visit.position - 1]
                }
                visit.stage = .provides
                visit.provider = 0
                visit.position = 0
            case .provides:
                guard visit.provider < name.providers.count else {
                    rank(visit.name)
                    visit.stage = .installIf
                    visit.provider = 0
                    visit.position = 0
                    continue
                }
                let package = catalog.packages[name.providers[visit.provider].package]
                let triggered = catalog.names[package.name].triggered
                visit.position += 1
                if visit.position <= triggered.count { return triggered[visit.position - 1] }
                let rest = visit.position - triggered.count
                if rest <= package.provides.count { return package.provides[rest - 1].name }
                visit.provider += 1
                visit.position = 0
            case .installIf:
                guard visit.provider < name.providers.count else { return nil }
                let conditions = catalog.packages[name.providers[visit.provider].package].installIf
                if visit.position < conditions.count {
                    visit.position += 1
                    return conditions[visit.position - 1].name
                }
                visit.provider += 1
                visit.position = 0
            }
        }
    }

    private mutating func rank(_ name: Int) {
        let providers = catalog.names[name].providers
        lastRank += 1
        let isFlagged = flaggedNames.contains(name)
        let isReal = providers.contains { catalog.packages[$0.package].name == name }
        names[name].rank = (isFlagged ? 1 << 41 : 0) | (isReal ? 1 << 40 : 0) | lastRank
        names[name].isTriggerless = providers.allSatisfy { packages[$0.package].triggerFailed }
    }

    /// What can be said of a package before any constraint.
    private mutating func meet(_ package: Int) {
        let candidate = catalog.packages[package]
        let isAvailable = catalog.isAvailable(package)
        // A package of no size is a name only: it needs no file.
        let isVirtual = candidate.entry.installedSize == 0
        let isPreferred = isVirtual || catalog.repositories(of: package) & defaultRepositories != 0
        packages[package].isSeen = true
        packages[package].tagsAllowed = Self.defaultTags
        packages[package].tagsPreferred = Self.defaultTags
        packages[package].isAvailable = isAvailable
        packages[package].isSelectable =
            !candidate.isUninstallable && (isAvailable || isVirtual || candidate.isCached || candidate.isInstalled)
        packages[package].triggerFailed =
            candidate.installIf.isEmpty || (inheritedFlags.contains(.available) && !isAvailable)
        packages[package].isTagPreferred = isPreferred
        packages[package].isTagAllowed = isPreferred || candidate.isCached || candidate.isInstalled
    }
}
