// SPDX-License-Identifier: Apache-2.0

extension Solver {
    // MARK: Constraints

    /// Applies what `asker` (nil: the world) needs to every provider of the name: those that do not fit are out, those
    /// that do inherit flags and tags.
    mutating func constrain(_ need: Catalog.Need, askedBy asker: Int?) {
        if need.isConflict && ignoresConflicts { return }
        if !need.isConflict {
            names[need.name].askers += 1
            if names[need.name].askers == 1 { askersChanged(need.name) }
        }
        for provider in catalog.names[need.name].providers {
            let fits = catalog.holds(need, askedBy: asker, provider: provider)
            if !fits { packages[provider.package].conflicts += 1 }
            if packages[provider.package].isSelectable && packages[provider.package].conflicts > 0 {
                disqualify(provider.package)
            }
            if fits { inherit(provider.package, from: asker) }
        }
    }

    mutating func askersChanged(_ name: Int) {
        queueUndecided(name, again: false)
        reviewTriggered(by: name)
        queueDirty(name)
    }

    /// Hands flags and tags down from who asks; the world's are those of the run.
    mutating func inherit(_ package: Int, from asker: Int?) {
        if let asker {
            let flags = packages[asker].inheritableFlags
            packages[package].flags.formUnion(flags)
            packages[package].inheritableFlags.formUnion(flags)
            packages[package].tagsAllowed |= packages[asker].tagsAllowed
        } else {
            packages[package].flags.formUnion(inheritedFlags)
            packages[package].inheritableFlags.formUnion(inheritedFlags)
            packages[package].tagsAllowed |= inheritedTags
            packages[package].tagsPreferred = inheritedTags
            packages[package].isTagPreferred =
                catalog.repositories(of: package) & catalog.repositories(tags: inheritedTags) != 0
        }
        if catalog.repositories(of: package) & catalog.repositories(tags: packages[package].tagsAllowed) != 0 {
            packages[package].isTagAllowed = true
        }
    }

    mutating func disqualify(_ package: Int) {
        packages[package].isSelectable = false
        reviewDependants(of: catalog.packages[package].name)
        for provided in catalog.packages[package].provides { reviewDependants(of: provided.name) }
        reviewTriggered(byPackage: package)
    }

    // MARK: What must be looked at again

    mutating func reviewDependants(of name: Int) {
        for dependant in catalog.names[name].dependants where names[dependant].isSeen {
            names[dependant].mustReviewDepends = true
            queueDirty(dependant)
        }
    }

    mutating func reviewTriggered(by name: Int) {
        for triggered in catalog.names[name].triggered
        where names[triggered].isSeen && !names[triggered].isTriggerless {
            names[triggered].mustReviewTriggers = true
            queueDirty(triggered)
        }
    }

    mutating func reviewTriggered(byPackage package: Int) {
        reviewTriggered(by: catalog.packages[package].name)
        for provided in catalog.packages[package].provides { reviewTriggered(by: provided.name) }
    }

    // MARK: Propagation

    /// Looks at a name's candidates again: drops those whose needs can't be met any more, finds those that install_if
    /// brings in, and spreads what all remaining candidates have in common.
    mutating func reconsider(_ name: Int) {
        let reviewsDepends = names[name].mustReviewDepends
        let reviewsTriggers = names[name].mustReviewTriggers
        names[name].mustReviewDepends = false
        names[name].mustReviewTriggers = false

        var options = 0
        var withoutTag = 0
        var hasTriggered = false
        var isTriggerless = true
        var hasAutomaticChoice = false
        var first: Int?
        for provider in catalog.names[name].providers {
            let package = provider.package
            packages[package].wasMerged = false
            if reviewsDepends && packages[package].isSelectable {
                let isSatisfiable = catalog.packages[package].depends.allSatisfy { canHold($0, askedBy: package) }
                if !isSatisfiable { disqualify(package) }
            }
            guard packages[package].isSelectable else { continue }
            if reviewsTriggers { reviewTrigger(of: package) }
            hasTriggered = hasTriggered || packages[package].isTriggered
            isTriggerless = isTriggerless && packages[package].triggerFailed
            hasAutomaticChoice = hasAutomaticChoice || packages[package].isTriggered
            if names[name].askers == 0 { continue }

            packages[package].wasMerged = true
            first = first ?? package
            count(package, of: provider, option: options)
            if !packages[package].isTagAllowed { withoutTag += 1 }
            options += 1
            hasAutomaticChoice = hasAutomaticChoice || isAutomatic(provider)
        }
        names[name].hasOptions = options > 1 || withoutTag > 0
        names[name].hasTriggered = hasTriggered
        names[name].isTriggerless = isTriggerless
        let choiceChanged = names[name].hasAutomaticChoice != hasAutomaticChoice
        names[name].hasAutomaticChoice = hasAutomaticChoice

        if let first { spread(first, of: name, options: options) }

        names[name].dependantsAreDecided = catalog.names[name].dependants.allSatisfy {
            !names[$0].isSeen || names[$0].isLocked
        }
        queueUndecided(name, again: choiceChanged)
    }

    /// Whether a need can still be met.
    private func canHold(_ need: Catalog.Need, askedBy asker: Int) -> Bool {
        if need.isConflict && ignoresConflicts { return true }
        let state = names[need.name]
        if state.isLocked { return catalog.holds(need, askedBy: asker, provider: state.chosen) }
        if state.askers == 0 && need.isConflict { return true }
        return catalog.names[need.name].providers.contains {
            packages[$0.package].isSelectable && catalog.holds(need, askedBy: asker, provider: $0)
        }
    }

    /// Whether install_if brings a package in: all its conditions are decided and hold.
    private mutating func reviewTrigger(of package: Int) {
        let conditions = catalog.packages[package].installIf
        if !packages[package].isTriggered && !packages[package].triggerFailed {
            var isTriggered = true
            for condition in conditions {
                let state = names[condition.name]
                if !state.isLocked {
                    if condition.isConflict {
                        names[condition.name].isAwaited = true
                        queueUndecided(condition.name, again: false)
                    }
                    isTriggered = false
                    break
                }
                if !catalog.holds(condition, askedBy: package, provider: state.chosen) {
                    isTriggered = false
                    packages[package].triggerFailed = true
                    break
                }
            }
            packages[package].isTriggered = isTriggered
        }
        if packages[package].isTriggered {
            for condition in conditions { inherit(package, from: names[condition.name].chosen?.package) }
        }
    }

    /// A provider that may be chosen though nobody names its package: a bare virtual name says too little.
    func isAutomatic(_ provider: Catalog.Provider) -> Bool {
        if provider.version != nil { return true }
        let package = catalog.packages[provider.package]
        return package.entry.priority != 0 || names[package.name].askers > 0
    }

    /// Counts what a candidate shares with all candidates before it.
    private mutating func count(_ package: Int, of provider: Catalog.Provider, option: Int) {
        for need in catalog.packages[package].depends where !need.isConflict {
            if names[need.name].sharedDepends == option { names[need.name].sharedDepends = option + 1 }
        }
        let own = catalog.packages[package].name
        if names[own].sharedProvides == option {
            names[own].sharedProvides = option + 1
            if provider.version == nil { names[own].isSharedWithoutVersion = true }
        }
        for provided in catalog.packages[package].provides where names[provided.name].sharedProvides == option {
            names[provided.name].sharedProvides = option + 1
            if provided.relation.version == nil { names[provided.name].isSharedWithoutVersion = true }
        }
    }

    /// Applies what all candidates share: with one candidate, its needs; with several, at least their names.
    private mutating func spread(_ first: Int, of name: Int, options: Int) {
        for provider in catalog.names[name].providers {
            packages[provider.package].isMerged = packages[provider.package].wasMerged
        }
        for need in catalog.packages[first].depends {
            let isShared = names[need.name].sharedDepends == options
            names[need.name].sharedDepends = 0
            guard isShared else { continue }
            if options == 1 {
                constrain(need, askedBy: first)
            } else if names[need.name].askers == 0 {
                names[need.name].askers += 1
                askersChanged(need.name)
                for provider in catalog.names[need.name].providers { inherit(provider.package, from: first) }
            }
        }
        let provided = [catalog.packages[first].name] + catalog.packages[first].provides.map(\.name)
        for other in provided {
            let isShared = names[other].sharedProvides == options
            names[other].sharedProvides = 0
            if isShared { excludeStrangers(to: name, from: other) }
        }
        for other in provided { names[other].isSharedWithoutVersion = false }
    }

    /// Where every candidate of `name` provides `other` as well, whoever provides `other` must provide `name`.
    private mutating func excludeStrangers(to name: Int, from other: Int) {
        if name == other || ignoresConflicts { return }
        let skipsBare = names[other].isSharedWithoutVersion
        for provider in catalog.names[other].providers {
            let package = provider.package
            if catalog.packages[package].name == name || !packages[package].isSelectable { continue }
            if skipsBare && provider.version == nil { continue }
            let belongs = catalog.packages[package].provides.contains {
                $0.name == name || (skipsBare && $0.relation.version == nil)
            }
            if !belongs { disqualify(package) }
        }
    }
}
