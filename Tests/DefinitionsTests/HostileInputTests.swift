// SPDX-License-Identifier: Apache-2.0

import Definitions
import Diagnostics
import Foundation
import TestSupport
import Testing

/// What tries to take our time or memory is refused, with a message, within a bound of both.
struct HostileInputTests {
    private func codes(_ bytes: [UInt8]) -> [String] {
        let clock = ContinuousClock()
        var codes: [String] = []
        let time = clock.measure {
            codes = DefinitionLoader().load(SourceFile(path: "x.yaml", bytes: bytes)).diagnostics.map(\.code)
        }
        #expect(time < .seconds(10))
        return codes
    }

    private func codes(_ text: String) -> [String] { codes(Array(text.utf8)) }

    @Test(arguments: ["[", "{a: ", "- ", "[{a: ", "? "])
    func deepNestingIsRefused(_ opening: String) {
        for depth in [100, 5_000, 100_000] {
            let found = codes(
                "vars: " + (opening == "- " || opening == "? " ? "\n  " : "") + String(repeating: opening, count: depth)
            )
            #expect(found.count == 1)
            #expect(["nested-too-deeply", "invalid-yaml", "complex-key"].contains(found.first ?? ""), "\(found)")
        }
    }

    @Test func aliasFloodsAreRefused() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(codes(text) == ["too-many-values"])
        // As keys, where a reader that hashes them would have to expand them first.
        for key in [
            "? *a40\n: x\n", "*a40 : x\n", "{*a40 : x}\n", "? [*a40, *a40]\n: x\n", "[*a40]: x\n", "x: {[*a40]: y}\n",
        ] {
            #expect(codes(text + key) == ["complex-key"], "\(key)")
        }
    }

    @Test func hugeTextsAreRefused() {
        #expect(codes("name: " + String(repeating: "x", count: 2 << 20)) == ["file-too-large"])
        #expect(codes("name: '" + String(repeating: "x", count: 900_000)) == ["invalid-yaml"])
        #expect(codes("vars: [" + String(repeating: "a,", count: 400_000)).count == 1)
        #expect(codes("tags: [" + String(repeating: "a,", count: 250_000) + "]") == ["too-many-values"])
    }

    @Test func whatIsNotUTF8IsRefused() {
        #expect(codes(Array("name: ".utf8) + [0xFF, 0xFE]) == ["invalid-utf8"])
        #expect(codes([0xFE, 0xFF, 0, 0x61]) == ["invalid-utf8"])
        #expect(codes(Array("name: a\u{7}\n".utf8)) == ["invalid-yaml"])
        #expect(codes(Array("name: a\0b\n".utf8)) == ["invalid-yaml"])
    }

    struct Flood: CustomTestStringConvertible {
        var code: String
        var text: String
        var testDescription: String { code }

        init(_ code: String, _ head: String, _ count: Int, _ tail: String = "", entry: (Int) -> String) {
            self.code = code
            text = head + (0..<count).map(entry).joined() + tail
        }
    }

    static let floods: [Flood] = [
        Flood("unknown-field", "", 60_000) { "k\($0): x\n" },
        Flood("missing-field", "track:\n", 40_000) { _ in "- {type: github_tag}\n" },
        Flood("invalid-package", "contents:\n  packages: [", 60_000, "]\n") { "p>\($0)," },
        Flood("unknown-name", "contents:\n  packages: [", 60_000, "]\n") { "'${A\($0)}'," },
        Flood("missing-source", "paths:\n", 20_000) { "- {type: file, path: /x, source: a\($0)}\n" },
    ]

    /// A problem in every few bytes: each costs a look for its line, and memory for it.
    @Test(arguments: floods)
    func aThousandProblemsAreEnough(_ flood: Flood) {
        let found = Sample.lint(flood.text)
        #expect(found.count(where: { $0.code == flood.code }) >= 900)
        #expect(found.count <= 1_003)
        // What was left out counts as what it was: a file with errors has errors.
        let severities = Set(found.filter { $0.code == flood.code }.map(\.severity))
        #expect(Set(found.filter { $0.code == "too-many-problems" }.map(\.severity)).isSuperset(of: severities))
    }

    @Test func manyObstaclesAreEachToldOnce() throws {
        let files = (0..<60_000).map { "{url: u\($0)}" }.joined(separator: ",")
        let plan = try Sample.plan("os-release: {id: alpine}\ncontents: {files: [\(files), {url: u0}]}\n")
        #expect(plan.obstacles.count == 60_000)
    }

    @Test func aFileThatCannotBeReadIsReported() async throws {
        let folder = try TemporaryDirectory()
        #expect(DefinitionLoader().load(path: folder.path("none.yaml")).diagnostics.map(\.code) == ["unreadable-file"])
        #expect(DefinitionLoader().load(path: folder.path).diagnostics.map(\.code) == ["unreadable-file"])
        mkfifo(folder.path("pipe.yaml"), 0o600)
        #expect(DefinitionLoader().load(path: folder.path("pipe.yaml")).diagnostics.map(\.code) == ["unreadable-file"])
        // Sparse, so that the test needs no space.
        let large = folder.path("large.yaml")
        _ = FileManager.default.createFile(atPath: large, contents: nil)
        truncate(large, 100 << 20)
        #expect(DefinitionLoader().load(path: large).diagnostics.map(\.code) == ["file-too-large"])
    }

    /// What was never read is not called an invalid definition, at a line that it does not have.
    @Test func aFileThatIsNotThereIsNoInvalidDefinition() throws {
        let folder = try TemporaryDirectory()
        func failure(_ path: String) -> DefinitionError? {
            #expect(throws: DefinitionError.self) { try DefinitionLoader().load(path: path).validDefinition() }
        }
        let missing = failure(folder.path("none.yaml"))
        #expect(missing?.kind == .unreadable)
        #expect(missing?.message == "'\(folder.path("none.yaml"))' cannot be read: it does not exist")
        #expect(failure(folder.path)?.message == "'\(folder.path)' cannot be read: it is a folder")
        #expect(failure(folder.path)?.hint?.contains("pattern") == true)
    }

    @Test func foldersThatFormALoopAreWalkedOnce() async throws {
        let folder = try TemporaryDirectory()
        try folder.write(Array("# syntax=x\nname: a\n".utf8), to: "image/a.yaml")
        try folder.write(Array("metadata: {}\n".utf8), to: "image/info.yaml")
        symlink("..", folder.path("image/loop"))
        symlink("self.yaml", folder.path("image/self.yaml"))
        let report = try await LintRun(today: nil, width: 2).lint(paths: [folder.path])
        #expect(report.files == 2)
        #expect(report.diagnostics.filter { $0.severity == .error }.map(\.code) == ["unreadable-file"])
    }

    @Test func aFolderWithoutDefinitionsIsAnError() async throws {
        let folder = try TemporaryDirectory()
        await #expect(throws: DefinitionError.self) {
            try await LintRun(today: nil, width: 2).lint(paths: [folder.path])
        }
        await #expect(throws: DefinitionError.self) {
            try await LintRun(today: nil, width: 2).lint(paths: [folder.path("missing")])
        }
    }

    @Test func includesThatFormACircleAreReported() throws {
        let folder = try TemporaryDirectory()
        try folder.write(Array("includes: [b.yaml]\nname: a\n".utf8), to: "a.yaml")
        try folder.write(Array("includes: [c.yaml]\n".utf8), to: "b.yaml")
        try folder.write(Array("includes: [b.yaml]\n".utf8), to: "c.yaml")
        let loader = DefinitionLoader(root: RepositoryRoot(path: folder.path))
        let problem = try #require(loader.load(path: folder.path("a.yaml")).diagnostics.first)
        #expect(problem.code == "include-cycle")
        #expect(problem.message.contains("b.yaml → c.yaml → b.yaml"))
    }

    /// Each file includes the next one twice.
    @Test func includesThatMultiplyAreRefused() throws {
        let folder = try TemporaryDirectory()
        for level in 0..<30 {
            try folder.write(Array("includes: [\(level + 1).yaml, \(level + 1).yaml]\n".utf8), to: "\(level).yaml")
        }
        try folder.write(Array("name: a\n".utf8), to: "30.yaml")
        let loader = DefinitionLoader(root: RepositoryRoot(path: folder.path))
        #expect(Set(loader.load(path: folder.path("0.yaml")).diagnostics.map(\.code)) == ["too-many-includes"])
    }
}
