// SPDX-License-Identifier: Apache-2.0

/// Relations on a package of another architecture (`g++:i386` on arm64).
///
/// Nothing here installs such packages. But once any relation names one, apt knows a package of that architecture and
/// repeats every Replaces of the name for it. The repetitions ask for nothing; they take part in the order in which apt
/// takes up equally urgent choices, and so in which of two equally good answers is given.
enum ForeignArchitectures {
    /// For how many other architectures the indexes' relations name a package.
    ///
    /// - Parameters:
    ///   - extraNames: names that the first source lacks: a source that has each, and its number there.
    ///   - find: the package of a name.
    static func count(
        in sources: [Catalog.Source],
        extraNames: [(source: Int, name: Int32)],
        architecture: String,
        find: (UnsafeBufferPointer<UInt8>) -> Catalog.Package?
    ) -> [Catalog.Package: Int32] {
        var counts: [Catalog.Package: Int32] = [:]
        func note(_ name: UnsafeBufferPointer<UInt8>) {
            guard let colon = name.lastIndex(of: UInt8(ascii: ":")) else { return }
            let qualifier = name[(colon + 1)...]
            for own in ["any", "native", "all", architecture] where qualifier.elementsEqual(own.utf8) { return }
            if let package = find(UnsafeBufferPointer(rebasing: name[..<colon])) { counts[package, default: 0] += 1 }
        }
        if let first = sources.first?.index {
            for name in 0..<first.nameCount { note(first.name(name)) }
        }
        for extra in extraNames { note(sources[extra.source].index.name(Int(extra.name))) }
        return counts
    }
}
