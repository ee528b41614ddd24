// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Debian
import Diagnostics
import Packages
import TestSupport
import Testing

@Suite(
    "apt's answers",
    .enabled(if: Shared.exists, "the developers' shared data is not beside the project (BASALT_SHARED)")
)
struct OracleTests {
    @Test("are ours, in strict mode", arguments: Oracle.files)
    func strict(_ file: String) async throws {
        let oracle = try Oracle.load(file)
        let universe = try await FrozenArchive.shared.universe(for: oracle)
        let request = Request(entries: oracle.entries, isStrict: true)
        guard oracle.strict.status == "ok" else {
            let failure = #expect(throws: (any Error).self) { try universe.resolve(request) }
            let explained = try #require(failure as? any Failure)
            #expect(explained.code == "unsatisfiable")
            #expect(explained.outcome == .negative)
            return
        }
        let resolution = try universe.resolve(request)
        compare(resolution, oracle.strict)
        #expect(resolution.dropped.isEmpty)
    }

    @Test("are ours, with dependencies dropped whose every candidate is vetoed", arguments: Oracle.files)
    func pruned(_ file: String) async throws {
        let oracle = try Oracle.load(file)
        guard let pruned = oracle.pruned else { return }
        let universe = try await FrozenArchive.shared.universe(for: oracle)
        let resolution = try universe.resolve(Request(entries: oracle.entries))
        compare(resolution, pruned)
        let dropped = Set(resolution.dropped.map { "\($0.package): \($0.clause)" })
        #expect(dropped == Set(pruned.dropped_dependencies ?? []))
    }

    private func compare(_ resolution: Resolution, _ answer: Oracle.Answer) {
        let ours = Set(resolution.packages.map { "\($0.name)=\($0.version)" })
        let apts = answer.expected
        #expect(ours.subtracting(apts).sorted() == [], "too many")
        #expect(apts.subtracting(ours).sorted() == [], "missing")
        let byName = Dictionary(resolution.packages.map { ($0.name, $0) }) { first, _ in first }
        for package in answer.packages ?? [] {
            guard let own = byName[package.name], own.version == package.version else { continue }
            #expect(own.sha256?.hex == package.sha256)
            #expect(own.size == package.size)
            #expect(own.path == package.filename)
            #expect(own.architecture == package.arch)
        }
    }
}
