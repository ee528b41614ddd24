// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// Lints many definitions, several at a time, and compares them with one another.
package struct LintRun: Sendable {
    package struct Report: Sendable {
        /// How many definitions were read.
        package var files: Int
        /// In reading order.
        package var diagnostics: [Diagnostic]
    }

    private let today: String?
    private let width: Int

    /// - Parameters:
    ///   - today: the day by which dates are judged.
    ///   - width: how many files are worked on at the same time.
    package init(today: String?, width: Int) {
        self.today = today
        self.width = max(1, width)
    }

    /// - Throws: for a path that does not exist, and when there is no definition below the paths.
    package func lint(paths: [String]) async throws(DefinitionError) -> Report {
        let finder = DefinitionFinder()
        let candidates = try finder.candidates(below: paths)
        let loader = DefinitionLoader()
        let linter = Linter(today: today)
        let lanes = min(width, max(candidates.count, 1))
        var findings: [(index: Int, finding: Linter.Finding)] = []
        await withTaskGroup(of: [(index: Int, finding: Linter.Finding)].self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    stride(from: lane, to: candidates.count, by: lanes).compactMap { index in
                        guard let document = finder.load(candidates[index], with: loader) else { return nil }
                        return (index, linter.lint(document))
                    }
                }
            }
            for await found in group { findings += found }
        }
        let ordered = findings.sorted { $0.index < $1.index }.map(\.finding)
        guard !ordered.isEmpty else {
            throw DefinitionError(
                .unreadable, path: paths.joined(separator: ", "), detail: "there is no definition below it",
                hint: "definitions end in .yaml or .yml, and begin with '# syntax=' or with fields such as 'image:'")
        }
        let diagnostics = ordered.flatMap(\.diagnostics) + Self.sharedTags(ordered.flatMap(\.tags))
        return Report(files: ordered.count, diagnostics: diagnostics.inReadingOrder())
    }

    /// A tag that two definitions claim for one image.
    private static func sharedTags(_ uses: [Linter.TagUse]) -> [Diagnostic] {
        var first: [String: Linter.TagUse] = [:]
        var problems: [Diagnostic] = []
        for use in uses {
            let key = use.image + "\u{0}" + use.tag
            guard let other = first[key] else {
                first[key] = use
                continue
            }
            problems.append(
                Diagnostic(
                    .warning, "shared-tag",
                    "the tag '\(use.tag)' of \(use.image) is claimed by \(other.location), too",
                    hint: "a tag can name only one image", at: use.location, excerpt: use.excerpt))
        }
        return problems
    }
}
