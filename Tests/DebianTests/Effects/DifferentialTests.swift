// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Debian
import FileTree
import Foundation
import Packages
import Testing

/// Where the trees lie that `scripts/differential-trees` made.
enum DifferentialTrees {
    static let folder = ProcessInfo.processInfo.environment["BASALT_DIFFERENTIAL"]
}

/// Compares what is assembled without running anything with trees in which apt and dpkg ran every script
/// (`scripts/differential-trees` makes them). Every path that differs must be explained in `docs/differences.tsv`.
@Suite(
    .enabled(
        if: DifferentialTrees.folder != nil,
        "needs trees made by scripts/differential-trees (BASALT_DIFFERENTIAL)"
    )
)
struct DifferentialTests {
    static var folder: String? { DifferentialTrees.folder }
    static var sets: [String] {
        guard let folder, let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return [] }
        return names.filter { $0.hasSuffix(".packages") }.map { String($0.dropLast(9)) }.sorted()
    }

    /// One path as both sides describe it; size and times do not count.
    struct Entry: Hashable {
        var kind: String
        var mode: String
        var owner: String
        var content: String
    }

    @Test(arguments: sets)
    func everyDifferenceIsExplained(_ set: String) throws {
        let folder = try #require(Self.folder)
        let reasons = try Reasons()
        let real = try Self.read(folder + "/" + set)
        let packages = try Self.lines(folder + "/" + set + ".packages").map { folder + "/debs/" + $0 }
        let tree = try DebianAssembler.assemble(
            Installation(
                platform: .amd64,
                distribution: Distribution(id: "debian", versionID: set.hasPrefix("bookworm") ? "12" : "13"),
                packages: try PackageFolder.install(packages),
                contents: InlineContents(),
                variant: .dev,
                epoch: 1_700_000_000
            )
        ).tree
        let ours = Self.entries(tree)
        #expect(ours.count > 1000)
        #expect(real.count > 1000)
        var explained: [String: Int] = [:]
        for path in Set(real.keys).union(ours.keys).sorted() where real[path] != ours[path] {
            let kind = ours[path] == nil ? "-" : real[path] == nil ? "+" : "!"
            if kind == "!", Self.sameLines(path, tree, folder + "/" + set + ".files/") { continue }
            if let reason = reasons.find(kind, path) {
                explained[reason, default: 0] += 1
            } else {
                let description =
                    "\(kind) \(path): \(real[path].map { "\($0)" } ?? "nothing") became \(ours[path].map { "\($0)" } ?? "nothing")"
                Issue.record("\(set): no reason for \(description)")
            }
        }
        print("\(set): \(ours.count) paths, \(explained.values.reduce(0, +)) differ for \(explained.count) reasons")
    }

    private static func read(_ name: String) throws -> [String: Entry] {
        var sums: [String: String] = [:]
        for line in try lines(name + ".sums") { sums[String(line.dropFirst(68))] = String(line.prefix(64)) }
        var out: [String: Entry] = [:]
        for line in try lines(name + ".paths") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 6 else { continue }
            let content = fields[0] == "f" ? sums[fields[4]] ?? "" : fields[5]
            out[fields[4]] = Entry(
                kind: fields[0],
                mode: fields[0] == "l" ? "777" : fields[1],
                owner: "\(fields[2]):\(fields[3])",
                content: content
            )
        }
        return out
    }

    private static func entries(_ tree: Tree) -> [String: Entry] {
        var out: [String: Entry] = [:]
        for node in tree.unordered {
            let (kind, content): (String, String) =
                switch node.kind {
                case .directory: ("d", "")
                case .file(let content): ("f", content.sha256.hex)
                case .symlink(let target): ("l", String(decoding: target, as: UTF8.self))
                case .hardLink(let first): ("f", tree[first]?.content?.sha256.hex ?? "")
                }
            out[node.path.description] = Entry(
                kind: kind,
                mode: String(node.mode, radix: 8),
                owner: "\(node.uid):\(node.gid)",
                content: content
            )
        }
        return out
    }

    /// dpkg writes some tables in the order of a hash table, and some grow in the order of installation.
    private static func sameLines(_ path: String, _ tree: Tree, _ files: String) -> Bool {
        guard let path = try? TreePath(path), let ours = tree.text(path),
            let real = try? String(contentsOfFile: files + path.description.replacing("/", with: "_"), encoding: .utf8)
        else { return false }
        return ours.split(separator: "\n").sorted() == real.split(separator: "\n").sorted()
    }

    fileprivate static func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// `docs/differences.tsv`: what differs (`-` only dpkg has it, `+` only we have it, `!` both, unlike), a pattern of
    /// paths, and the reason.
    struct Reasons {
        private var rules: [(kind: String, pattern: String, reason: String)] = []

        init() throws {
            let table = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/differences.tsv").path
            for line in try DifferentialTests.lines(table) where !line.hasPrefix("#") {
                let fields = line.split(separator: "\t").map(String.init)
                if fields.count == 3 { rules.append((fields[0], fields[1], fields[2])) }
            }
        }

        func find(_ kind: String, _ path: String) -> String? {
            rules.first { $0.kind == kind && fnmatch($0.pattern, path, 0) == 0 }?.reason
        }
    }
}
