// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Definitions
internal import Diagnostics

/// How many definitions can be built, and what keeps the others from it.
struct PlanTotals {
    private(set) var definitions = 0
    /// With errors, so that nothing can be planned.
    private(set) var invalid = 0
    /// With no obstacle at all.
    private(set) var buildable = 0
    /// With none but repositories that need access.
    private(set) var buildableWithAccess = 0
    /// Definitions with at least one obstacle of a kind.
    private(set) var obstacles: [Obstacle.Kind: Int] = [:]
    /// Definitions of images by what they are made of besides packages.
    private(set) var shapes: [String: Int] = [:]

    private static let shapeNames = [
        "packages only", "stages", "stages and artifacts", "artifacts", "files", "other combinations",
    ]

    /// Counts a definition, on some of its platforms or all.
    mutating func add(_ document: DefinitionDocument, platforms: [TargetPlatform]) {
        var plans: [Plan] = []
        do {
            for platform in document.platforms where platforms.isEmpty || platforms.contains(platform) {
                plans.append(try document.plan(platform: platform))
            }
        } catch {
            definitions += 1
            invalid += 1
            return
        }
        guard !plans.isEmpty else { return }
        definitions += 1
        if plans.contains(where: { $0.problems.hasErrors }) {
            invalid += 1
            return
        }
        let kinds = Set(plans.flatMap(\.obstacles).map(\.kind))
        for kind in kinds { obstacles[kind, default: 0] += 1 }
        if kinds.isEmpty { buildable += 1 }
        if !kinds.contains(where: \.isBlocking) { buildableWithAccess += 1 }
        if !kinds.contains(.chart), !kinds.contains(.package) { shapes[Self.shape(plans), default: 0] += 1 }
    }

    private static func shape(_ plans: [Plan]) -> String {
        let hasStages = plans.contains { !$0.stages.isEmpty }
        let hasArtifacts = plans.contains { !$0.artifacts.isEmpty }
        let hasFiles = plans.contains { !$0.files.isEmpty }
        switch (hasStages, hasArtifacts, hasFiles) {
        case (false, false, false): return shapeNames[0]
        case (true, false, false): return shapeNames[1]
        case (true, true, false): return shapeNames[2]
        case (false, true, false): return shapeNames[3]
        case (false, false, true): return shapeNames[4]
        default: return shapeNames[5]
        }
    }

    var text: String {
        var out = "\(definitions) definition\(definitions == 1 ? "" : "s")\n"
        out += "  \(buildable) can be built here\n"
        out +=
            "  \(buildableWithAccess - buildable) more can be built here, with access to their vendor's repositories\n"
        if invalid > 0 { out += "  \(invalid) have errors\n" }
        if !obstacles.isEmpty { out += "definitions that have, or need:\n" }
        for kind in Obstacle.Kind.allCases {
            if let count = obstacles[kind] { out += "  \(count.right(6))  \(kind.rawValue): \(kind.summary)\n" }
        }
        if !shapes.isEmpty { out += "definitions of images, by what they are made of besides packages:\n" }
        for name in Self.shapeNames {
            if let count = shapes[name] { out += "  \(count.right(6))  \(name)\n" }
        }
        return out
    }

    var json: String {
        let kinds = Obstacle.Kind.allCases.filter { obstacles[$0] != nil }
        let object = JSON.object([
            ("definitions", .integer(definitions)), ("invalid", .integer(invalid)),
            ("buildable", .integer(buildable)), ("buildableWithAccess", .integer(buildableWithAccess)),
            ("obstacles", .object(kinds.map { ($0.rawValue, .integer(obstacles[$0] ?? 0)) })),
            ("shapes", .object(Self.shapeNames.map { ($0, .integer(shapes[$0] ?? 0)) })),
        ])
        return String(decoding: object.compact, as: UTF8.self) + "\n"
    }
}

extension Int {
    fileprivate func right(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: " ", count: Swift.max(0, width - digits.count)) + digits
    }
}
