// SPDX-License-Identifier: Apache-2.0

extension Solver {
    /// Decides a name: chooses the best provider, if any, and applies what it needs.
    mutating func decide(_ name: Int) {
        let state = names[name]
        var best: Catalog.Provider?
        if state.askers > 0 || state.hasTriggered {
            for provider in catalog.names[name].providers {
                let package = packages[provider.package]
                // Brought in by install_if alone, it must be free of blame.
                if state.askers == 0 && !(package.isTriggered && package.isTagAllowed && package.isSelectable) {
                    continue
                }
                if !isAutomatic(provider) { continue }
                if let current = best {
                    if prefer(provider, over: current) { best = provider }
                } else {
                    best = provider
                }
            }
        }
        guard let chosen = best?.package else {
            assign(name, nil)
            if state.askers > 0 { errors += 1 }
            return
        }
        if !packages[chosen].isSelectable || !packages[chosen].isTagAllowed { mark(chosen) }
        assign(catalog.packages[chosen].name, catalog.provider(of: chosen))
        for provided in catalog.packages[chosen].provides {
            assign(provided.name, Catalog.Provider(package: chosen, version: provided.relation.version))
        }
        for need in catalog.packages[chosen].depends { constrain(need, askedBy: chosen) }
    }

    /// Locks a name to a provider (nil: nobody has it).
    private mutating func assign(_ name: Int, _ provider: Catalog.Provider?) {
        if names[name].isLocked {
            // Several packages may provide a name without a version.
            let before = names[name].chosen
            if provider?.version == nil && before?.version == nil { return }
            if ignoresConflicts { return }
            mark(provider?.package)
            mark(before?.package)
            return
        }
        names[name].isLocked = true
        names[name].chosen = provider
        leaveQueue(name)
        names[name].dirtyTicket = 0

        if let package = provider?.package, names[name].askers == 0, packages[package].isTriggered {
            for condition in catalog.packages[package].installIf where !names[condition.name].isLocked {
                constrain(condition, askedBy: package)
            }
        }
        if !ignoresConflicts {
            for other in catalog.names[name].providers where other.package != provider?.package {
                if provider?.version == nil && other.version == nil { continue }
                disqualify(other.package)
            }
        }
        reviewDependants(of: name)
        if let package = provider?.package {
            reviewTriggered(byPackage: package)
        } else {
            reviewTriggered(by: name)
        }
    }

    /// Whether one provider of a name is better than another: the first criterion that tells them apart decides.
    private func prefer(_ a: Catalog.Provider, over b: Catalog.Provider) -> Bool {
        for difference in differences(a, b) where difference != 0 { return difference > 0 }
        return false
    }

    /// The criteria in their order; positive speaks for `a`.
    private func differences(_ a: Catalog.Provider, _ b: Catalog.Provider) -> [Int] {
        let (x, y) = (packages[a.package], packages[b.package])
        let (p, q) = (catalog.packages[a.package], catalog.packages[b.package])
        func better(_ a: Bool, _ b: Bool) -> Int { (a ? 1 : 0) - (b ? 1 : 0) }
        let flags = x.flags.union(y.flags)
        var out: [Int] = []
        if flags.contains(.latest) && x.tagsAllowed == Self.defaultTags && y.tagsAllowed == Self.defaultTags {
            out.append(better(x.isTagAllowed, y.isTagAllowed))
            if flags.contains(.available) {
                out.append(better(x.isAvailable, y.isAvailable))
            } else if flags.contains(.reinstall) {
                out.append(better(x.isSelectable, y.isSelectable))
            }
        } else {
            out.append(better(x.isSelectable, y.isSelectable))
            out.append(better(x.isMerged, y.isMerged))
            out.append(y.conflicts - x.conflicts)
            if (prefersInstalled && !flags.contains(.upgrade)) || flags.contains(.installed) {
                out.append(better(p.isInstalled, q.isInstalled))
            }
            out.append(better(x.isTagAllowed, y.isTagAllowed))
            if flags.contains(.available) { out.append(better(x.isAvailable, y.isAvailable)) }
            out.append(better(x.isTagPreferred, y.isTagPreferred))
            if flags.isDisjoint(with: [.remove, .upgrade]) && (p.name == q.name || a.version != nil || b.version != nil)
            {
                out.append(better(p.isInstalled, q.isInstalled))
            }
        }
        // The latest by the name that is asked, then by the package's own.
        out.append(Self.order(a.version, b.version))
        if p.name == q.name { out.append(Self.order(p.entry.version, q.entry.version)) }
        out.append(p.entry.priority - q.entry.priority)
        if !flags.contains(.remove) { out.append(better(p.isInstalled, q.isInstalled)) }
        out.append(better(x.isSelectable, y.isSelectable))
        out.append(Self.position(q.repositories) - Self.position(p.repositories))
        return out
    }

    private static func order(_ a: Version?, _ b: Version?) -> Int {
        switch (a ?? .none).compared(to: b ?? .none) {
        case .less: return -1
        case .greater: return 1
        default: return 0
        }
    }

    /// The position of the first repository that has a package, from one; zero for none.
    private static func position(_ set: RepositorySet) -> Int { set == 0 ? 0 : set.trailingZeroBitCount + 1 }
}
