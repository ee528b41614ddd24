// SPDX-License-Identifier: Apache-2.0

/// What was found for each alternative, positive and negative: where it lies in the solver's `solutions`.
struct TargetCache {
    var starts: [Int32]
    var counts: [Int32]

    init(count: Int) {
        starts = [Int32](repeating: -1, count: count * 2)
        counts = [Int32](repeating: 0, count: count * 2)
    }
}

/// Which packages an alternative means, in the order in which apt prefers them.
extension DependencySolver {
    /// Where the solutions of one alternative lie.
    func solutions(of alternative: Int32, isNegative: Bool) -> (start: Int32, count: Int32) {
        let slot = Int(alternative) * 2 + (isNegative ? 1 : 0)
        if targets.starts[slot] >= 0 { return (targets.starts[slot], targets.counts[slot]) }
        if solutions.count > Self.solutionLimit {
            isTooLarge = true
            return (0, 0)
        }
        let start = Int32(solutions.count)
        let (source, own) = catalog.place(alternative: alternative)
        let index = catalog.sources[source].index
        let parts = index.parts(of: own)
        let target = catalog.common(Int32(parts.name), in: source)
        let wanted = parts.version.map { index.version($0) }

        func accepts(_ version: UnsafeBufferPointer<UInt8>?) -> Bool {
            guard let wanted, parts.comparison != .any else { return true }
            guard let version, !version.isEmpty else { return false }
            return parts.comparison.accepts(VersionOrder.compare(version, wanted))
        }

        let qualified = architectureQualified(target)
        let hasProviders = qualified != nil || catalog.hasProviders(target)
        var found: [Variable] = []
        var isAll = true
        catalog.forEachVersion(of: target) { version in
            if accepts(catalog.text(of: version)) { found.append(variable(version: version)) } else { isAll = false }
        }
        if !isNegative, !hasProviders, isAll, !found.isEmpty {
            // Any version will do: the choice among them is left for later.
            solutions.append(target)
        } else {
            if hasProviders {
                catalog.forEachProvider(of: target) { version, provided in
                    if accepts(provided) { found.append(variable(version: version)) }
                }
                if let qualified {
                    // `name:architecture` means the package itself and its providers, each in its own version.
                    catalog.forEachVersion(of: qualified) { version in
                        if accepts(catalog.text(of: version)) { found.append(variable(version: version)) }
                    }
                    catalog.forEachProvider(of: qualified) { version, _ in
                        if accepts(catalog.text(of: version)) { found.append(variable(version: version)) }
                    }
                }
            }
            if found.count > 1 { found.sort { precedes($0, $1, target: target) } }
            solutions += found
        }
        targets.starts[slot] = start
        targets.counts[slot] = Int32(solutions.count) - start
        return (start, targets.counts[slot])
    }

    /// For `name:arm64` or `name:native` on arm64, the package `name`.
    private func architectureQualified(_ target: Catalog.Package) -> Catalog.Package? {
        let name = catalog.name(target)
        guard let colon = name.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let suffix = name[(colon + 1)...]
        guard suffix.elementsEqual("native".utf8) || suffix.elementsEqual(catalog.architecture.utf8) else { return nil }
        return catalog.find(String(decoding: name[..<colon], as: UTF8.self))
    }

    /// apt's preference between two solutions of one alternative: the package that is named before its providers, then
    /// essential and important packages, then the priority, then the name; among versions of one package the pin's
    /// priority, then the newest.
    func precedes(_ a: Variable, _ b: Variable, target: Catalog.Package) -> Bool {
        if a == b { return false }
        let left = package(a)
        let right = package(b)
        let leftVersion = isVersion(a) ? version(a) : catalog.versions(of: a).first ?? 0
        let rightVersion = isVersion(b) ? version(b) : catalog.versions(of: b).first ?? 0
        if left == right {
            let priorities = (catalog.priority(of: leftVersion), catalog.priority(of: rightVersion))
            if priorities.0 != priorities.1 { return priorities.0 > priorities.1 }
            return VersionOrder.compare(catalog.text(of: leftVersion), catalog.text(of: rightVersion)) > 0
        }
        if (left == target) != (right == target) { return left == target }
        for flag in [IndexFormat.Flag.essential, IndexFormat.Flag.important] {
            let flags = (has(flag, left), has(flag, right))
            if flags.0 != flags.1 { return flags.0 }
        }
        let shift = IndexFormat.Flag.priorityShift
        let priorities = (
            catalog.word(.flags, of: leftVersion) >> shift & 7, catalog.word(.flags, of: rightVersion) >> shift & 7
        )
        if priorities.0 != priorities.1 { return priorities.0 < priorities.1 }
        return catalog.name(left).lexicographicallyPrecedes(catalog.name(right))
    }

    /// A flag counts for the package when any of its versions has it.
    private func has(_ flag: UInt32, _ package: Catalog.Package) -> Bool {
        var isSet = false
        catalog.forEachVersion(of: package) { if catalog.word(.flags, of: $0) & flag != 0 { isSet = true } }
        return isSet
    }
}
