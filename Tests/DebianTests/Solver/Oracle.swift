// SPDX-License-Identifier: Apache-2.0

import Debian
import Foundation
import Packages
import TestSupport

/// apt's own answers over the frozen archive.
struct Oracle: Decodable, Sendable {
    struct Answer: Decodable, Sendable {
        struct Package: Decodable, Sendable {
            var name: String
            var version: String
            var arch: String
            var filename: String
            var size: Int
            var sha256: String
        }
        /// What apt's newer solver has that the first one has not, and the other way round.
        struct Difference: Decodable, Sendable {
            var only: [String]
            var missing: [String]
            enum CodingKeys: String, CodingKey { case only = "only_here", missing }
            init(from decoder: any Decoder) throws {
                if let keyed = try? decoder.container(keyedBy: CodingKeys.self) {
                    only = try keyed.decode([String].self, forKey: .only)
                    missing = try keyed.decode([String].self, forKey: .missing)
                } else {
                    (only, missing) = ([], [])
                }
            }
        }
        var status: String
        var packages: [Package]?
        var resolved_arguments: [String]?
        var dropped_dependencies: [String]?
        var other_solvers: [String: Difference]?

        /// `name=version` of each package, as the newer solver has it.
        var expected: Set<String> {
            var names = Set((packages ?? []).map { "\($0.name)=\($0.version)" })
            if let newer = other_solvers?["apt3.0-solver3"] {
                names.formUnion(newer.only)
                names.subtract(newer.missing)
            }
            return names
        }
    }

    var set: String
    var suite: String
    var arch: String
    var repositories: [String]
    var request: [String]
    var excluded: [String]
    var strict: Answer
    var pruned: Answer?

    var platform: Platform { arch == "amd64" ? .amd64 : .arm64 }

    /// What was asked, with apt's own patterns (`?essential`) and candidates replaced by what they meant.
    var entries: [String] {
        (strict.resolved_arguments ?? request.filter { !$0.hasPrefix("!") }) + excluded.map { "!" + $0 }
    }

    static let files: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Shared.path("debian/oracle"))) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted()
    }()

    static func load(_ file: String) throws -> Oracle {
        try JSONDecoder().decode(Oracle.self, from: Data(Shared.bytes("debian/oracle/" + file)))
    }
}

/// The frozen archive, each universe opened once.
actor FrozenArchive {
    static let shared = FrozenArchive()
    /// 2026-11-20 00:00 UTC: within the Valid-Until of all frozen suites.
    static let now = 1_795_132_800

    private var universes: [String: Task<DebianUniverse, any Error>] = [:]
    private var access: DirectoryAccess?

    static func keys() throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "keys/debian").path
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".asc") }.sorted()
            .flatMap { Array(try Data(contentsOf: URL(filePath: folder + "/" + $0))) }
    }

    func universe(_ codename: String, _ suites: Set<ImplicitSuite>, _ platform: Platform) async throws -> DebianUniverse
    {
        let key = "\(codename) \(suites.map(\.rawValue).sorted()) \(platform)"
        if let task = universes[key] { return try await task.value }
        let access =
            try self.access
            ?? DirectoryAccess(
                bases: [
                    "debian": Shared.path("debian/mirror/debian"),
                    "debian-security": Shared.path("debian/mirror/debian-security"),
                ],
                keys: ["debian": Self.keys()],
                now: Self.now
            )
        self.access = access
        let task = Task {
            try await DebianIndexes.universe(
                of: DebianRepositories.implicit(
                    for: Distribution(id: "debian", versionID: "", codename: codename),
                    suites: suites
                ),
                for: platform,
                access: access
            )
        }
        universes[key] = task
        return try await task.value
    }

    func universe(for oracle: Oracle) async throws -> DebianUniverse {
        try await universe(
            oracle.suite,
            oracle.repositories.count == 1 ? [.release] : [.release, .updates, .security],
            oracle.platform
        )
    }
}
