// SPDX-License-Identifier: Apache-2.0

import Debian
import FileTree
import Foundation
import Packages
import TestSupport
import Testing

@Suite struct LoaderCacheTests {
    /// Takes a cache apart into what it was made of.
    private struct Parsed {
        var entries: [LoaderCache.Entry] = []
        var flags: UInt32 = 0
        var generator = ""

        init(_ bytes: [UInt8]) {
            func word(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
            func text(_ at: Int) -> String { String(decoding: bytes[at...].prefix { $0 != 0 }, as: UTF8.self) }
            for index in 0..<word(20) {
                let at = 48 + 24 * index
                flags = UInt32(word(at))
                entries.append(.init(soname: text(word(at + 4)), path: text(word(at + 8))))
            }
            let section = word(32) + 8
            generator = String(decoding: bytes[word(section + 8)...].prefix(word(section + 12)), as: UTF8.self)
        }
    }

    @Test(.enabled(if: Shared.exists, "\(Shared.reason)"), arguments: ["amd64", "arm64", "riscv64"])
    func writesTheBytesThatLdconfigWrote(_ architecture: String) throws {
        let golden = try Shared.bytes("oracle/distroless/ldconfig/ld.so.cache." + architecture)
        let parsed = Parsed(golden)
        #expect(parsed.entries.count > 50)
        // In another order, but for entries of one name: theirs is the order of the search, which the cache keeps.
        let shuffled = parsed.entries.enumerated().sorted { a, b in
            a.element.soname == b.element.soname
                ? a.offset < b.offset : a.element.soname.utf8.lexicographicallyPrecedes(b.element.soname.utf8)
        }.map(\.element)
        let written = LoaderCache(entries: shuffled, flags: parsed.flags, generator: parsed.generator).bytes
        let isSame = written == golden
        #expect(isSame)
    }

    /// Digits compare as numbers and come after anything else (glibc, _dl_cache_libcmp).
    @Test(arguments: [
        ("libx.so.9", "libx.so.10"), ("liba.so", "libb.so"), ("libx.so", "libx.so.1"), ("libx-a.so", "libx1.so"),
    ])
    func ordersNamesAsTheLoaderSearchesThem(_ lower: String, _ higher: String) {
        #expect(LoaderCache.compare(Array(lower.utf8), Array(higher.utf8)) < 0)
        #expect(LoaderCache.compare(Array(higher.utf8), Array(lower.utf8)) > 0)
        #expect(LoaderCache.compare(Array(lower.utf8), Array(lower.utf8)) == 0)
    }

    private static let libraries = "/usr/lib/x86_64-linux-gnu"
    private static let canCompare =
        Tool.exists("ldconfig") && FileManager.default.fileExists(atPath: "\(libraries)/libz.so.1")

    /// The same root, once as a tree and once on disk, given to glibc's own ldconfig.
    @Test(.enabled(if: canCompare, "needs ldconfig and the libraries of a Debian amd64 machine"))
    func agreesWithLdconfigOnARealRoot() throws {
        let folder = try TemporaryDirectory()
        var tree = Tree()
        func file(_ path: String, _ bytes: [UInt8]) throws {
            try folder.write(bytes, to: path)
            try tree.put(Node(try TreePath(path), .file(FileContent(bytes)), mode: 0o644, origin: .package("p")))
        }
        func link(_ path: String, _ target: String) throws {
            let directory = (folder.path(path) as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: folder.path(path), withDestinationPath: target)
            try tree.put(Node(try TreePath(path), .symlink(Array(target.utf8)), mode: 0o777, origin: .package("p")))
        }
        try link("lib", "usr/lib")
        try file("etc/ld.so.conf", Array("# none\ninclude /etc/ld.so.conf.d/*.conf\n/opt/last/lib # last\n".utf8))
        try file("etc/ld.so.conf.d/b.conf", Array("/usr/local/lib\n".utf8))
        try file(
            "etc/ld.so.conf.d/a.conf",
            Array("/usr/local/lib/x86_64-linux-gnu/\n\n/usr/lib/x86_64-linux-gnu\n".utf8)
        )
        try file("usr/lib/x86_64-linux-gnu/libscript.so", Array("/* GNU ld script */\n".utf8))
        try link("usr/lib/x86_64-linux-gnu/libdangling.so.1", "nowhere.so")
        var copied = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: Self.libraries).sorted()
        where name.hasPrefix("lib") && name.contains(".so") {
            let path = "\(Self.libraries)/\(name)"
            if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) {
                if !target.contains("/") { try link("usr/lib/x86_64-linux-gnu/" + name, target) }
                continue
            }
            guard let bytes = FileManager.default.contents(atPath: path), bytes.count < 400_000 else { continue }
            try file("usr/lib/x86_64-linux-gnu/" + name, Array(bytes))
            if copied % 7 == 0 { try file("usr/local/lib/" + name, Array(bytes)) }
            if copied % 11 == 0 { try file("usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/" + name, Array(bytes)) }
            if copied % 13 == 0 { try file("usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v2/" + name, Array(bytes)) }
            if copied % 17 == 0 { try file("opt/last/lib/" + name, Array(bytes)) }
            copied += 1
        }
        #expect(copied > 20)
        // `ldconfig (Debian GLIBC 2.36-9+deb12u13) stable…`: what stands in brackets after GLIBC.
        let version = try Tool.run("ldconfig", ["--version"]).lines.first?.split(separator: ")").first?
            .split(separator: " ").last.map(String.init)
        let run = try Tool.run("ldconfig", ["-r", folder.path])
        #expect(run.status == 0, "\(run.stderr)")
        let expected = Array(try Data(contentsOf: URL(filePath: folder.path("etc/ld.so.cache"))))

        let libc = try DebianPackage(
            FakePackage(name: "libc-bin", version: try #require(version), architecture: "amd64").installed()
        )
        let installation = Installation(
            platform: .amd64,
            distribution: Distribution(id: "debian", versionID: "12"),
            packages: [],
            contents: InlineContents(),
            variant: .dev,
            epoch: 0
        )
        var root = ImageRoot(installation, packages: [libc], tree: tree)
        try LoaderConfiguration.apply(to: &root)
        guard case .bytes(let bytes)? = root.tree["etc/ld.so.cache"]?.content?.place else {
            Issue.record("no cache was written")
            return
        }
        // Byte for byte, below glibc-hwcaps and where no package ships a link of the SONAME too.
        #expect(bytes == expected)
        let made = try FileManager.default.contentsOfDirectory(atPath: folder.path("usr/local/lib")).filter {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: folder.path("usr/local/lib/" + $0))) != nil
        }
        #expect(!made.isEmpty)
        for name in made {
            let link = try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("usr/local/lib/" + name))
            #expect(root.tree.target(try TreePath("usr/local/lib/" + name)) == link, "\(name)")
        }
        let (ours, theirs) = (Parsed(bytes).entries, Parsed(expected).entries)
        #expect(ours.map(\.soname) == theirs.map(\.soname))
        for (own, other) in zip(ours, theirs) {
            let directories = [own.path, other.path].map { $0.split(separator: "/").dropLast() }
            #expect(directories[0] == directories[1])
        }
    }
}
