// SPDX-License-Identifier: Apache-2.0

import Debian
import Foundation
import TestSupport
import Testing

@Suite("Versions of Debian")
struct VersionTests {
    /// From Policy 5.6.12 and the words of deb-version(7).
    @Test(
        "are ordered by epoch, upstream version and revision",
        arguments: [
            ("1.0", "1.0", 0), ("1:1.0", "2.0", 1), ("1.0-1", "1.0-2", -1), ("1.0~rc1", "1.0", -1),
            ("1.0~~", "1.0~", -1),
            ("1.0~~a", "1.0~", -1), ("1.0", "1.0+b1", -1), ("1.0a", "1.0+", -1), ("1.09", "1.9", 0), ("1.10", "1.9", 1),
            ("0:1.0-0", "1.0", 0), ("1.0-1.1", "1.0-1", 1), ("1.2.3", "1.2.3-1~bpo12+1", -1), ("a", "1", 1),
            ("99999999999999999999999", "100000000000000000000000", -1), ("1.0-1-2", "1.0-1-10", -1),
        ]
    )
    func order(_ a: String, _ b: String, _ expected: Int) {
        #expect(VersionOrder.compare(a, b).signum() == expected)
        #expect(VersionOrder.compare(b, a).signum() == -expected)
        #expect((DebianVersion(a) < DebianVersion(b)) == (expected < 0))
    }

    @Test("fall into their parts")
    func parts() {
        let version = DebianVersion("2:1.3.dfsg+really1.3.1-1-x+b1")
        #expect(version.epoch == "2")
        #expect(version.upstream == "1.3.dfsg+really1.3.1-1")
        #expect(version.revision == "x+b1")
        #expect(DebianVersion("1.0").revision == nil)
        #expect(DebianVersion("1.0").epoch == nil)
    }

    @Test("that dpkg refuses are known as such", arguments: ["", "a1", "1:", "x:1", "1.0-", "1_0 2", "1.0-ä"])
    func problems(_ text: String) { #expect(DebianVersion(text).problem != nil) }

    @Test("that dpkg accepts have no problem", arguments: ["1", "1:1.0~a+b-2.3", "2.41-12+deb13u4", "1:2:3-4", "0-0"])
    func sound(_ text: String) { #expect(DebianVersion(text).problem == nil) }

    struct Vector: Sendable {
        var a: String
        var b: String
        var order: Int
    }

    private static func lines(_ path: String) throws -> [[String]] {
        String(decoding: try Shared.bytes(path), as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    }

    @Test(
        "are ordered as in the vectors of others",
        .enabled(if: Shared.exists, "the developers' shared data is absent")
    )
    func vectors() throws {
        var vectors: [Vector] = []
        for line in try Self.lines("oracle/apt/version-compare.tsv") where line.count >= 3 {
            vectors.append(Vector(a: line[0], b: line[2], order: try #require(Int(line[1]))))
        }
        for file in ["version-compare.tsv", "version-compare-internal-comparator.tsv"] {
            for line in try Self.lines("oracle/chisel/" + file) where line.count == 3 {
                vectors.append(Vector(a: line[0], b: line[1], order: try #require(Int(line[2]))))
            }
        }
        let dpkg = String(decoding: try Shared.bytes("oracle/dpkg/Dpkg_Version.data"), as: UTF8.self)
        for line in dpkg.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ").map(String.init)
            if words.count == 3, let order = Int(words[2]) {
                vectors.append(Vector(a: words[0], b: words[1], order: order))
            }
        }
        for line in try Self.lines("oracle/rules_distroless/version-operators.tsv") where line.count == 3 {
            let order = VersionOrder.compare(line[0], line[2])
            switch line[1] {
            case "lt": #expect(order < 0, "\(line)")
            case "le": #expect(order <= 0, "\(line)")
            case "eq": #expect(order == 0, "\(line)")
            case "ne": #expect(order != 0, "\(line)")
            case "ge": #expect(order >= 0, "\(line)")
            case "gt": #expect(order > 0, "\(line)")
            default: Issue.record("unknown operator in \(line)")
            }
        }
        for line in try Self.lines("oracle/rules_distroless/version-parse.tsv") where line.count == 4 {
            let version = DebianVersion(line[0])
            #expect(version.epoch == (line[1] == "None" ? nil : line[1]), "\(line)")
            #expect(version.upstream == line[2], "\(line)")
            #expect(version.revision == (line[3] == "None" ? nil : line[3]), "\(line)")
        }
        #expect(vectors.count > 100)
        // An empty text is no version; one of the sources orders it before 0 for a purpose of its own.
        for vector in vectors where !vector.a.isEmpty && !vector.b.isEmpty {
            #expect(VersionOrder.compare(vector.a, vector.b).signum() == vector.order.signum(), "\(vector)")
        }
    }

    static let hasDpkg = FileManager.default.isExecutableFile(atPath: "/usr/bin/dpkg")

    @Test("are ordered as dpkg orders them", .enabled(if: hasDpkg, "dpkg is not installed"))
    func differential() throws {
        // Versions made of the pieces where the rules meet.
        let pieces = ["0", "1", "09", "10", "~", "~~", "+", ".", "a", "Z", "-", "b1", "00", ":1"]
        var state: UInt64 = 20_260_101
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        func version() -> String {
            while true {
                let text = "1" + (0..<random(6)).map { _ in pieces[random(pieces.count)] }.joined()
                if DebianVersion(text).problem == nil { return text }
            }
        }
        for _ in 0..<250 {
            let (a, b) = (version(), version())
            let order = VersionOrder.compare(a, b)
            let relation = order < 0 ? "lt" : order > 0 ? "gt" : "eq"
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/dpkg")
            process.arguments = ["--compare-versions", a, relation, b]
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "dpkg denies \(a) \(relation) \(b)")
        }
    }
}
