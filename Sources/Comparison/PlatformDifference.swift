// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Images
internal import OCI

/// How one platform differs.
package struct PlatformDifference: Sendable {
    package var name: String
    package var packages: [PackageDifference]
    /// Compressed bytes of all layers; nil for what is no image.
    package var sizeBefore: Int?
    package var sizeAfter: Int?
    package var layers: LayerDifference?
    package var settings: [FieldDifference]
    package var accounts: [FieldDifference]
    /// Licences that nothing had before, and the packages that have them.
    package var licencesAdded: [String: [String]]
    package var licencesRemoved: [String]
    /// Nil for what is no image.
    package var files: [FileDifference]?

    /// - Parameter locates: whether the first byte that differs is looked for in files.
    init(_ before: PlatformSnapshot, _ after: PlatformSnapshot, order: PackageDifference.Order, locates: Bool) throws {
        name = after.name
        packages = PackageDifference.between(before.packages, after.packages, order: order)
        sizeBefore = before.size
        sizeAfter = after.size
        settings = []
        accounts = []
        if let old = before.image, let new = after.image {
            layers = LayerDifference(old.manifest.layers, new.manifest.layers)
            settings = FieldDifference.between(before.settings, after.settings)
            accounts = FieldDifference.between(before.accounts, after.accounts)
            var trees = TreeDifference(old.contents, new.contents)
            if locates { try trees.locate(in: old, new) }
            files = trees.files
        }
        let old = PlatformDifference.licences(before)
        let new = PlatformDifference.licences(after)
        // A side that states none says nothing about licences.
        let isKnown = !old.isEmpty && !new.isEmpty
        licencesAdded = new.filter { isKnown && old[$0.key] == nil }
        licencesRemoved = old.keys.filter { isKnown && new[$0] == nil }.sorted()
    }

    /// The packages by licence: the single ones of which expressions are made (SPDX 2.3 annex D).
    private static func licences(_ platform: PlatformSnapshot) -> [String: [String]] {
        var out: [String: Set<String>] = [:]
        for package in platform.packages {
            let expression = (package.licence ?? "").filter { $0 != "(" && $0 != ")" }
            for part in expression.split(separator: " OR ") {
                for name in part.split(separator: " AND ") where !name.isEmpty {
                    out[String(name), default: []].insert(package.name)
                }
            }
        }
        return out.mapValues { $0.sorted() }
    }

    package var isEmpty: Bool {
        packages.isEmpty && (layers?.isEmpty ?? true) && settings.isEmpty && accounts.isEmpty && licencesAdded.isEmpty
            && licencesRemoved.isEmpty && (files?.isEmpty ?? true)
    }

    /// The most files that are listed.
    private static let limit = 10_000

    func json(withFiles: Bool) -> JSON {
        func count(_ kind: FileDifference.Kind) -> JSON { .integer(files?.count { $0.kind == kind } ?? 0) }
        return .members([
            ("platform", .string(name)), ("packages", .array(packages.map(\.json))),
            (
                "size",
                sizeBefore.flatMap { before in sizeAfter.map { ["before": .integer(before), "after": .integer($0)] } }
            ),
            ("layers", layers?.json), ("configuration", .array(settings.map(\.json))),
            ("accounts", .array(accounts.map(\.json))),
            (
                "licences",
                [
                    "added": .object(licencesAdded.sorted { $0.key < $1.key }.map { ($0.key, .strings($0.value)) }),
                    "removed": .strings(licencesRemoved),
                ]
            ),
            (
                "fileCounts",
                files == nil
                    ? nil
                    : [
                        "added": count(.added), "removed": count(.removed), "changed": count(.changed),
                        "onlyTime": .integer(files?.count { $0.isOnlyTime } ?? 0),
                    ]
            ),
            ("files", withFiles ? files.map { .array($0.prefix(Self.limit).map(\.json)) } : nil),
        ])
    }
}
