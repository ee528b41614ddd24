// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Debian
import FileTree
import Foundation
import Packages
import Testing

/// The trees that `scripts/differential-trees` made, in which apt and dpkg ran every script.
enum DifferentialTrees {
    static let folder = ProcessInfo.processInfo.environment["BASALT_DIFFERENTIAL"]

    /// The sets of issue 4; a suite that has all of them is complete, and rows of the table that explain nothing in it are
    /// stale.
    static let wanted: Set<String> = [
        "debian-base", "dev", "python3", "nginx", "openjdk", "postgresql", "redis", "nodejs", "git", "curl", "gcc",
    ]

    static var all: [DifferentialTree] {
        guard let folder, let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return [] }
        return names.filter { $0.hasSuffix(".packages") }.sorted().compactMap { name in
            let parts = name.dropLast(".packages".count).split(separator: "-", maxSplits: 1).map(String.init)
            return parts.count == 2 ? DifferentialTree(folder: folder, suite: parts[0], set: parts[1]) : nil
        }
    }

    static var completeSuites: Set<String> {
        let bySuite = Dictionary(grouping: all, by: \.suite).mapValues { Set($0.map(\.set)) }
        return Set(bySuite.filter { $0.value.isSuperset(of: wanted) }.keys)
    }
}

/// One set of packages as apt and dpkg installed it: `SUITE-SET.packages`, `.paths`, `.sums` and `.files`.
struct DifferentialTree: Sendable, CustomTestStringConvertible {
    var folder: String
    var suite: String
    var set: String

    var name: String { "\(suite)-\(set)" }
    var testDescription: String { name }

    /// One path as both sides describe it; size and times do not count.
    struct Entry: Hashable {
        var kind: String
        var mode: String
        var owner: String
        var content: String
    }

    private func lines(_ suffix: String) throws -> [String] {
        try String(contentsOfFile: "\(folder)/\(name).\(suffix)", encoding: .utf8).split(separator: "\n").map(
            String.init
        )
    }

    /// A file of the tree that was kept whole.
    func file(_ path: TreePath) -> [UInt8]? {
        let name = path.description.replacing("/", with: "_")
        return (try? Data(contentsOf: URL(filePath: "\(folder)/\(self.name).files/\(name)"))).map(Array.init)
    }

    func entries() throws -> [String: Entry] {
        var sums: [String: String] = [:]
        for line in try lines("sums") { sums[String(line.dropFirst(68))] = String(line.prefix(64)) }
        var out: [String: Entry] = [:]
        for line in try lines("paths") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 6 else { continue }
            out[fields[4]] = Entry(
                kind: fields[0],
                mode: fields[0] == "l" ? "777" : fields[1],
                owner: "\(fields[2]):\(fields[3])",
                content: fields[0] == "f" ? sums[fields[4]] ?? "" : fields[5]
            )
        }
        return out
    }

    /// The very same package files, unpacked.
    func installed() throws -> [InstalledPackage] {
        try PackageFolder.install(try lines("packages").map { "\(folder)/debs/\($0)" })
    }

    /// What is made of them without running anything.
    func assembled(_ packages: [InstalledPackage]) throws -> Tree {
        try DebianAssembler.assemble(
            Installation(
                platform: .amd64,
                distribution: Distribution(id: "debian", versionID: suite == "bookworm" ? "12" : "13"),
                packages: packages,
                contents: InlineContents(),
                variant: .dev,
                epoch: 1_700_000_000
            )
        ).tree
    }

    func assembled() throws -> Tree { try assembled(try installed()) }

    static func entries(_ tree: Tree) -> [String: Entry] {
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

    /// Every path at which the two sides differ, and how, in the order of paths.
    func findings(_ tree: Tree) throws -> [Differences.Finding] {
        let real = try entries()
        let ours = Self.entries(tree)
        var out: [Differences.Finding] = []
        for path in Set(real.keys).union(ours.keys).sorted() where real[path] != ours[path] {
            let kind = ours[path] == nil ? "-" : real[path] == nil ? "+" : "!"
            if kind == "!", let path = try? TreePath(path), haveSameLines(path, tree) { continue }
            let detail =
                "\(real[path].map { "\($0)" } ?? "nothing") became \(ours[path].map { "\($0)" } ?? "nothing")"
            out.append(Differences.Finding(kind: kind, path: path, detail: detail))
        }
        return out
    }

    /// dpkg writes some tables in the order of a hash table, and some grow in the order of installation.
    private func haveSameLines(_ path: TreePath, _ tree: Tree) -> Bool {
        guard let ours = tree.text(path), let real = file(path) else { return false }
        return ours.split(separator: "\n").sorted()
            == String(decoding: real, as: UTF8.self).split(separator: "\n").sorted()
    }
}
