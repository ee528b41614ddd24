// SPDX-License-Identifier: Apache-2.0

import Archives
import Debian
import Foundation
import Packages
import TestSupport
import Testing

/// Prints a table; run by `make bench`, never by the tests. Nothing here depends on how fast it was.
@Suite(
    "Benchmark of resolution",
    .serialized,
    .enabled(
        if: Shared.exists && ProcessInfo.processInfo.environment["BASALT_BENCHMARK"] != nil,
        "a benchmark: set BASALT_BENCHMARK, with the developers' shared data beside the project"
    )
)
struct ResolverBenchmark {
    private static func milliseconds(_ duration: Duration) -> String {
        let value = Double(duration.components.seconds) * 1_000 + Double(duration.components.attoseconds) / 1e15
        return String(Int(value * 10) / 10) + "." + String(Int(value * 10) % 10) + " ms"
    }

    private static func median(of count: Int, _ body: () async throws -> Void) async rethrows -> Duration {
        var times: [Duration] = []
        for _ in 0..<count {
            let start = ContinuousClock.now
            try await body()
            times.append(ContinuousClock.now - start)
        }
        return times.sorted()[count / 2]
    }

    @Test func table() async throws {
        var rows: [(String, String)] = []
        func access() throws -> DirectoryAccess {
            try DirectoryAccess(
                bases: [
                    "debian": Shared.path("debian/mirror/debian"),
                    "debian-security": Shared.path("debian/mirror/debian-security"),
                ],
                keys: ["debian": FrozenArchive.keys()],
                now: FrozenArchive.now
            )
        }
        let suites = DebianRepositories.implicit(
            for: Distribution(id: "debian", versionID: "13"),
            suites: Set(ImplicitSuite.allCases)
        )

        var start = ContinuousClock.now
        let warm = try access()
        _ = try await DebianIndexes.universe(of: suites, for: .amd64, access: warm)
        rows.append(("three suites, amd64: verify, decompress, index, open", Self.milliseconds(.now - start)))
        let opening = try await Self.median(of: 5) {
            _ = try await DebianIndexes.universe(of: suites, for: .amd64, access: warm)
        }
        rows.append(("the same with the index in the store", Self.milliseconds(opening)))

        let main = try Shared.bytes("debian/mirror/debian/dists/trixie/main/binary-amd64/Packages.xz")
        start = .now
        let size = try Decompressor.decompress(main, name: "Packages.xz", limit: 1 << 30).count
        rows.append(("of which decompressing main's Packages (\(size >> 20) MB)", Self.milliseconds(.now - start)))

        let universe = try await DebianIndexes.universe(of: suites, for: .amd64, access: warm)
        var worst: (String, Duration) = ("", .zero)
        for file in Oracle.files where file.hasPrefix("trixie-amd64") {
            let oracle = try Oracle.load(file)
            guard oracle.strict.status == "ok" else { continue }
            let request = Request(entries: oracle.entries, isStrict: true)
            let time = try await Self.median(of: 3) { _ = try universe.resolve(request) }
            if ["debian-base", "python3", "nginx", "texlive"].contains(oracle.set) {
                rows.append(
                    ("resolve \(oracle.set) (\(oracle.strict.packages?.count ?? 0) packages)", Self.milliseconds(time))
                )
            }
            if time > worst.1 { worst = (oracle.set, time) }
        }
        rows.append(("the slowest set of all, \(worst.0)", Self.milliseconds(worst.1)))
        if let apt = try Self.apt() {
            rows.append(("apt-get -s install of debian-base's names on this machine", Self.milliseconds(apt)))
        }
        print(rows.map { "| \($0.0) | \($0.1) |" }.joined(separator: "\n"))
        #expect(rows.count > 5)
    }

    /// The same question to the machine's own apt, where it has Debian sources.
    private static func apt() throws -> Duration? {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/apt-get") else { return nil }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/apt-get")
        let names = try Oracle.load("trixie-amd64-debian-base.json").request.filter { !$0.hasPrefix("!") }
        process.arguments = ["-s", "--no-install-recommends", "-o", "Dir::State::status=/dev/null", "install"] + names
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let start = ContinuousClock.now
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? .now - start : nil
    }
}
