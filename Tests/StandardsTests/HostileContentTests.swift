// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree
internal import Foundation
internal import OCI
internal import Standards
internal import Synchronization
internal import TestSupport
internal import Testing

/// Files that hide what they are, or that would keep a check busy.
extension StandardsTests {
    /// The same key as a string of other formats, as Python's json and a YAML block write it.
    @Test(.enabled(if: Tool.exists("openssl"), "openssl is not installed"))
    func findsKeysInStringsOfOtherFormats() throws {
        let key = try Tool.run("openssl", ["genpkey", "-algorithm", "ED25519"])
        try #require(key.status == 0, "\(key.stderr)")
        let pem = String(decoding: key.stdout, as: UTF8.self)
        let lines = pem.split(separator: "\n").map(String.init)
        for text in [
            "{\"private_key\": \"" + lines.joined(separator: "\\n") + "\\n\"}",
            "{\"k\":\"" + lines.joined(separator: "\\r\\n") + "\"}",
            "{\"k\":\"{\\\"k\\\":\\\"" + lines.joined(separator: "\\\\n") + "\\\"}\"}",
            "secret:\n  key: |\n" + lines.map { "    \($0)\n" }.joined(),
            "key = (\n" + lines.map { "\t'\($0)'\n" }.joined() + ")\n",
        ] {
            let changed = try image { tree, _ in try put("etc/settings", text, in: &tree) }
            #expect(failures(changed) == ["no-private-keys"], "\(text.prefix(60))")
        }
        // Words that are quoted are no key, escaped or not.
        let quoted = #"{"example": "-----BEGIN PRIVATE KEY-----\nMIIE...\n-----END PRIVATE KEY-----\n"}"#
        #expect(failures(try image { tree, _ in try put("etc/settings", quoted, in: &tree) }).isEmpty)
    }

    /// However many lines of a database are about one file.
    @Test func hashesAFileOnceForAllLines() throws {
        var changed = try image { tree, _ in
            let line = "9dd4e461268c8034f5c8564e155c67a6  usr/bin/tool\n"
            try put("var/lib/dpkg/status.d/x.md5sums", String(repeating: line, count: 100), in: &tree)
        }
        let facts = CountingFacts(ComputedFacts(changed.contents))
        changed.facts = facts
        #expect(failures(changed).isEmpty)
        #expect(facts.count.withLock { $0 } == 1)
    }

    /// glibc's cache (sysdeps/generic/dl-cache.h): a header of 48 bytes, entries of 24 bytes, strings that end in NUL.
    @Test(.enabled(if: Tool.exists("readelf"), "readelf is not installed"), arguments: [false, true])
    func believesNoCacheLargerThanAny(_ isHostile: Bool) throws {
        let path = try #require(Tool.find("readelf"))
        let bytes = try Array(Data(contentsOf: URL(filePath: path).resolvingSymlinksInPath()))
        let needed = try Tool.run("readelf", ["-d", path]).lines.filter { $0.contains("(NEEDED)") }.compactMap { line in
            line.split(separator: "[").last?.split(separator: "]").first.map(String.init)
        }
        let count = isHostile ? 20_000 : needed.count
        var strings: [UInt8] = []
        var entries: [UInt8] = []
        func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        for index in 0..<count {
            let name = needed[index % needed.count]
            let start = 48 + 24 * count + strings.count
            strings += Array(name.utf8) + [0] + Array("/opt/\(name)".utf8) + [0]
            entries += word(1) + word(start) + word(start + name.utf8.count + 1) + [UInt8](repeating: 0, count: 12)
        }
        let header = Array("glibc-ld.so.cache1.1".utf8) + word(count) + word(strings.count)
        let cache = header + [UInt8](repeating: 0, count: 48 - header.count) + entries + strings
        var machine = "amd64"
        #if arch(arm64)
            machine = "arm64"
        #endif
        let changed = try image { tree, configuration in
            configuration.platform = ImagePlatform(architecture: machine)
            try tree.put(Node("usr/bin/elf", .file(FileContent(bytes)), mode: 0o755, origin: .definition("t")))
            try tree.put(Node("etc/ld.so.cache", .file(FileContent(cache)), mode: 0o644, origin: .definition("t")))
            for name in needed { try put("opt/\(name)", "x", in: &tree) }
            for path in ["lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1"] { try put(path, "x", in: &tree) }
        }
        #expect(failures(changed) == (isHostile ? ["needed-libraries"] : []))
    }
}

/// Counts the sums that it is asked for.
private final class CountingFacts: FactSource {
    private let facts: any FactSource
    let count = Mutex(0)
    init(_ facts: any FactSource) { self.facts = facts }
    func facts(of content: FileContent) throws -> FileFacts { try facts.facts(of: content) }
    func checksum(_ algorithm: Digest.Algorithm, of content: FileContent) throws -> Digest {
        count.withLock { $0 += 1 }
        return try facts.checksum(algorithm, of: content)
    }
}
