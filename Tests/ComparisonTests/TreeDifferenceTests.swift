// SPDX-License-Identifier: Apache-2.0

import Archives
import Comparison
import Cryptography
import FileTree
import Foundation
import Images
import OCI
import TestSupport
import Testing

/// Trees of images, laid over each other and compared.
@Suite struct TreeDifferenceTests {
    private typealias Member = ImageFixture.Member

    private func difference(_ before: [[Member]], _ after: [[Member]]) async throws -> [FileDifference] {
        let fixture = try ImageFixture()
        let old = try await fixture.open(before.map(ImageFixture.tar), name: "before")
        let new = try await fixture.open(after.map(ImageFixture.tar), name: "after")
        var trees = TreeDifference(old.contents, new.contents)
        try trees.locate(in: old, new)
        return trees.files
    }

    @Test func equalTreesHaveNoDifference() async throws {
        let members: [Member] = [.directory("usr"), .file("usr/a", "a"), .link("usr/b", to: "a")]
        #expect(try await difference([members], [members]).isEmpty)
        // The same files in other layers are the same tree.
        #expect(try await difference([members], [[members[0], members[1]], [members[2]]]).isEmpty)
    }

    @Test func namesWhatIsAddedAndRemoved() async throws {
        let found = try await difference(
            [[.file("a", "1"), .file("gone", "1")]],
            [[.file("a", "1")], [.file("new", "1")]]
        )
        #expect(found.map { "\($0.kind) \($0.path) \($0.layer)" } == ["removed gone 0", "added new 1"])
    }

    @Test func namesEveryAttribute() async throws {
        let old = Member.file("x", "same")
        var new = old
        new.mode = 0o4755
        new.uid = 12
        new.gid = 34
        new.mtime = 0
        new.xattrs = ["user.a": [1, 2, 0xFF]]
        let found = try #require(try await difference([[old]], [[new]]).first)
        #expect(found.content == nil)
        #expect(
            found.fields == [
                FieldDifference("mode", "0644", "4755"), FieldDifference("owner", "0:0", "12:34"),
                // date --utc --date=@1700000000 +%FT%TZ
                FieldDifference("time", "2023-11-14T22:13:20Z", "1970-01-01T00:00:00Z"),
                FieldDifference("xattr user.a", nil, "0102ff"),
            ]
        )
    }

    @Test func namesTypesAndTargets() async throws {
        let found = try await difference(
            [[.link("a", to: "x"), .file("b", "")]],
            [[.link("a", to: "y\u{1B}[2J"), .directory("b")]]
        )
        #expect(found.first { $0.path == "a" }?.fields == [FieldDifference("target", "x", "y\\x1b[2J")])
        #expect(found.first { $0.path == "b" }?.fields.contains(FieldDifference("type", "file", "directory")) == true)
    }

    /// The offset is where cmp(1) finds it, which counts from 1.
    @Test(arguments: [(0, 10), (1_048_576, 1_048_600), (2_000_000, 2_000_001), (5, 5)])
    func findsTheFirstByteThatDiffers(_ offset: Int, _ size: Int) async throws {
        let old = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var new = old
        // Where all of it is equal, the longer one goes on.
        if offset < size { new[offset] ^= 0x40 } else { new.append(7) }
        let found = try #require(
            try await difference([[Member(path: "f", content: old)]], [[Member(path: "f", content: new)]]).first
        )
        #expect(found.content?.offset == offset)
        #expect(found.content?.before == .of(old))
        #expect(found.content?.after == .of(new))
        let directory = try TemporaryDirectory()
        try directory.write(old, to: "old")
        try directory.write(new, to: "new")
        let compared = try Tool.run("cmp", ["-l", "-n", "\(offset + 1)", directory.path("old"), directory.path("new")])
        if offset < size { #expect(compared.lines.first?.split(separator: " ").first == "\(offset + 1)") }
    }

    @Test func saysWhoseAFileIs() async throws {
        let list = "/.\n/usr\n/usr/bin/tool\n"
        let database: [Member] = [.file("var/lib/dpkg/info/tool:amd64.list", list)]
        let sums = Member.file(
            "var/lib/dpkg/status.d/other.md5sums",
            "d41d8cd98f00b204e9800998ecf8427e  usr/bin/other\n"
        )
        let found = try await difference(
            [database + [sums, .file("usr/bin/tool", "1"), .file("usr/bin/other", "1"), .file("etc/x", "1")]],
            [database + [sums, .file("usr/bin/tool", "2"), .file("usr/bin/other", "2"), .file("etc/x", "2")]]
        )
        #expect(
            found.map { "\($0.path) \($0.origin ?? "-")" } == [
                "etc/x -", "usr/bin/other package other", "usr/bin/tool package tool",
            ]
        )
    }

    @Test func readsApksDatabase() async throws {
        let database = Member.file(
            "lib/apk/db/installed",
            "C:Q1x\nP:busybox\nV:1.36-r1\nA:x86_64\no:busybox\nF:bin\nR:busybox\n\n"
        )
        let found = try await difference(
            [[database, .file("bin/busybox", "1")]],
            [[database, .file("bin/busybox", "2")]]
        )
        #expect(found.map(\.origin) == ["package busybox"])
    }

    /// image-spec 1.1.1, layer.md, "Whiteouts".
    @Test func whiteoutsHideWhatLiesBelow() async throws {
        let fixture = try ImageFixture()
        let lower: [Member] = [
            .directory("a"), .file("a/1", "1"), .directory("a/b"), .file("a/b/2", "2"), .directory("o"),
            .file("o/3", "3"),
            .file("kept", "k"), .directory("d"), .file("d/4", "4"),
        ]
        let upper: [Member] = [
            .directory("a"), .file("a/.wh.b", ""), .directory("o"), .file("o/5", "5"), .file("o/.wh..wh..opq", ""),
            .file("d", "a file now"),
        ]
        let image = try await fixture.open([ImageFixture.tar(lower), ImageFixture.tar(upper)])
        #expect(image.contents.sorted.map { "\($0.path)" } == ["a", "a/1", "d", "kept", "o", "o/5"])
        guard Tool.exists("umoci"), getuid() == 0 else { return }
        // The same by another program.
        let unpacked = fixture.directory.path("unpacked")
        let result = try Tool.run(
            "umoci",
            ["raw", "unpack", "--image", fixture.directory.path("image") + ":1", unpacked]
        )
        try #require(result.status == 0, "\(result.stderr)")
        let listed = try Tool.run("find", [".", "-mindepth", "1", "-printf", "%P\\n"], directory: unpacked)
        #expect(listed.lines.sorted() == image.contents.sorted.map { "\($0.path)" })
    }

    @Test func quadraticWhiteoutsEnd() async throws {
        let count = 20_000
        let lower = (0..<count).map { Member.file("f\($0)", "") }
        let upper = (0..<count).map { Member.file(".wh.f\($0)", "") }
        let image = try await ImageFixture().open([ImageFixture.tar(lower), ImageFixture.tar(upper)])
        #expect(image.contents.entries.isEmpty)
    }

    // MARK: Hostile layers

    @Test func refusesAPathTwice() async throws {
        let tar = try ImageFixture.tar([.file("a", "1"), .file("./a", "2")])
        await #expect(throws: OCIError.self) { try await ImageFixture().open([tar]) }
    }

    @Test(arguments: ["../x", "a/../../x", "/../x"])
    func refusesPathsThatClimbOut(_ path: String) async throws {
        let tar = try ImageFixture.tar([.file(path, "1")])
        let error = await #expect(throws: OCIError.self) { try await ImageFixture().open([tar]) }
        #expect(error?.kind == .malformed)
    }

    @Test func refusesALyingDiffID() async throws {
        let tar = try ImageFixture.tar([.file("a", "1")])
        let error = await #expect(throws: OCIError.self) {
            try await ImageFixture().open([tar], diffIDs: [.of("another")])
        }
        #expect(error?.kind == .mismatch)
    }

    @Test func refusesTooManyDiffIDs() async throws {
        let tar = try ImageFixture.tar([.file("a", "1")])
        await #expect(throws: OCIError.self) { try await ImageFixture().open([tar], diffIDs: [.of(tar), .of(tar)]) }
    }

    /// The bound is on all layers together.
    @Test func refusesABomb() async throws {
        var limits = ImageLimits()
        limits.unpacked = 1 << 20
        // 64 MiB of zeros, which gzip makes 64 kB of.
        let zeros = [UInt8](repeating: 0, count: 64 << 20)
        let bomb = try Tool.run("gzip", ["-9", "-n"], input: zeros).stdout
        #expect(bomb.count < 100_000)
        let error = await #expect(throws: OCIError.self) {
            try await ImageFixture().open([bomb], diffIDs: [.of(zeros)], limits: limits)
        }
        #expect(error?.kind == .tooLarge)
        let tar = try ImageFixture.tar([Member(path: "a", content: [UInt8](repeating: 1, count: 600 << 10))])
        let other = try ImageFixture.tar([Member(path: "b", content: [UInt8](repeating: 1, count: 600 << 10))])
        _ = try await ImageFixture().open([tar], limits: limits)
        await #expect(throws: OCIError.self) { try await ImageFixture().open([tar, other], limits: limits) }
    }

    @Test func refusesLinksToNowhere() async throws {
        var link = Member.file("a", "")
        link.kind = .hardLink(Array("absent".utf8))
        let tar = try ImageFixture.tar([link])
        await #expect(throws: OCIError.self) { try await ImageFixture().open([tar]) }
    }
}
