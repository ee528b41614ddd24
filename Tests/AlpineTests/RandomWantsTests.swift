// SPDX-License-Identifier: Apache-2.0

internal import Alpine
internal import Foundation
internal import Packages
internal import TestSupport
internal import Testing

/// Random requests to Alpine's own repositories, answered by us and by the apk of the official mini root file system.
@Suite(.enabled(if: RealApk.isAvailable, "\(Shared.reason), or nobody may change the root directory here"))
struct RandomWantsTests {
    @Test("A random request has the answer that apk gives", arguments: ["v3.19/main/x86_64", "v3.13/main/aarch64"])
    func sameAsApk(_ folder: String) async throws {
        let parts = folder.split(separator: "/").map(String.init)
        let alpine = RealAlpine(
            folder: Shared.path("alpine/\(parts[0])/main"),
            platform: parts[2] == "x86_64" ? .amd64 : .arm64,
            keys: try RealAlpine.officialKeys()
        )
        let apk = try RealApk(index: Shared.bytes("alpine/\(folder)/APKINDEX.tar.gz"), architecture: parts[2])
        let universe = try await alpine.universe()
        let files = try FileManager.default.contentsOfDirectory(atPath: Shared.path("alpine/" + folder))
        let labels = files.filter { $0.hasSuffix(".apk") }.map { String($0.dropLast(4)) }.sorted()
        var random = SplitMix(20_260_101)
        var answered = 0
        for _ in 0..<250 {
            var wants: Set<String> = []
            for _ in 0..<(1 + random.next() % 7) {
                let label = labels[Int(random.next() % UInt64(labels.count))]
                let words = label.split(separator: "-")
                let name = words.dropLast(2).joined(separator: "-")
                let version = words.suffix(2).joined(separator: "-")
                switch random.next() % 10 {
                case 0: wants.insert("\(name)=\(version)")
                case 1 where wants.count > 1: wants.insert("!\(name)")
                default: wants.insert(name)
                }
            }
            // apk takes the last of several words about one name; which that is depends on their order.
            let names = wants.map { $0.drop { $0 == "!" }.prefix { $0 != "=" } }
            if Set(names).count < names.count { continue }
            let request = wants.sorted()
            let expected = try apk.add(request)
            let found = try? universe.resolve(Request(entries: request, isStrict: true)).packages.map {
                "\($0.name)-\($0.version)"
            }
            #expect(found?.sorted() == expected, "\(request)")
            if expected != nil { answered += 1 }
        }
        #expect(answered > 50)
    }
}

/// The real apk, in a root directory of its own.
private struct RealApk {
    private let root: TemporaryDirectory
    private let architecture: String

    private static let archive = Shared.path("alpine/minirootfs/v3.19/x86_64/alpine-minirootfs-3.19.4-x86_64.tar.gz")

    static var isAvailable: Bool {
        #if arch(x86_64)
            FileManager.default.fileExists(atPath: archive) && getuid() == 0 && Tool.exists("chroot")
                && Tool.exists("tar")
        #else
            false
        #endif
    }

    init(index: [UInt8], architecture: String) throws {
        self.architecture = architecture
        root = try TemporaryDirectory()
        let result = try Tool.run("tar", ["-xzf", Self.archive, "-C", root.path])
        try #require(result.status == 0, "\(result.stderr)")
        try root.write(index, to: "repository/\(architecture)/APKINDEX.tar.gz")
        for (name, bytes) in try RealAlpine.officialKeys() {
            try root.write(bytes, to: "keys/" + name.dropFirst("alpine/".count))
        }
        for name in ["etc/apk/repositories", "etc/apk/world"]
            + ["installed", "triggers", "scripts.tar"].map({ "lib/apk/db/\($0)" })
        {
            try root.write([], to: "empty/" + name)
        }
    }

    /// `name-version` of what `apk add` would install, sorted; nil where it refuses.
    func add(_ words: [String]) throws -> [String]? {
        let arguments = [
            root.path, "/sbin/apk", "--root", "/empty", "--arch", architecture, "--keys-dir", "/keys", "--repository",
            "/repository", "--no-network", "--no-progress", "--simulate", "add",
        ]
        let result = try Tool.run("chroot", arguments + words)
        if result.status != 0 { return nil }
        return result.lines.compactMap { line -> String? in
            guard line.hasPrefix("("), let range = line.range(of: " Installing ") else { return nil }
            let words = line[range.upperBound...].split(separator: " ")
            return words.count == 2 ? "\(words[0])-\(words[1].dropFirst().dropLast())" : nil
        }.sorted()
    }
}
