// SPDX-License-Identifier: Apache-2.0

internal import Alpine
internal import Cryptography
internal import Foundation

/// What apk's commands ask of its solver, so that its own tests can be run against ours: `add`, `del`, `fix` and
/// `upgrade`, as its manual pages describe them, on a world, an installed database, repositories and a cache.
struct ApkCommand {
    var catalog = Catalog(architectures: ["x86_64"])
    var world: [Catalog.Need] = []
    /// The installed package that owns the program that runs.
    var runningPackage: String?
    /// Installed packages whose files or scripts are broken.
    var brokenPackages: [String] = []

    enum Answer: Equatable {
        /// One line per change, as apk numbers none: `Installing b (2)`.
        case changes([String])
        /// Lines of the explanation.
        case conflicts([String])
        case refused(String)
        /// `del` keeps a package that something else still needs.
        case kept([String], changes: [String])
    }

    private struct Options {
        var flags: SolverFlags = []
        var words: [String] = []
        var virtual: String?
        var prune = false
        var ignore = false
        var dependsToo = false
        var onlyPreupgrade = false
        var recursive = false
        var preupgradeDepends: [String] = []
        var forcesBrokenWorld = false
    }

    /// Takes `--option=value` and `-abc` apart.
    private static func separated(_ arguments: [String]) -> [String] {
        arguments.flatMap { word -> [String] in
            if word.hasPrefix("--"), let equals = word.firstIndex(of: "=") {
                let option = String(word[..<equals])
                let takesValue = option == "--virtual" || option == "--preupgrade-depends"
                return takesValue ? [option, String(word[word.index(after: equals)...])] : [option]
            }
            if word.hasPrefix("-"), !word.hasPrefix("--"), word.count > 2 { return word.dropFirst().map { "-\($0)" } }
            return [word]
        }
    }

    /// Names that a word means: itself, or all that match its pattern.
    private func matching(_ word: String) -> [Int] {
        guard word.contains("*") else { return [catalog.find(word)].compactMap { $0 } }
        return catalog.names.indices.filter { fnmatch(word, catalog.names[$0].text, 0) == 0 }
    }

    mutating func run(_ given: [String]) throws -> Answer {
        let arguments = Self.separated(given)
        var options = Options()
        var command: String?
        var index = 0
        func value() -> String? {
            index += 1
            return index < arguments.count ? arguments[index] : nil
        }
        while index < arguments.count {
            let word = arguments[index]
            switch word {
            case "-t", "--virtual": options.virtual = value()
            case "-u", "--upgrade": options.flags.insert(.upgrade)
            case "-l", "--latest": options.flags.insert(.latest)
            case "-a", "--available": options.flags.insert(.available)
            case "--reinstall": options.flags.insert(.reinstall)
            case "-r" where command == "fix": options.flags.insert(.reinstall)
            case "-r", "--rdepends": options.recursive = true
            case "-d", "--depends": options.dependsToo = true
            case "--prune": options.prune = true
            case "--ignore": options.ignore = true
            case "--preupgrade-only", "--self-upgrade-only": options.onlyPreupgrade = true
            case "--preupgrade-depends": options.preupgradeDepends += [value()].compactMap { $0 }
            case "--force-broken-world": options.forcesBrokenWorld = true
            case "--no-network": catalog.available = 0
            case let flag where flag.hasPrefix("-"): break
            default:
                if command == nil { command = word } else { options.words.append(word) }
            }
            index += 1
        }
        switch command {
        case "add": return try add(options)
        case "del": return try delete(options)
        case "fix": return try fix(options)
        case "upgrade": return try upgrade(options)
        default: return .refused("no such command")
        }
    }

    // MARK: Commands

    private mutating func add(_ options: Options) throws -> Answer {
        var flagged: [Int] = []
        var members: [Dependency] = []
        for word in options.words {
            let isMember = options.virtual != nil
            guard let dependency = Dependency(parsing: word.utf8, allowsTag: !isMember), !dependency.isBroken else {
                return .refused("'\(word)' is not a valid \(isMember ? "package" : "world") dependency")
            }
            if isMember {
                // The last word about a name counts, in the place of the first.
                if let known = members.firstIndex(where: { $0.name == dependency.name }) {
                    members[known] = dependency
                } else {
                    members.append(dependency)
                }
            } else {
                let need = catalog.need(dependency)
                ask(need)
                flagged.append(need.name)
            }
        }
        if let virtual = options.virtual {
            guard var dependency = Dependency(parsing: virtual.utf8, allowsTag: true), !dependency.isConflict,
                !dependency.isBroken, dependency.comparison == .any || dependency.comparison == .equal
            else { return .refused("\(virtual): bad package specifier") }
            dependency.comparison = .equal
            dependency.version = dependency.version ?? Version("20200101.000000")
            var entry = IndexEntry(
                checksum: Checksum(.of(virtual, .sha1)),
                name: dependency.name,
                version: dependency.version ?? Version("0")
            )
            entry.architecture = "noarch"
            entry.depends = members
            catalog.add(entry, from: .local)
            let need = catalog.need(dependency)
            ask(need)
            flagged.append(need.name)
        }
        catalog.finish()
        return try commit([], options) { solver in
            for name in flagged { solver.set(options.flags, inheritable: options.flags, for: name) }
        }
    }

    /// Puts a dependency into the world, in place of the one on the same name.
    private mutating func ask(_ need: Catalog.Need) {
        if let known = world.firstIndex(where: { $0.name == need.name }) {
            world[known] = need
        } else {
            world.append(need)
        }
    }

    private mutating func delete(_ options: Options) throws -> Answer {
        catalog.finish()
        var flagged: [Int] = []
        let before = world
        var seen: Set<Int> = []
        for word in options.words {
            let names = matching(word)
            if names.isEmpty { return .refused("No such package: \(word)") }
            for name in names {
                if let package = installed(name) {
                    drop(package, recursive: options.recursive, seen: &seen, flagged: &flagged)
                } else {
                    world.removeAll { $0.name == name }
                }
            }
        }
        var solver = Solver(catalog, world: world)
        for name in flagged { solver.set(.remove, inheritable: [], for: name) }
        try solver.solve(dropsBroken: options.forcesBrokenWorld)
        if solver.errors > 0 { return .conflicts(solver.conflicts().flatMap(\.lines)) }
        let changes = Self.lines(solver)
        let hasPattern = options.words.contains { $0.contains("*") }
        let names = options.words.flatMap(matching)
        let kept = (hasPattern ? Array(Set(names)) : names).filter { name in
            !before.contains { $0.name == name && $0.isConflict }
                && catalog.names[name].providers.contains { provider in
                    solver.changes.contains { $0.new == provider.package }
                }
        }.map { catalog.names[$0].text }.sorted(by: Solver.displayOrder)
        return kept.isEmpty ? .changes(changes) : .kept(kept, changes: changes)
    }

    /// Takes a package out of the world, and with `recursive` all that need it. A package is asked once whether it does,
    /// by the first that goes.
    private mutating func drop(_ package: Int, recursive: Bool, seen: inout Set<Int>, flagged: inout [Int]) {
        let candidate = catalog.packages[package]
        world.removeAll { $0.name == candidate.name }
        flagged.append(candidate.name)
        guard recursive else { return }
        for provided in candidate.provides { world.removeAll { $0.name == provided.name } }
        for name in [candidate.name] + candidate.provides.map(\.name) {
            for provider in catalog.names[name].dependants.flatMap({ catalog.names[$0].providers })
            where catalog.packages[provider.package].isInstalled {
                guard seen.insert(provider.package).inserted else { continue }
                let needs = catalog.packages[provider.package].depends
                if needs.contains(where: { catalog.holds($0, askedBy: provider.package, about: package) == true }) {
                    drop(provider.package, recursive: true, seen: &seen, flagged: &flagged)
                }
            }
        }
    }

    private mutating func fix(_ options: Options) throws -> Answer {
        catalog.finish()
        let flags = options.flags.isEmpty ? SolverFlags.reinstall : options.flags
        var flagged = options.words.isEmpty ? brokenPackages.compactMap { catalog.find($0) } : []
        for word in options.words {
            let names = matching(word)
            if names.isEmpty { return .refused("Package '\(word)' not found") }
            flagged += names
        }
        return try commit([], options) { solver in
            for name in flagged { solver.set(flags, inheritable: options.dependsToo ? flags : [], for: name) }
        }
    }

    private mutating func upgrade(_ options: Options) throws -> Answer {
        catalog.finish()
        if tagsAreMissing && !options.forcesBrokenWorld { return .refused("missing repository tags") }
        var flags = options.flags.union(.upgrade)
        if options.onlyPreupgrade { return try preupgrade(options, flags) }
        if flags.contains(.available) {
            for index in world.indices where world[index].relation.comparison == .checksum {
                world[index].relation.comparison = .any
                world[index].relation.version = nil
            }
        }
        if options.prune {
            let catalog = catalog
            world.removeAll { need in !catalog.names[need.name].providers.contains { catalog.isAvailable($0.package) } }
        }
        var flagged: [Int] = []
        for word in options.words {
            let names = matching(word)
            if names.isEmpty { return .refused("Package '\(word)' not found") }
            flagged += names
        }
        if !flagged.isEmpty && !options.ignore { flags.remove(.upgrade) }
        return try commit(flags, options) { solver in
            for name in flagged { solver.set(options.ignore ? .installed : .upgrade, inheritable: [], for: name) }
        }
    }

    private mutating func preupgrade(_ options: Options, _ flags: SolverFlags) throws -> Answer {
        if !options.words.isEmpty { return .changes([]) }
        var wanted: [Dependency] = runningPackage.map { [Dependency($0)] } ?? []
        for text in options.preupgradeDepends {
            for word in text.split(separator: " ") {
                guard let dependency = Dependency(parsing: word.utf8) else { continue }
                wanted.removeAll { $0.name == dependency.name }
                wanted.append(dependency)
            }
        }
        var flagged: [Int] = []
        for dependency in wanted {
            guard let name = catalog.find(dependency.name), let package = installed(name) else { continue }
            let need = Catalog.Need(name: name, relation: dependency)
            let version = catalog.packages[package].entry.version
            guard catalog.holds(need, askedBy: nil, provider: catalog.provider(of: package)) else { continue }
            let isUpgradable = catalog.names[name].providers.contains {
                catalog.packages[$0.package].repositories != 0
                    && catalog.packages[$0.package].entry.version.compared(to: version) == .greater
            }
            if isUpgradable { flagged.append(name) }
        }
        if flagged.isEmpty { return .changes([]) }
        return try commit([], options) { solver in
            solver.prefersInstalled = true
            for name in flagged { solver.set(flags, inheritable: [], for: name) }
        }
    }

    // MARK: Running

    private func installed(_ name: Int) -> Int? {
        catalog.names[name].providers.map(\.package)
            .first { catalog.packages[$0].name == name && catalog.packages[$0].isInstalled }
    }

    private var tagsAreMissing: Bool { world.contains { $0.tag != 0 && catalog.tags[$0.tag].repositories == 0 } }

    private func commit(
        _ flags: SolverFlags,
        _ options: Options,
        prepare: (inout Solver) -> Void
    ) throws -> Answer {
        if tagsAreMissing && !options.forcesBrokenWorld { return .refused("missing repository tags") }
        var solver = Solver(catalog, world: world)
        prepare(&solver)
        try solver.solve(flags, dropsBroken: options.forcesBrokenWorld)
        if solver.errors > 0 { return .conflicts(solver.conflicts().flatMap(\.lines)) }
        return .changes(Self.lines(solver))
    }

    /// The changes in apk's words.
    private static func lines(_ solver: Solver) -> [String] {
        let catalog = solver.catalog
        return solver.changes.filter(\.isEffective).compactMap { change in
            let tag = catalog.tags[change.newTag].text
            guard let new = change.new.map({ catalog.packages[$0] }) else {
                return change.old.map {
                    "Purging \(catalog.packages[$0].entry.name) (\(catalog.packages[$0].entry.version))"
                }
            }
            guard let old = change.old.map({ catalog.packages[$0] }) else {
                return "Installing \(new.entry.name)\(tag) (\(new.entry.version))"
            }
            if change.old == change.new {
                let verb = change.isReinstall ? "Reinstalling" : "Updating pinning"
                return "\(verb) \(new.entry.name)\(tag) (\(new.entry.version))"
            }
            let verb =
                switch new.entry.version.compared(to: old.entry.version) {
                case .less: "Downgrading"
                case .greater: "Upgrading"
                default: "Replacing"
                }
            return "\(verb) \(new.entry.name)\(tag) (\(old.entry.version) -> \(new.entry.version))"
        }
    }
}
