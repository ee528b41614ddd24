// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
package import Packages
internal import Resolver

/// The signed indexes of some Debian suites for one platform, ready to answer as apt does.
package struct DebianUniverse: Universe {
    package let indexes: [SignedIndex]
    package let platform: Platform
    let catalog: Catalog

    init(indexes: [SignedIndex], platform: Platform, catalog: Catalog) {
        self.indexes = indexes
        self.platform = platform
        self.catalog = catalog
    }

    /// How many versions of packages there are to choose from.
    package var versionCount: Int { catalog.versionCount }

    /// Whether any version of any package has or provides this name.
    func offers(_ name: String) -> Bool {
        guard let package = catalog.find(name) else { return false }
        return !catalog.versions(of: package).isEmpty || catalog.hasProviders(package)
    }

    /// Finds what apt would install into an empty system, without Recommends.
    ///
    /// - Throws: `Unsatisfiable`; `too-complex`; `unsafe-path` or `malformed-index` when a chosen package's stanza is bad.
    package func resolve(_ request: Request) throws -> Resolution {
        var warnings: [String] = []
        let wantedNames = Set(request.wants.map(\.name))
        var vetoes: Set<Catalog.Package> = []
        for name in request.vetoes where !wantedNames.contains(name) {
            if let package = catalog.find(name), !catalog.versions(of: package).isEmpty {
                vetoes.insert(package)
            } else {
                warnings.append("the veto '!\(name)' matches no package")
            }
        }
        let wanted = try wanted(request, vetoes: vetoes)
        let solver = DependencySolver(catalog, vetoes: vetoes, dropsVetoed: !request.isStrict)
        guard try solver.solve(wanted) else {
            var explainer = Explainer(solver)
            if let conflict = solver.conflict { explainer.explain(conflict) }
            throw Unsatisfiable(
                context: platform.rawValue,
                reasons: explainer.sentences,
                remedies: explainer.remedies
            )
        }
        return try resolution(solver, warnings: warnings)
    }

    // MARK: Requests

    /// The versions that the request names, in the order in which apt takes them up.
    private func wanted(_ request: Request, vetoes: Set<Catalog.Package>) throws -> [(
        package: Catalog.Package, version: Catalog.Version
    )] {
        var chosen: [Catalog.Package: Catalog.Version] = [:]
        var pins: [Catalog.Package: String] = [:]
        for want in request.wants {
            let package = try package(named: want.name, vetoes: vetoes)
            if let pin = want.version {
                guard let version = catalog.versions(of: package).first(where: { catalog.string(version: $0) == pin })
                else {
                    let versions = catalog.versions(of: package).map { catalog.string(version: $0) }
                    throw failure(
                        "the definition pins \(want.name)=\(pin), and the indexes offer \(versions.joined(separator: ", "))",
                        "pin one of these, or name the package without a version"
                    )
                }
                if let other = pins[package], other != pin {
                    throw failure("the definition pins \(want.name) to both \(other) and \(pin)", "keep one of the two")
                }
                pins[package] = pin
                chosen[package] = version
            } else if chosen[package] == nil {
                guard let candidate = catalog.candidate(of: package) else {
                    throw failure(
                        "no version of \(want.name) may be installed: its suite is not for installing from",
                        nil
                    )
                }
                chosen[package] = candidate
            }
        }
        return chosen.map { (package: $0.key, version: $0.value) }.sorted {
            InstallOrder.precedes(catalog.name($0.package), catalog.name($1.package))
        }
    }

    /// A package by its name, or the one package that provides the name.
    private func package(named name: String, vetoes: Set<Catalog.Package>) throws -> Catalog.Package {
        var plain = name
        for suffix in [":\(catalog.architecture)", ":native"] where plain.hasSuffix(suffix) {
            plain.removeLast(suffix.utf8.count)
        }
        guard let package = catalog.find(plain) else { throw unknown(name) }
        if !catalog.versions(of: package).isEmpty { return package }
        var providers: [Catalog.Package] = []
        catalog.forEachProvider(of: package) { version, _ in
            let provider = catalog.package(of: version)
            if !vetoes.contains(provider), catalog.candidate(of: provider) == version, !providers.contains(provider) {
                providers.append(provider)
            }
        }
        if providers.count == 1, let only = providers.first { return only }
        if providers.isEmpty { throw unknown(name) }
        let names = providers.map { catalog.string($0) }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let listed = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
        throw failure("\(name) is a virtual package that \(listed) provide", "name one of them instead")
    }

    private func unknown(_ name: String) -> Unsatisfiable {
        var spelling = Spelling(of: name)
        for package in 0..<Int32(catalog.packageCount) {
            spelling.offer(catalog.name(package), isKnown: !catalog.versions(of: package).isEmpty)
        }
        let near = spelling.suggestions()
        return failure(
            "no index offers a package named \(name)",
            near.isEmpty
                ? "check the name, or add the repository that has it" : "did you mean \(near.joined(separator: ", "))?"
        )
    }

    private func failure(_ reason: String, _ remedy: String?) -> Unsatisfiable {
        Unsatisfiable(context: platform.rawValue, reasons: [reason], remedies: remedy.map { [$0] } ?? [])
    }

    // MARK: Answers

    private func resolution(_ solver: DependencySolver, warnings: [String]) throws -> Resolution {
        var selected: [Resolution.Selected] = []
        for step in solver.trail where step.assigned != DependencySolver.none {
            guard solver.isVersion(step.assigned), solver.decision(step.assigned) == .installed else { continue }
            let package = try package(solver.version(step.assigned))
            selected.append(.init(package: package, reason: solver.reason(of: step.assigned)))
        }
        var resolution = Resolution(selected: selected, warnings: warnings)
        if solver.dropsVetoed {
            for entry in resolution.selected {
                guard let package = catalog.find(entry.package.name), let version = solver.candidate(of: package) else {
                    continue
                }
                for clause in solver.droppedClauses(of: version) {
                    let dropped = Resolution.Dropped(package: entry.package.name, clause: clause)
                    if !resolution.dropped.contains(dropped) { resolution.dropped.append(dropped) }
                }
            }
        }
        return resolution
    }

    /// Reads what the lock and the evidence need of a version.
    private func package(_ version: Catalog.Version) throws -> Package {
        let (source, stanza) = catalog.place(version)
        let origin = catalog.sources[source]
        let name = String(decoding: catalog.name(catalog.package(of: version)), as: UTF8.self)
        let fields = try origin.index.details(of: stanza)
        func malformed(_ what: String) -> DebianError {
            DebianError("malformed-index", "\(origin.repository): the stanza of \(name) \(what)")
        }
        guard let digest = fields["SHA256"].flatMap({ Digest(.sha256, hex: $0) }) else {
            throw malformed("has no valid SHA256")
        }
        guard let size = fields["Size"].flatMap({ Int($0) }), size >= 0 else { throw malformed("has no valid Size") }
        guard let path = fields["Filename"], let architecture = fields["Architecture"] else {
            throw malformed("lacks a Filename")
        }
        guard !path.hasPrefix("/"), !path.utf8.contains(0), !path.split(separator: "/").contains("..") else {
            throw DebianError(
                "unsafe-path",
                "\(origin.repository): the Filename of \(name) leads out of the repository: \(path)"
            )
        }
        let sourceName = origin.index.name(Int(catalog.word(.source, of: version)))
        return Package(
            name: name,
            version: catalog.string(version: version),
            architecture: architecture,
            source: .init(
                name: String(decoding: sourceName, as: UTF8.self),
                version: String(decoding: catalog.sourceVersion(of: version), as: UTF8.self)
            ),
            sha256: digest,
            size: size,
            installedSize: (fields["Installed-Size"].flatMap { Int($0) } ?? 0) * 1024,
            path: path,
            repository: origin.repository,
            about: .init(
                maintainer: fields["Maintainer"],
                homepage: fields["Homepage"],
                summary: fields["Description"]
            )
        )
    }
}

extension DependencySolver {
    /// Why an installed version is there: the relation that made it so, or the request.
    func reason(of variable: Variable) -> Resolution.Reason {
        var number = states[Int(variable)].reason
        // A version is there for its package's sake, and the package for a relation's (or the other way round).
        for _ in 0..<2 where number != Self.none && clauses[Int(number)].origin != .relation {
            number = states[Int(clauses[Int(number)].reason)].reason
        }
        guard number != Self.none, clauses[Int(number)].origin == .relation else { return .requested }
        let clause = clauses[Int(number)]
        return .dependency(of: catalog.string(package(clause.reason)), clause: text(of: clause))
    }

    /// The dependencies of a version that were dropped, as the index has them.
    func droppedClauses(of version: Catalog.Version) -> [String] {
        var dropped: [String] = []
        forEachRelation(of: version) { relation in
            guard relation.kind.isPositive else { return }
            var gathered: [Variable] = []
            for entry in relation.entries {
                let alternative = catalog.sources[relation.source].index.alternative(at: entry)
                let (start, count) = solutions(
                    of: catalog.alternative(alternative, in: relation.source),
                    isNegative: false
                )
                gathered += solutions[Int(start)..<Int(start + count)]
            }
            if isDropped(gathered[...]) { dropped.append(text(of: relation)) }
        }
        return dropped
    }
}
