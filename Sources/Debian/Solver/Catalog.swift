// SPDX-License-Identifier: Apache-2.0

/// All versions of all packages that some signed indexes offer for one architecture, under one numbering.
///
/// Packages are numbered by name, and every name that any index mentions has a number, so that virtual packages and
/// targets that nobody offers have one as well. The numbers depend on the order of the files; nothing else does.
final class Catalog: Sendable {
    /// One Packages file and what its suite says about its versions.
    struct Source: Sendable {
        var index: PackagesIndex
        /// `Repository.id`.
        var repository: String
        /// apt's pin priority: the highest wins, then the highest version.
        var priority: Int
        /// Decides between equal versions: of two files that offer the same version, the later one in byte order counts,
        /// so that what `debian-security` and `debian` both have comes from the former.
        var rank: String
    }

    typealias Package = Int32
    typealias Version = Int32

    let sources: [Source]
    let architecture: String
    let packageCount: Int
    let versionCount: Int
    let alternativeCount: Int
    /// Where each source's stanzas and alternatives begin in the common numbering.
    private let versionBases: [Int32]
    private let alternativeBases: [Int32]
    /// Per source but the first: own name number to common number, and back (-1 where the source lacks the name).
    private let toCommon: [[Int32]]
    private let toOwn: [[Int32]]
    /// Of names that the first source lacks: a source that has it, and its number there.
    private let extraNames: [(source: Int, name: Int32)]
    /// See `ForeignArchitectures`; packages without any are left out.
    let foreignArchitectures: [Package: Int32]
    /// Packages with several versions: where their list lies in `lists`; -1 for the rest.
    private let listSlots: [Int32]
    private let lists: [[Version]]
    /// Packages whose versions may not all be installed, by number.
    let packagesWithLists: [Package]
    /// Stanzas that repeat a version of another file, byte for byte the same package.
    private let duplicates: Set<Version>
    /// Priorities of versions that several files offer.
    private let raisedPriorities: [Version: Int]

    init(_ unordered: [Source], architecture: String) {
        // The largest file first: its numbers are the common ones, so that it costs nothing to take it in.
        let sources = unordered.sorted {
            $0.index.nameCount == $1.index.nameCount
                ? $0.rank.utf8.lexicographicallyPrecedes($1.rank.utf8) : $0.index.nameCount > $1.index.nameCount
        }
        self.sources = sources
        self.architecture = architecture

        var versionBases: [Int32] = []
        var alternativeBases: [Int32] = []
        var versions = 0
        var alternatives = 0
        for source in sources {
            versionBases.append(Int32(versions))
            alternativeBases.append(Int32(alternatives))
            versions += source.index.stanzaCount
            alternatives += source.index.alternativeCount
        }
        self.versionBases = versionBases
        self.alternativeBases = alternativeBases
        versionCount = versions
        alternativeCount = alternatives

        // Names: those of the first file keep their numbers, the others follow as they are met.
        var count = sources.first?.index.nameCount ?? 0
        let firstCount = count
        var extras: [[UInt8]: Int32] = [:]
        var extraNames: [(source: Int, name: Int32)] = []
        var toCommon: [[Int32]] = [[]]
        for (number, source) in sources.enumerated().dropFirst() {
            var map = [Int32](repeating: 0, count: source.index.nameCount)
            for name in 0..<source.index.nameCount {
                let text = source.index.name(name)
                if let known = sources[0].index.find(text) {
                    map[name] = Int32(known)
                } else if let known = extras[Array(text)] {
                    map[name] = known
                } else {
                    map[name] = Int32(count)
                    extras[Array(text)] = Int32(count)
                    extraNames.append((number, Int32(name)))
                    count += 1
                }
            }
            toCommon.append(map)
        }
        var toOwn: [[Int32]] = [[]]
        for map in toCommon.dropFirst() {
            var back = [Int32](repeating: -1, count: count)
            for (own, common) in map.enumerated() { back[Int(common)] = Int32(own) }
            toOwn.append(back)
        }
        packageCount = count
        self.toCommon = toCommon
        self.toOwn = toOwn
        self.extraNames = extraNames
        foreignArchitectures = ForeignArchitectures.count(
            in: sources,
            extraNames: extraNames,
            architecture: architecture
        ) { name in
            if let found = sources[0].index.find(name) { return Int32(found) }
            return extras[Array(name)]
        }

        // Lists of versions, newest first, for the packages that have several.
        var collected: [Package: [Version]] = [:]
        if let first = sources.first?.index {
            for name in 0..<firstCount {
                let stanzas = first.stanzas(named: name)
                if stanzas.count > 1 { collected[Int32(name)] = stanzas.map { Int32($0) } }
            }
        }
        for (number, source) in sources.enumerated().dropFirst() {
            for name in 0..<source.index.nameCount {
                let stanzas = source.index.stanzas(named: name)
                guard !stanzas.isEmpty else { continue }
                let package = toCommon[number][name]
                if collected[package] == nil, Int(package) < firstCount {
                    collected[package] = sources[0].index.stanzas(named: Int(package)).map { Int32($0) }
                }
                collected[package, default: []] += stanzas.map { versionBases[number] + Int32($0) }
            }
        }
        var listSlots = [Int32](repeating: -1, count: count)
        var lists: [[Version]] = []
        var duplicates: Set<Version> = []
        var raised: [Version: Int] = [:]
        func place(_ version: Version) -> (source: Int, stanza: Int) { Self.place(version, versionBases) }
        func text(_ version: Version) -> UnsafeBufferPointer<UInt8> {
            let (source, stanza) = place(version)
            return sources[source].index.version(Int(sources[source].index.word(.version, of: stanza)))
        }
        for (package, versions) in collected {
            let sorted = versions.sorted { a, b in
                let order = VersionOrder.compare(text(a), text(b))
                if order != 0 { return order > 0 }
                let ranks = (sources[place(a).source].rank, sources[place(b).source].rank)
                return ranks.0 == ranks.1 ? a < b : ranks.1.utf8.lexicographicallyPrecedes(ranks.0.utf8)
            }
            var kept: [Version] = []
            for version in sorted {
                let same = kept.last { earlier in
                    text(earlier).elementsEqual(text(version))
                        && Self.sha256(earlier, sources, versionBases) == Self.sha256(version, sources, versionBases)
                }
                guard let same else {
                    kept.append(version)
                    continue
                }
                duplicates.insert(version)
                let priority = max(sources[place(same).source].priority, sources[place(version).source].priority)
                raised[same] = max(raised[same] ?? priority, priority)
            }
            listSlots[Int(package)] = Int32(lists.count)
            lists.append(kept)
        }
        self.listSlots = listSlots
        self.lists = lists
        packagesWithLists = collected.keys.sorted()
        self.duplicates = duplicates
        raisedPriorities = raised
    }

    // MARK: Versions

    @inline(__always)
    func place(_ version: Version) -> (source: Int, stanza: Int) { Self.place(version, versionBases) }

    @inline(__always)
    private static func place(_ version: Version, _ bases: [Int32]) -> (source: Int, stanza: Int) {
        var source = bases.count - 1
        while source > 0, bases[source] > version { source -= 1 }
        return (source, Int(version - bases[source]))
    }

    private static func sha256(_ version: Version, _ sources: [Source], _ bases: [Int32]) -> String? {
        let (source, stanza) = place(version, bases)
        return (try? sources[source].index.details(of: stanza))?["SHA256"]
    }

    func version(source: Int, stanza: Int) -> Version { versionBases[source] + Int32(stanza) }

    func isDuplicate(_ version: Version) -> Bool { !duplicates.isEmpty && duplicates.contains(version) }

    @inline(__always)
    func package(of version: Version) -> Package {
        let (source, stanza) = place(version)
        return common(Int32(sources[source].index.word(.name, of: stanza)), in: source)
    }

    @inline(__always)
    func common(_ name: Int32, in source: Int) -> Package { source == 0 ? name : toCommon[source][Int(name)] }

    @inline(__always)
    func own(_ package: Package, in source: Int) -> Int32? {
        if source == 0 { return Int(package) < sources[0].index.nameCount ? package : nil }
        let own = toOwn[source][Int(package)]
        return own < 0 ? nil : own
    }

    /// A package's versions, newest first, each once.
    @inline(__always)
    func forEachVersion(of package: Package, _ body: (Version) -> Void) {
        let slot = listSlots[Int(package)]
        if slot >= 0 {
            for version in lists[Int(slot)] { body(version) }
        } else if Int(package) < (sources.first?.index.nameCount ?? 0) {
            for stanza in sources[0].index.stanzas(named: Int(package)) { body(Int32(stanza)) }
        }
    }

    func versions(of package: Package) -> [Version] {
        var versions: [Version] = []
        forEachVersion(of: package) { versions.append($0) }
        return versions
    }

    func priority(of version: Version) -> Int { raisedPriorities[version] ?? sources[place(version).source].priority }

    /// The version that would be installed: the highest priority, then the newest.
    func candidate(of package: Package) -> Version? {
        var best: (version: Version, priority: Int)?
        forEachVersion(of: package) { version in
            let priority = priority(of: version)
            if priority > 0, priority > best?.priority ?? 0 { best = (version, priority) }
        }
        return best?.version
    }

    @inline(__always)
    func word(_ word: IndexFormat.StanzaWord, of version: Version) -> UInt32 {
        let (source, stanza) = place(version)
        return sources[source].index.word(word, of: stanza)
    }

    func text(of version: Version) -> UnsafeBufferPointer<UInt8> {
        let (source, stanza) = place(version)
        return sources[source].index.version(Int(sources[source].index.word(.version, of: stanza)))
    }

    func sourceVersion(of version: Version) -> UnsafeBufferPointer<UInt8> {
        let (source, stanza) = place(version)
        return sources[source].index.version(Int(sources[source].index.word(.sourceVersion, of: stanza)))
    }

    // MARK: Names

    func name(_ package: Package) -> UnsafeBufferPointer<UInt8> {
        let firstCount = sources.first?.index.nameCount ?? 0
        if Int(package) < firstCount { return sources[0].index.name(Int(package)) }
        let extra = extraNames[Int(package) - firstCount]
        return sources[extra.source].index.name(Int(extra.name))
    }

    func string(_ package: Package) -> String { String(decoding: name(package), as: UTF8.self) }
    func string(version: Version) -> String { String(decoding: text(of: version), as: UTF8.self) }

    /// The number of a name that any of the indexes mentions.
    func find(_ name: String) -> Package? {
        var name = name
        return name.withUTF8 { bytes in
            for (number, source) in sources.enumerated() {
                if let found = source.index.find(bytes) { return common(Int32(found), in: number) }
            }
            return nil
        }
    }

    // MARK: Relations

    @inline(__always)
    func alternative(_ own: Int, in source: Int) -> Int32 { alternativeBases[source] + Int32(own) }

    @inline(__always)
    func place(alternative: Int32) -> (source: Int, own: Int) {
        var source = alternativeBases.count - 1
        while source > 0, alternativeBases[source] > alternative { source -= 1 }
        return (source, Int(alternative - alternativeBases[source]))
    }

    /// The packages that provide a name, with the version that they provide it in.
    @inline(__always)
    func forEachProvider(of package: Package, _ body: (Version, UnsafeBufferPointer<UInt8>?) -> Void) {
        for number in sources.indices {
            guard let own = own(package, in: number) else { continue }
            let index = sources[number].index
            index.forEachProvider(of: Int(own)) { stanza, version in
                let provider = versionBases[number] + Int32(stanza)
                if !isDuplicate(provider) { body(provider, version.map { index.version($0) }) }
            }
        }
    }

    func hasProviders(_ package: Package) -> Bool {
        sources.indices.contains { number in
            own(package, in: number).map { sources[number].index.hasProviders(Int($0)) } ?? false
        }
    }
}
