// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// A set of repositories, by their position.
package typealias RepositorySet = UInt64

/// Everything that the solver may choose from, with names and packages numbered so that its state can lie in arrays.
///
/// A name is whatever a dependency can ask for. A package provides its own name at its own version, and every name of its
/// `provides`, with a version or without one.
package struct Catalog: Sendable {
    /// A package in its role as provider of one name.
    package struct Provider: Hashable, Sendable {
        package var package: Int
        /// nil where the name is provided without a version.
        package var version: Version?
    }

    package struct Name: Sendable {
        package var text: String
        package var providers: [Provider] = []
        /// Names whose providers depend on this one.
        package var dependants: [Int] = []
        /// Names whose providers have this one in `install_if`.
        package var triggered: [Int] = []
    }

    /// A dependency whose name is numbered.
    package struct Need: Hashable, Sendable {
        package var name: Int
        package var relation: Dependency
        /// The repository tag's number; 0 for none.
        package var tag: Int

        package init(name: Int, relation: Dependency, tag: Int = 0) {
            self.name = name
            self.relation = relation
            self.tag = tag
        }

        package var isConflict: Bool { relation.isConflict }
        /// apk's order of relations to one package: conflicts last.
        package var rank: Int { Int(relation.comparison.rawValue) + (isConflict ? 16 : 0) }
    }

    package struct Candidate: Sendable {
        package var entry: IndexEntry
        package var name: Int
        package var depends: [Need]
        package var provides: [Need]
        package var installIf: [Need]
        package var repositories: RepositorySet = 0
        package var isUninstallable: Bool
        /// For a package that is installed: the tag it was installed with.
        package var installedTag: Int?
        /// Known from a cache of what no repository has.
        package var isCached = false
        /// Made for the moment; apk counts it as one from its cache.
        package var isLocal = false

        package var isInstalled: Bool { installedTag != nil }
        package var label: String { entry.label }
    }

    package struct Tag: Sendable {
        /// `@edge`; empty for the default.
        package var text: String
        package var repositories: RepositorySet = 0
    }

    /// Where an entry comes from.
    package enum Place: Sendable {
        case repository(Int)
        case installed(tag: String?)
        /// Made for the moment, such as a virtual package.
        case local
        case cache
    }

    package private(set) var names: [Name] = []
    package private(set) var packages: [Candidate] = []
    package private(set) var tags: [Tag] = [Tag(text: "")]
    /// In the order in which they were installed.
    package private(set) var installed: [Int] = []
    /// Repositories whose packages can be fetched.
    package var available: RepositorySet = 0
    private let architectures: Set<String>
    private var numbers: [String: Int] = [:]
    private var packageNumbers: [[UInt8]: Int] = [:]

    /// - Parameter architectures: what can be installed, besides `noarch`.
    package init(architectures: [String]) { self.architectures = Set(architectures + ["noarch"]) }

    // MARK: Building

    /// Makes the repository at a position known under a tag (nil for none).
    package mutating func allow(repository: Int, tag: String?) {
        tags[self.tag(tag)].repositories |= 1 << RepositorySet(repository)
    }

    /// The number of a tag; `tag` is written with or without its `@`.
    package mutating func tag(_ tag: String?) -> Int {
        guard let tag else { return 0 }
        let text = tag.hasPrefix("@") ? tag : "@" + tag
        if let known = tags.firstIndex(where: { $0.text == text }) { return known }
        tags.append(Tag(text: text))
        return tags.count - 1
    }

    package mutating func number(of name: String) -> Int {
        if let known = numbers[name] { return known }
        names.append(Name(text: name))
        numbers[name] = names.count - 1
        return names.count - 1
    }

    package func find(_ name: String) -> Int? { numbers[name] }

    package mutating func need(_ dependency: Dependency) -> Need {
        Need(name: number(of: dependency.name), relation: dependency, tag: tag(dependency.tag))
    }

    package mutating func reserve(_ count: Int) {
        packages.reserveCapacity(packages.count + count)
        names.reserveCapacity(names.count + count * 3)
        numbers.reserveCapacity(names.count + count * 3)
        packageNumbers.reserveCapacity(packages.count + count)
    }

    /// Adds an entry; one with a checksum that is known already is the same package in one more place.
    package mutating func add(_ entry: IndexEntry, from place: Place) {
        let key = Array(entry.checksum.digest.bytes.prefix(20))
        let number: Int
        if let known = packageNumbers[key] {
            number = known
        } else {
            number = packages.count
            packageNumbers[key] = number
            let compatible = entry.architecture.map { architectures.contains($0) } ?? true
            let name = self.number(of: entry.name)
            let provides = entry.provides.map { need($0) }
            packages.append(
                Candidate(
                    entry: entry,
                    name: name,
                    depends: entry.depends.map { need($0) },
                    provides: provides,
                    installIf: entry.installIf.map { need($0) },
                    isUninstallable: !compatible || !entry.defects.isEmpty
                )
            )
            names[name].providers.append(Provider(package: number, version: entry.version))
            for provided in provides {
                names[provided.name].providers.append(Provider(package: number, version: provided.relation.version))
            }
        }
        switch place {
        case .repository(let position): packages[number].repositories |= 1 << RepositorySet(position)
        case .installed(let tag):
            if packages[number].installedTag == nil { installed.append(number) }
            packages[number].installedTag = self.tag(tag)
        case .cache: packages[number].isCached = true
        case .local: packages[number].isLocal = true
        }
    }

    /// Derives who depends on what. To be called once everything is in; names are walked in an order of their own, so that
    /// the answer does not depend on the order in which entries came.
    package mutating func finish() {
        for index in names.indices {
            names[index].dependants = []
            names[index].triggered = []
        }
        let order = NameOrder.sorted(names.map(\.text))
        var seen = [Int](repeating: -1, count: names.count)
        var seenTrigger = [Int](repeating: -1, count: names.count)
        for name in order {
            for provider in names[name].providers {
                let package = packages[provider.package]
                for need in package.depends where seen[need.name] != name {
                    seen[need.name] = name
                    names[need.name].dependants.append(name)
                }
                for need in package.installIf where seenTrigger[need.name] != name {
                    seenTrigger[need.name] = name
                    names[need.name].triggered.append(name)
                }
            }
        }
    }

    // MARK: Questions

    package func architectureFits(_ candidate: Candidate) -> Bool {
        candidate.entry.architecture.map { architectures.contains($0) } ?? true
    }

    package func provider(of package: Int) -> Provider {
        Provider(package: package, version: packages[package].entry.version)
    }

    /// The repositories that may serve under any of the tags of a set.
    package func repositories(tags set: UInt64) -> RepositorySet {
        var out: RepositorySet = 0
        for (number, tag) in tags.enumerated() where number < 64 && set & (1 << UInt64(number)) != 0 {
            out |= tag.repositories
        }
        return out
    }

    /// Where a package may be had, an installed one also where its tag allows.
    package func repositories(of package: Int) -> RepositorySet {
        packages[package].repositories | (packages[package].installedTag.map { tags[$0].repositories } ?? 0)
    }

    package func isAvailable(_ package: Int) -> Bool { packages[package].repositories & available != 0 }

    /// Whether `need`, asked by `asker` (nil for the world), holds where `provider` provides its name (nil: nobody does).
    package func holds(_ need: Need, askedBy asker: Int?, provider: Provider?) -> Bool {
        guard let provider else { return need.isConflict }
        if need.isConflict && asker == provider.package { return true }
        if need.relation.comparison == .checksum && !need.isConflict {
            return need.relation.version.flatMap { Checksum($0.bytes) }
                .map { $0.digest.bytes.prefix(20) == packages[provider.package].entry.checksum.digest.bytes.prefix(20) }
                ?? false
        }
        // A name that is provided without a version is older than every version.
        let matches = (provider.version ?? .none).satisfies(
            need.relation.comparison,
            need.relation.version ?? .none
        )
        return matches != need.isConflict
    }

    /// Whether `need` says something about `package`, by its own name or by what it provides: nil if it doesn't.
    package func holds(_ need: Need, askedBy asker: Int?, about package: Int) -> Bool? {
        if need.name == packages[package].name {
            // By its own name a package is never exempt from a conflict, as the question is about the package itself.
            return holds(need, askedBy: nil, provider: provider(of: package))
        }
        guard let provided = packages[package].provides.first(where: { $0.name == need.name }) else { return nil }
        return holds(need, askedBy: asker, provider: Provider(package: package, version: provided.relation.version))
    }
}
