// SPDX-License-Identifier: Apache-2.0

internal import Alpine
internal import Foundation
internal import TestSupport
internal import Testing

/// Runs apk's own solver tests: same changes in the same order, or the same explanation.
///
/// The folder is `BASALT_APK_SOLVER_CASES`, or the one beside the project.
@Suite struct SolverOracleTests {
    static let folder =
        ProcessInfo.processInfo.environment["BASALT_APK_SOLVER_CASES"] ?? Shared.path("oracle/apk-tools/solver")
    static var cases: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".test") }.sorted()
    }

    @Test("apk's solver test", .enabled(if: !cases.isEmpty, "\(Shared.reason)"), arguments: cases)
    func run(_ file: String) throws {
        let test = try SolverCase(folder: Self.folder, file: file)
        var command = test.command
        let answer = try command.run(test.arguments)
        #expect(answer == test.expected, "\(file): \(test.arguments.joined(separator: " "))")
    }
}

/// One test file: `@ARGS`, `@WORLD`, `@INSTALLED`, `@REPO`, `@CACHE` and what apk prints.
struct SolverCase {
    var command = ApkCommand()
    var arguments: [String] = []
    var expected: ApkCommand.Answer

    init(folder: String, file: String) throws {
        func lines(_ name: String) throws -> [String] {
            String(decoding: try Data(contentsOf: URL(filePath: folder + "/" + name)), as: UTF8.self)
                .components(separatedBy: "\n")
        }
        var output: [String]?
        var world: [String] = []
        var installed: String?
        var cache: String?
        var repositories: [(tag: String?, file: String)] = []
        for line in try lines(file) {
            let words = line.split(separator: " ").map(String.init)
            if output != nil, !line.hasPrefix("@") {
                output?.append(line)
                continue
            }
            switch words.first {
            case "@ARGS": arguments += words.dropFirst()
            case "@WORLD": world = Array(words.dropFirst())
            case "@INSTALLED": installed = words.last
            case "@CACHE": cache = words.last
            case "@REPO": repositories.append((words.count > 2 ? words[1] : nil, words[words.count - 1]))
            case "@EXPECT": output = []
            default: break
            }
        }
        expected = Self.answer(output ?? [])

        // In apk's order: world, installed, cache, repositories.
        for word in world {
            if let dependency = Dependency(parsing: word.utf8, allowsTag: true) {
                let need = command.catalog.need(dependency)
                command.world.append(need)
            }
        }
        if let installed { try install(lines(installed)) }
        if let cache, arguments.contains(where: { $0.hasPrefix("--root-tmpfs") && $0 != "--root-tmpfs=no" }) {
            for entry in try IndexReader.read(Array(lines(cache).joined(separator: "\n").utf8), source: cache) {
                command.catalog.add(entry, from: .cache)
            }
        }
        var positions: [String] = []
        for repository in repositories {
            let position = positions.firstIndex(of: repository.file) ?? positions.count
            command.catalog.allow(repository: position, tag: repository.tag)
            if position < positions.count { continue }
            positions.append(repository.file)
            command.catalog.available |= 1 << UInt64(position)
            let bytes = Array(try lines(repository.file).joined(separator: "\n").utf8)
            for entry in try IndexReader.read(bytes, source: repository.file) {
                command.catalog.add(entry, from: .repository(position))
            }
        }
    }

    private mutating func install(_ lines: [String]) throws {
        for stanza in lines.split(separator: "") {
            guard
                let entry = try IndexReader.read(Array(stanza.joined(separator: "\n").utf8), source: "installed").first
            else { continue }
            let tag = stanza.first { $0.hasPrefix("s:") }.map { String($0.dropFirst(2)) }
            command.catalog.add(entry, from: .installed(tag: tag))
            if stanza.contains(where: { $0.hasPrefix("f:") && $0.dropFirst(2).contains { "fs".contains($0) } }) {
                command.brokenPackages.append(entry.name)
            }
            // The tests of the pre-upgrade give the running program to a package by this path.
            if stanza.contains("F:proc/self") && stanza.contains("R:exe") { command.runningPackage = entry.name }
        }
    }

    /// Reads what apk prints.
    private static func answer(_ lines: [String]) -> ApkCommand.Answer {
        if let error = lines.firstIndex(where: { $0.hasPrefix("ERROR: unable to select packages") }) {
            return .conflicts(conflicts(lines[(error + 1)...]))
        }
        if let error = lines.first(where: { $0.hasPrefix("ERROR: ") }) {
            let text = String(error.dropFirst("ERROR: ".count))
            if text.contains("missing repository tags") { return .refused("missing repository tags") }
            return .refused(text.components(separatedBy: ", format is ")[0])
        }
        let changes = lines.filter { $0.hasPrefix("(") }.compactMap { line in
            // What is said of the package's file in between is no matter of the solver.
            line.firstIndex(of: ")").map {
                String(line[line.index($0, offsetBy: 2)...]).replacing("[APK unavailable, skipped] ", with: "")
            }
        }
        guard let header = lines.firstIndex(where: { $0.hasPrefix("World updated, but") }) else {
            return .changes(changes)
        }
        let kept = lines[(header + 1)...].prefix { $0.hasPrefix("  ") }.filter { !$0.hasPrefix("   ") }
            .map { String($0.dropFirst(2)).components(separatedBy: ": ")[0] }.map {
                $0.hasSuffix(":") ? String($0.dropLast()) : $0
            }
        return .kept(kept, changes: changes)
    }

    /// Joins wrapped lines, so that each label has its words on one.
    private static func conflicts(_ lines: ArraySlice<String>) -> [String] {
        var out: [String] = []
        for line in lines where !line.isEmpty && !line.contains("Huh? Error reporter") {
            let text = line.trimmingCharacters(in: .whitespaces)
            if line.hasPrefix("     ") {
                out[out.count - 1] += " " + text
            } else {
                out.append(text)
            }
        }
        return out
    }
}
