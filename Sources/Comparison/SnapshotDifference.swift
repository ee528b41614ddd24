// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
internal import Cryptography
internal import Images
internal import OCI

/// How two images, locks or bills of materials differ, as far as a maintainer asks.
package struct SnapshotDifference: Sendable {
    package var before: Snapshot
    package var after: Snapshot
    /// Those that differ.
    package private(set) var platforms: [PlatformDifference] = []
    package private(set) var platformsAdded: [String] = []
    package private(set) var platformsRemoved: [String] = []
    package private(set) var annotations: [FieldDifference]
    package private(set) var vulnerabilities: [FieldDifference]
    package private(set) var signersAdded: [String]
    package private(set) var signersRemoved: [String]
    package private(set) var buildersAdded: [String]
    package private(set) var buildersRemoved: [String]
    package private(set) var others: [FieldDifference]

    /// - Parameters:
    ///   - order: orders versions as each ecosystem does.
    ///   - locates: whether the first byte that differs is looked for in files.
    package init(_ before: Snapshot, _ after: Snapshot, order: PackageDifference.Order, locates: Bool = false) throws {
        self.before = before
        self.after = after
        let isImages = before.kind == .image && after.kind == .image
        for platform in after.platforms {
            guard let other = before.platforms.first(where: { $0.name == platform.name }) else {
                platformsAdded.append(platform.name)
                continue
            }
            if isImages && other.image?.descriptor.digest == platform.image?.descriptor.digest { continue }
            let difference = try PlatformDifference(other, platform, order: order, locates: locates)
            if !difference.isEmpty { platforms.append(difference) }
        }
        for platform in before.platforms where !after.platforms.contains(where: { $0.name == platform.name }) {
            platformsRemoved.append(platform.name)
        }
        // What only one kind has is no difference between two kinds.
        annotations = isImages ? FieldDifference.between(before.annotations, after.annotations) : []
        let none = EvidenceSnapshot()
        let (old, new) = isImages ? (before.evidence, after.evidence) : (none, none)
        vulnerabilities = FieldDifference.between(old.vulnerabilities, new.vulnerabilities)
        signersAdded = new.signers.subtracting(old.signers).sorted()
        signersRemoved = old.signers.subtracting(new.signers).sorted()
        buildersAdded = new.builders.subtracting(old.builders).sorted()
        buildersRemoved = old.builders.subtracting(new.builders).sorted()
        others = before.kind == after.kind ? FieldDifference.between(before.others, after.others) : []
    }

    /// Whether nothing that is asked about differs.
    package var isEmpty: Bool {
        platforms.isEmpty && platformsAdded.isEmpty && platformsRemoved.isEmpty && annotations.isEmpty
            && vulnerabilities.isEmpty && signersAdded.isEmpty && signersRemoved.isEmpty && buildersAdded.isEmpty
            && buildersRemoved.isEmpty && others.isEmpty
    }

    /// Of two things of one kind, whether they are the same, evidence and all; of two kinds, whether their packages are.
    package var isEqual: Bool { isEmpty && (before.kind != after.kind || before.digest == after.digest) }

    package func json(withFiles: Bool) -> JSON {
        func side(_ side: Snapshot) -> JSON {
            [
                "name": .string(side.name), "kind": .string(side.kind.rawValue),
                "digest": .string(side.digest.description),
            ]
        }
        func change(_ added: [String], _ removed: [String]) -> JSON {
            ["added": .strings(added), "removed": .strings(removed)]
        }
        return [
            "equal": .bool(isEqual), "before": side(before), "after": side(after),
            "platforms": .array(platforms.map { $0.json(withFiles: withFiles) }),
            "platformChanges": change(platformsAdded, platformsRemoved),
            "annotations": .array(annotations.map(\.json)), "vulnerabilities": .array(vulnerabilities.map(\.json)),
            "signers": change(signersAdded, signersRemoved), "builders": change(buildersAdded, buildersRemoved),
            "others": .array(others.map(\.json)),
        ]
    }
}
