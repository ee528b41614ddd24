// SPDX-License-Identifier: Apache-2.0

internal import Alpine
internal import Cryptography
internal import Packages
internal import TestSupport
internal import Testing

@Suite struct UniverseTests {
    private static func entry(_ name: String, _ version: String, _ extra: String = "") -> String {
        "C:\(Checksum(.of(name + version, .sha1)))\nP:\(name)\nV:\(version)\nA:x86_64\nS:1\nI:1\n\(extra)\n"
    }

    private static let text =
        entry("app", "1.2-r3", "D:lib>=1 ssl-client\n") + entry("app", "1.1-r0", "D:lib>=1\n") + entry("lib", "1.0-r0")
        + entry("openssl", "3-r0", "p:ssl-client\nk:10\n") + entry("libressl", "2-r0", "p:ssl-client\nk:5\n")
        + entry("app-doc", "1.2-r3", "i:app docs\n") + entry("docs", "1-r0") + entry("badly", "1-r0", "D:lib>9\n")

    private func resolve(_ entries: [String], isStrict: Bool = false) throws -> Resolution {
        try ApkFixture().universe(Self.text).resolve(Request(entries: entries, isStrict: isStrict))
    }

    @Test("Every choice says who asked for it")
    func reasons() throws {
        let resolution = try resolve(["app", "docs"])
        let reasons = Dictionary(uniqueKeysWithValues: resolution.selected.map { ($0.package.name, $0.reason) })
        #expect(reasons["app"] == .requested)
        #expect(reasons["lib"] == .dependency(of: "app", clause: "lib>=1"))
        #expect(reasons["openssl"] == .dependency(of: "app", clause: "ssl-client"))
        #expect(reasons["app-doc"] == .rule("install_if app docs"))
        #expect(reasons.count == 5)
        #expect(resolution.packages.first?.path == "x86_64/app-1.2-r3.apk")
    }

    @Test("A pin without a revision means the newest revision of that version; one with a revision means itself")
    func pins() throws {
        #expect(try resolve(["app=1.2"]).packages.first?.version == "1.2-r3")
        #expect(try resolve(["app=1.1-r0"]).packages.first?.version == "1.1-r0")
        #expect(throws: AlpineError.self) { try resolve(["app=1.3"]) }
    }

    @Test("A vetoed package is no candidate, and what only it could meet is dropped and told, or an error")
    func vetoes() throws {
        #expect(try resolve(["app", "!openssl"]).packages.map(\.name) == ["app", "lib", "libressl"])
        let dropped = try resolve(["app", "!lib", "!nothing"])
        #expect(dropped.packages.map(\.name) == ["app", "openssl"])
        #expect(dropped.dropped == [Resolution.Dropped(package: "app", clause: "lib>=1")])
        #expect(dropped.warnings.count == 1)
        #expect(try resolve(["app", "lib", "!lib"]).packages.map(\.name) == ["app", "lib", "openssl"])
        #expect(throws: AlpineError.self) { try resolve(["app", "!lib"], isStrict: true) }
    }

    @Test("World order does not matter")
    func order() throws {
        #expect(try resolve(["docs", "app", "lib"]).packages == resolve(["lib", "app", "docs"]).packages)
    }

    @Test("What cannot be had is explained in sentences that name it")
    func explanations() {
        func message(_ entries: [String]) -> String {
            do {
                _ = try resolve(entries)
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(
            message(["nothing"]).contains("no repository has 'nothing', which is required by the definition (nothing)")
        )
        #expect(message(["badly"]).contains("lib-1.0-r0: it contradicts badly-1-r0 (lib>9)"))
        #expect(message(["app=1.3"]).contains("app-1.2-r3"))
    }

    @Test("Repository lines are read, and what is none is refused")
    func repositories() throws {
        let alpine = Alpine()
        let plain = try alpine.repository(parsing: "https://example.org/alpine/v3.23/main/", keyring: ["k"])
        #expect(plain.id == "https://example.org/alpine/v3.23/main" && plain.tag == nil && plain.keys == ["k"])
        #expect(try alpine.repository(parsing: "@edge  file:///srv/edge", keyring: []).tag == "edge")
        for line in [
            "", "@edge", "ftp://example.org", "https://", "a b c", "@ https://example.org",
            "https://example.org/Packages.adb",
        ] {
            #expect(throws: AlpineError.self, "\(line)") { try alpine.repository(parsing: line, keyring: []) }
        }
    }

    @Test("A chain of dependencies of any length is answered or refused, and never runs out of stack")
    func deep() throws {
        var text = ""
        for number in 0..<20_000 { text += Self.entry("p\(number)", "1", "D:p\(number + 1)\n") }
        text += Self.entry("p20000", "1")
        let universe = try ApkFixture().universe(text)
        #expect(throws: AlpineError.self) { try universe.resolve(Request(entries: ["p0"])) }
        #expect(try universe.resolve(Request(entries: ["p19500"])).packages.count == 501)
    }
}
