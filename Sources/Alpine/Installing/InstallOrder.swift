// SPDX-License-Identifier: Apache-2.0

/// The order in which apk would install packages: what a package needs comes first. It decides which of two packages of
/// one source keeps a file that both ship.
enum InstallOrder {
    /// The positions of `packages` in installation order.
    ///
    /// The solver itself says it, asked for what the world names and given nothing but these packages; what cannot be
    /// reached from there follows by name.
    static func of(_ packages: [InstalledApk], requested: [String]?, architecture: String) throws(AlpineError) -> [Int]
    {
        var catalog = Catalog(architectures: [architecture])
        catalog.allow(repository: 0, tag: nil)
        catalog.available = 1
        for package in packages { catalog.add(package.entry, from: .repository(0)) }
        let names = requested ?? packages.map(\.name)
        let world = names.compactMap { Dependency(parsing: $0.utf8, allowsTag: true) }
            .map { Dependency($0.name) }.map { catalog.need($0) }
        catalog.finish()
        var solver = Solver(catalog, world: world)
        try solver.solve()
        var positions: [String: Int] = [:]
        for (position, package) in packages.enumerated() { positions[package.entry.label] = position }
        var order: [Int] = []
        var isOrdered = Set<Int>()
        for change in solver.changes {
            guard let label = change.new.map({ catalog.packages[$0].label }), let position = positions[label],
                isOrdered.insert(position).inserted
            else { continue }
            order.append(position)
        }
        let rest = packages.indices.filter { !isOrdered.contains($0) }
            .sorted { packages[$0].name.utf8.lexicographicallyPrecedes(packages[$1].name.utf8) }
        return order + rest
    }
}
