// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Diagnostics
package import Packages

/// The signed indexes of an image's Alpine repositories for one architecture.
package struct AlpineUniverse: Universe {
    package let indexes: [SignedIndex]
    private let repositories: [Repository]
    private let architecture: String
    /// Entries by repository, in the order of the repositories.
    private let entries: [[IndexEntry]]

    package init(
        indexes: [SignedIndex],
        repositories: [Repository],
        architecture: String,
        entries: [[IndexEntry]]
    ) {
        self.indexes = indexes
        self.repositories = repositories
        self.architecture = architecture
        self.entries = entries
    }

    package func resolve(_ request: Request) throws -> Resolution {
        var plan = try WorldPlan(request, entries: entries)
        var catalog = Catalog(architectures: [architecture])
        catalog.reserve(entries.reduce(0) { $0 + $1.count })
        for (position, repository) in repositories.enumerated() {
            catalog.allow(repository: position, tag: repository.tag)
            catalog.available |= 1 << RepositorySet(position)
        }
        for (position, list) in entries.enumerated() {
            for entry in list {
                if let kept = plan.admit(entry) { catalog.add(kept, from: .repository(position)) }
            }
        }
        let world = plan.world.map { catalog.need($0) }
        for need in world where need.tag != 0 && catalog.tags[need.tag].repositories == 0 {
            throw AlpineError(
                .badWant,
                "",
                "'\(need.relation.worldDescription)' asks for the tag '\(catalog.tags[need.tag].text)', which no repository has",
                hint: "add a repository line '\(catalog.tags[need.tag].text) URL'"
            )
        }
        catalog.finish()
        var solver = Solver(catalog, world: world)
        try solver.solve()
        if solver.errors > 0 { throw unsatisfiable(solver) }
        let selected = Selection(solver, repositories: repositories, architecture: architecture)
        return Resolution(
            selected: selected.all(),
            dropped: plan.dropped.filter { dropped in
                solver.changes.contains { change in
                    change.new.map { catalog.packages[$0].entry.name == dropped.package } ?? false
                }
            },
            warnings: plan.warnings
        )
    }

    private func unsatisfiable(_ solver: Solver) -> AlpineError {
        let conflicts = solver.conflicts()
        if conflicts.isEmpty {
            return AlpineError(.unsatisfiable, "", "the packages contradict each other, and no single reason was found")
        }
        let lines = conflicts.map { "  - " + $0.sentence }
        return AlpineError(
            .unsatisfiable,
            "",
            "the packages cannot be installed together:\n" + lines.joined(separator: "\n"),
            hint: "change the names or pins in 'contents.packages' that the reasons mention"
        )
    }
}
