// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON

/// A package that is another one, or is only on one side.
package struct PackageDifference: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case added, removed, upgraded, downgraded
        /// Another file of the same version, or versions that nobody can order.
        case changed
    }

    package var kind: Kind
    package var name: String
    package var architecture: String
    package var source: String
    package var before: String?
    package var after: String?

    package var json: JSON {
        .members([
            ("change", .string(kind.rawValue)), ("name", .string(name)), ("architecture", .string(architecture)),
            ("source", .string(source)), ("before", before.map { .string($0) }), ("after", after.map { .string($0) }),
        ])
    }

    /// Orders two versions of a purl type; nil for a type whose rules are not known.
    package typealias Order = (_ type: String, _ version: String, _ other: String) -> Int?

    /// The differences between two sets of packages, sorted by name and architecture.
    package static func between(
        _ before: [PackageSnapshot],
        _ after: [PackageSnapshot],
        order: Order
    ) -> [PackageDifference] {
        struct Key: Hashable {
            var type: String
            var name: String
            var architecture: String
        }
        func key(_ package: PackageSnapshot) -> Key {
            // Debian's `all` and Alpine's `noarch` come and go without the package being another one.
            let isAny = ["all", "noarch"].contains(package.architecture)
            return Key(type: package.type, name: package.name, architecture: isAny ? "" : package.architecture)
        }
        var old = Dictionary(grouping: before, by: key)
        var new = Dictionary(grouping: after, by: key)
        // One that is for all architectures on one side and for one on the other.
        for name in Set(old.keys).subtracting(new.keys) {
            let others = new.keys.filter { $0.type == name.type && $0.name == name.name && old[$0] == nil }
            guard let other = others.first, others.count == 1, name.architecture.isEmpty || other.architecture.isEmpty
            else { continue }
            old[other] = old.removeValue(forKey: name)
        }
        var found: [PackageDifference] = []
        for name in Set(old.keys).union(new.keys) {
            let left = old.removeValue(forKey: name) ?? []
            let right = new.removeValue(forKey: name) ?? []
            found += compare(left, right, order: order)
        }
        return found.sorted {
            ($0.name, $0.architecture, $0.before ?? "", $0.after ?? "")
                < ($1.name, $1.architecture, $1.before ?? "", $1.after ?? "")
        }
    }

    /// Packages of one name: usually one on either side.
    private static func compare(
        _ before: [PackageSnapshot],
        _ after: [PackageSnapshot],
        order: Order
    ) -> [PackageDifference] {
        func isSame(_ a: PackageSnapshot, _ b: PackageSnapshot) -> Bool {
            a.version == b.version && (a.sha256 == nil || b.sha256 == nil || a.sha256 == b.sha256)
        }
        let left = before.filter { a in !after.contains { isSame(a, $0) } }
        let right = after.filter { b in !before.contains { isSame($0, b) } }
        if left.count == 1, right.count == 1, let a = left.first, let b = right.first {
            let kind: Kind
            switch order(b.type, b.version, a.version) {
            case let sign? where sign > 0: kind = .upgraded
            case let sign? where sign < 0: kind = .downgraded
            default: kind = .changed
            }
            return [
                PackageDifference(
                    kind: kind,
                    name: b.name,
                    architecture: b.architecture,
                    source: b.source,
                    before: a.version,
                    after: b.version
                )
            ]
        }
        return left.map {
            PackageDifference(
                kind: .removed,
                name: $0.name,
                architecture: $0.architecture,
                source: $0.source,
                before: $0.version,
                after: nil
            )
        }
            + right.map {
                PackageDifference(
                    kind: .added,
                    name: $0.name,
                    architecture: $0.architecture,
                    source: $0.source,
                    before: nil,
                    after: $0.version
                )
            }
    }
}
