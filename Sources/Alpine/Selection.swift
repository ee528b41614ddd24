// SPDX-License-Identifier: Apache-2.0

internal import Packages

/// The solver's answer in the terms that all ecosystems share: packages with their place and who asked for them.
struct Selection {
    private let solver: Solver
    private let repositories: [Repository]
    private let architecture: String
    private var catalog: Catalog { solver.catalog }

    init(_ solver: Solver, repositories: [Repository], architecture: String) {
        self.solver = solver
        self.repositories = repositories
        self.architecture = architecture
    }

    func all() -> [Resolution.Selected] {
        let chosen = solver.changes.compactMap(\.new)
        let reasons = self.reasons(chosen)
        return chosen.map { number in
            Resolution.Selected(package: package(number), reason: reasons[number] ?? .rule("chosen by apk's rules"))
        }
    }

    /// Who asked first, from the world down, breadth first; install_if where nobody did.
    private func reasons(_ chosen: [Int]) -> [Int: Resolution.Reason] {
        var reasons: [Int: Resolution.Reason] = [:]
        var queue: [Int] = []
        func provider(_ name: Int) -> Int? { solver.provider(of: name) }
        for need in solver.world where !need.isConflict {
            guard let package = provider(need.name), reasons[package] == nil else { continue }
            reasons[package] = .requested
            queue.append(package)
        }
        var next = 0
        func spread() {
            while next < queue.count {
                let asker = queue[next]
                next += 1
                for need in catalog.packages[asker].depends where !need.isConflict {
                    guard let package = provider(need.name), reasons[package] == nil else { continue }
                    reasons[package] = .dependency(
                        of: catalog.packages[asker].entry.name,
                        clause: need.relation.description
                    )
                    queue.append(package)
                }
            }
        }
        spread()
        for package in chosen where reasons[package] == nil {
            let conditions = catalog.packages[package].installIf
            if conditions.isEmpty { continue }
            reasons[package] = .rule("install_if " + conditions.map(\.relation.description).joined(separator: " "))
            queue.append(package)
            spread()
        }
        return reasons
    }

    private func package(_ number: Int) -> Package {
        let candidate = catalog.packages[number]
        let entry = candidate.entry
        let position = candidate.repositories == 0 ? 0 : candidate.repositories.trailingZeroBitCount
        let repository = position < repositories.count ? repositories[position].id : ""
        func unlessEmpty(_ text: String) -> String? { text.isEmpty ? nil : text }
        return Package(
            name: entry.name,
            version: entry.version.description,
            architecture: entry.architecture ?? architecture,
            source: Package.Source(
                name: entry.origin.isEmpty ? entry.name : entry.origin,
                version: entry.version.description
            ),
            sha256: nil,
            checksum: entry.checksum.description,
            size: entry.size,
            installedSize: entry.installedSize,
            path: "\(architecture)/\(entry.label).apk",
            repository: repository,
            about: Package.About(
                maintainer: unlessEmpty(entry.maintainer),
                homepage: unlessEmpty(entry.homepage),
                summary: unlessEmpty(entry.summary),
                licence: unlessEmpty(entry.licence),
                commit: unlessEmpty(entry.commit),
                buildTime: entry.buildTime == 0 ? nil : entry.buildTime
            )
        )
    }
}
