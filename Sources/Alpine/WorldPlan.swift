// SPDX-License-Identifier: Apache-2.0

internal import Packages

/// A request in apk's terms: what the world asks, and which packages are no candidates.
///
/// The definition language is softer than apk: a vetoed package is no candidate, and a dependency that only vetoed
/// packages could meet is dropped and recorded. With `isStrict` a veto is apk's own `!name`.
struct WorldPlan {
    private(set) var world: [Dependency] = []
    private(set) var dropped: [Resolution.Dropped] = []
    private(set) var warnings: [String] = []
    private var vetoes: Set<String> = []
    /// Versions of each name, as vetoed packages and as the others provide it.
    private var vetoed: [String: [Version?]] = [:]
    private var remaining: [String: [Version?]] = [:]

    /// - Throws: `bad-package-name` for a want that is no dependency.
    init(_ request: Request, entries: [[IndexEntry]]) throws(AlpineError) {
        for want in request.wants { try ask(want, entries: entries) }
        let wanted = Set(world.map(\.name))
        for name in request.vetoes where !wanted.contains(name) {
            if request.isStrict {
                guard let veto = Dependency(parsing: "!\(name)".utf8) else {
                    throw AlpineError(.badWant, "", "'!\(name)' is no package name")
                }
                world.append(veto)
            } else {
                vetoes.insert(name)
            }
        }
        let known = Set(entries.joined().lazy.map(\.name))
        for name in request.vetoes where !known.contains(name) {
            warnings.append("'!\(name)' excludes nothing: no repository has such a package")
        }
        if !vetoes.isEmpty { sort(entries) }
    }

    private mutating func ask(_ want: Request.Want, entries: [[IndexEntry]]) throws(AlpineError) {
        // `name>=2` arrives split at its equals sign.
        let text = want.name + (want.version.map { "=" + $0 } ?? "")
        guard var dependency = Dependency(parsing: text.utf8, allowsTag: true), !dependency.name.isEmpty,
            !dependency.isBroken
        else {
            throw AlpineError(
                .badWant,
                "",
                "'\(text)' is not a package with an optional version",
                hint: "the form is name, name=version or name@tag"
            )
        }
        if dependency.comparison == .equal, let pinned = dependency.version {
            dependency.version = Self.complete(pinned, of: dependency.name, in: entries)
        }
        // One want per name: where a package is named with and without a version, the version counts.
        if let before = world.firstIndex(where: { $0.name == dependency.name }) {
            if dependency.version != nil || dependency.tag != nil { world[before] = dependency }
        } else {
            world.append(dependency)
        }
    }

    /// A pin without `-rN` means any revision of that version: the newest there is.
    private static func complete(_ pin: Version, of name: String, in entries: [[IndexEntry]]) -> Version {
        let versions = entries.joined().lazy.filter { $0.name == name }.map(\.version)
        if versions.contains(pin) || pin.description.contains("-r") { return pin }
        let revisions = versions.filter { $0.bytes.starts(with: pin.bytes + Array("-r".utf8)) }
        return revisions.max { $0.compared(to: $1) == .less } ?? pin
    }

    // MARK: Vetoes

    private mutating func sort(_ entries: [[IndexEntry]]) {
        for entry in entries.joined() {
            let isVetoed = vetoes.contains(entry.name)
            func note(_ name: String, _ version: Version?) {
                if isVetoed {
                    vetoed[name, default: []].append(version)
                } else {
                    remaining[name, default: []].append(version)
                }
            }
            note(entry.name, entry.version)
            for provided in entry.provides { note(provided.name, provided.version) }
        }
    }

    /// The entry as the solver shall see it; nil for a vetoed one.
    mutating func admit(_ entry: IndexEntry) -> IndexEntry? {
        if vetoes.isEmpty { return entry }
        if vetoes.contains(entry.name) { return nil }
        var out = entry
        out.depends.removeAll { dependency in
            if dependency.isConflict || vetoed[dependency.name] == nil { return false }
            if Self.isMet(dependency, by: remaining[dependency.name])
                || !Self.isMet(dependency, by: vetoed[dependency.name])
            {
                return false
            }
            let drop = Resolution.Dropped(package: entry.name, clause: dependency.description)
            if !dropped.contains(drop) { dropped.append(drop) }
            return true
        }
        return out
    }

    private static func isMet(_ dependency: Dependency, by versions: [Version?]?) -> Bool {
        (versions ?? []).contains { version in
            guard let wanted = dependency.version, dependency.comparison != .checksum else { return true }
            return (version ?? .none).satisfies(dependency.comparison, wanted)
        }
    }
}
