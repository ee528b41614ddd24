// SPDX-License-Identifier: Apache-2.0

internal import Building
internal import Definitions
internal import Diagnostics
internal import Foundation
internal import Packages

/// Resolves many definitions in one run, over indexes that are opened once; a failure of one does not stop the others.
struct ResolveRun: Sendable {
    var resolving: Resolving
    /// Nil for all that a definition names.
    var platforms: Set<Platform>?

    struct Report: Sendable {
        struct Entry: Sendable {
            enum Outcome: Sendable {
                case resolved(Lock)
                case failed(code: String, message: String)
            }
            var path: String
            var outcome: Outcome
        }
        /// In byte order of their paths.
        var entries: [Entry] = []

        var resolved: Int { entries.count { if case .resolved = $0.outcome { true } else { false } } }
        var hasFailures: Bool { resolved < entries.count }
        /// How often each reason occurred, in byte order of the codes.
        var failures: [(code: String, count: Int)] {
            var counts: [String: Int] = [:]
            for entry in entries { if case .failed(let code, _) = entry.outcome { counts[code, default: 0] += 1 } }
            return counts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
        }
    }

    /// - Parameter candidates: of files that were found in folders, those count that are definitions and have packages.
    func resolve(_ candidates: [DefinitionFinder.Candidate]) async throws -> Report {
        var entries: [Report.Entry?] = Array(repeating: nil, count: candidates.count)
        await withTaskGroup(of: (Int, Report.Entry?).self) { group in
            var running = 0
            for (number, candidate) in candidates.enumerated() {
                if running == ProcessInfo.processInfo.activeProcessorCount, let (done, entry) = await group.next() {
                    entries[done] = entry
                    running -= 1
                }
                running += 1
                group.addTask { (number, await resolve(candidate)) }
            }
            for await (number, entry) in group { entries[number] = entry }
        }
        return Report(entries: entries.compactMap { $0 })
    }

    private func resolve(_ candidate: DefinitionFinder.Candidate) async -> Report.Entry? {
        func failed(_ failure: any Failure) -> Report.Entry {
            Report.Entry(path: candidate.path, outcome: .failed(code: failure.code, message: failure.message))
        }
        do {
            guard DefinitionFinder().load(candidate, with: DefinitionLoader()) != nil else { return nil }
            let planned = try PlannedDefinition(path: candidate.path, platforms: platforms, requiresBuildable: false)
            // Charts have no system, and so no packages.
            if !candidate.isNamed, planned.plans.allSatisfy({ $0.plan.distribution == nil }) { return nil }
            return Report.Entry(path: candidate.path, outcome: .resolved(try await resolving.resolve(planned)))
        } catch let failure as any Failure {
            return failed(failure)
        } catch {
            return Report.Entry(path: candidate.path, outcome: .failed(code: "failed", message: "\(error)"))
        }
    }
}
