// SPDX-License-Identifier: Apache-2.0

import Archives
import Cryptography
import FileTree
import Images
import OCI
import Synchronization
import TestSupport
import Testing

/// What is read of layers, and what hostile ones can make the reader do.
@Suite struct ImageContentsTests {
    private typealias Member = ImageFixture.Member

    private static let status = "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n"

    private func open(
        _ layers: [[Member]],
        _ change: (inout ImageLimits) -> Void = { _ in },
        keeps: (TreePath) -> Bool = { PackageDatabase.holds($0) }
    ) async throws -> ImageContents {
        var limits = ImageLimits()
        change(&limits)
        return try await ImageFixture().open(layers.map(ImageFixture.tar), limits: limits, keeps: keeps).contents
    }

    private func member(_ path: String, _ kind: ArchiveEntry.Kind) -> Member {
        var member = Member.file(path, "")
        member.kind = kind
        return member
    }

    // MARK: Digests

    /// A diff ID is over the whole layer, what follows the end of its tar included (image-spec 1.1.1, config.md, "Layer DiffID").
    @Test func hashesWhatFollowsTheEndOfTheTar() async throws {
        let tar = try ImageFixture.tar([.file("a", "1")])
        let longer = tar + [UInt8](repeating: 7, count: 3 << 20)
        let image = try await ImageFixture().open([longer])
        #expect(image.contents.entries.count == 1)
        let error = await #expect(throws: OCIError.self) {
            try await ImageFixture().open([longer], diffIDs: [.of(tar)])
        }
        #expect(error?.kind == .mismatch)
    }

    /// What comes out of a layer is the tar, and is not unpacked again: `gzip` is a file's content here, not a filter's.
    @Test(.enabled(if: Tool.exists("gzip"), "gzip is not installed"), arguments: [0, 1])
    func readsCompressedLayers(_ extra: Int) async throws {
        let tar = try ImageFixture.tar([.file("a", "1"), .file("b", "2")]) + [UInt8](repeating: 0, count: 512 * extra)
        let layer = try Tool.run("gzip", ["-n"], input: tar).stdout
        let image = try await ImageFixture().open([layer], diffIDs: [.of(tar)])
        #expect(image.contents.sorted.map { "\($0.path)" } == ["a", "b"])
    }

    // MARK: Bounds

    /// Sizes that descriptors state are judged before anything is fetched.
    @Test(arguments: [[17 << 30], [9 << 30, 9 << 30], [1, Int.max, Int.max]])
    func refusesLayersByTheirStatedSizes(_ sizes: [Int]) async throws {
        let source = NothingSource()
        let layers = sizes.enumerated().map { number, size in
            Descriptor(mediaType: MediaType.layerGzip, digest: .of("\(number)"), size: size)
        }
        let configuration = ImageConfiguration(
            platform: ImagePlatform(architecture: "amd64"),
            created: 0,
            diffIDs: layers.map(\.digest)
        )
        let error = await #expect(throws: OCIError.self) {
            try await ImageContents(layers: layers, configuration: configuration, source: source) { _ in false }
        }
        #expect(error?.kind == .tooLarge)
        #expect(source.asked.withLock { $0 } == 0)
    }

    @Test func boundsWhatIsKept() async throws {
        func files(_ count: Int, _ size: Int) -> [Member] {
            (0..<count).map { Member.file("var/lib/dpkg/status.d/p\($0)", String(repeating: "x", count: size)) }
        }
        #expect(try await open([files(4, 250)]) { $0.kept = 1000 }.documents.count == 4)
        let error = await #expect(throws: OCIError.self) { try await open([files(5, 250)]) { $0.kept = 1000 } }
        #expect(error?.kind == .tooLarge)
        // What takes the place of another is not counted with it.
        let layers = (0..<5).map { _ in files(1, 250) }
        #expect(try await open(layers) { $0.kept = 500 }.documents.count == 1)
        let large = await #expect(throws: OCIError.self) { try await open([files(1, 11)]) { $0.file = 10 } }
        #expect(large?.kind == .tooLarge)
    }

    /// Names cost memory, and deep ones the time of all their directories.
    @Test func boundsNames() async throws {
        let deep = Array(repeating: "d", count: 256).joined(separator: "/")
        #expect(try await open([[.file(deep, "")], [.file(".wh.x", "")]]).entries.count == 1)
        for (members, change) in [
            ([Member.file("d/" + deep, "")], { _ in }), ([.file("a", ""), .file("b", "")], { $0.entries = 1 }),
            ([.file("0123456789", "")], { $0.names = 9 }), ([.link("a", to: "0123456789")], { $0.names = 10 }),
        ] as [([Member], (inout ImageLimits) -> Void)] {
            let error = await #expect(throws: OCIError.self) { try await open([members], change) }
            #expect(error?.kind == .tooLarge)
        }
        // All layers together.
        let error = await #expect(throws: OCIError.self) {
            try await open([[.file("a", "")], [.file("b", "")]]) { $0.entries = 1 }
        }
        #expect(error?.kind == .tooLarge)
    }

    // MARK: Layers over each other

    @Test func hidesWhatLiesBelowWhatIsNoDirectory() async throws {
        func names(_ layers: [[Member]]) async throws -> [String] { try await open(layers).sorted.map { "\($0.path)" } }
        // Without an entry for the directory; and with a directory again, which is a new one.
        #expect(try await names([[.file("a/b/1", ""), .file("a-b", "")], [.file("a", "")]]) == ["a", "a-b"])
        #expect(
            try await names([[.file("a/1", "")], [.link("a", to: "x")], [.directory("a"), .file("a/2", "")]]) == [
                "a", "a/2",
            ]
        )
        #expect(
            try await names([[.file("a/1", ""), .file("b/2", "")], [.file(".wh..wh..opq", ""), .file("c", "")]]) == [
                "c"
            ]
        )
        // A whiteout is of what was there, and not of what comes later.
        #expect(try await names([[.file("a/1", "")], [.file(".wh.a", "")], [.file("a/2", "")]]) == ["a/2"])
    }

    @Test func linksToWhatIsHiddenLeadNowhere() async throws {
        let link = member("l", .hardLink(Array("a/1".utf8)))
        let kept = try await open([[.file("a/1", "x")], [link]])
        #expect(kept.entries["l"]?.kind == kept.entries["a/1"]?.kind)
        await #expect(throws: OCIError.self) { try await open([[.file("a/1", "x")], [.file(".wh.a", "")], [link]]) }
        await #expect(throws: OCIError.self) { try await open([[.file("a/1", "x")], [.file("a", "")], [link]]) }
    }

    // MARK: Package databases

    @Test func aDatabaseIsTheUppermostOne() async throws {
        let path = "var/lib/dpkg/status"
        let newer = Self.status.replacing("Version: 1", with: "Version: 2")
        let image = try await open([[.file(path, Self.status)], [.file(path, newer)]])
        #expect(try PackageDatabase(image).entries.map(\.version) == ["2"])
        let gone = try await open([[.file(path, Self.status)], [.file("var/lib/dpkg/.wh.status", "")]])
        #expect(try PackageDatabase(gone).place == nil)
        #expect(gone.documents.isEmpty)
        // Another name of a database is one, too.
        let link = member("lib/apk/db/installed", .hardLink(Array("usr/lib/apk/db/installed".utf8)))
        let linked = try await open([[.file("usr/lib/apk/db/installed", "P:a\nV:1\nA:x\n"), link]])
        #expect(try PackageDatabase(linked).entries.count == 1)
        // Where /lib is a link, it is one file.
        let merged = try await open([
            [.link("lib", to: "usr/lib"), .file("usr/lib/apk/db/installed", "P:a\nV:1\nA:x\n")]
        ])
        #expect(try PackageDatabase(merged).entries.count == 1)
    }

    /// What programs see there is something else than the file of the lower layer, or than nothing.
    @Test(
        arguments: [
            [Member.link("var/lib/dpkg/status", to: "/opt/status")], [.directory("var/lib/dpkg/status")],
            [
                .file("opt/status", "x"),
                ImageFixture.Member(path: "var/lib/dpkg/status", kind: .hardLink(Array("opt/status".utf8))),
            ],
            [.link("var/lib/dpkg", to: "../../opt/dpkg"), .file("opt/dpkg/status", "x")],
            [.link("var/lib/dpkg", to: "/opt"), .file("var/lib/dpkg/status", "x")],
            [.link("lib/apk/db/installed", to: "installed")],
            [.link("var/lib/dpkg/status.d", to: "/opt/d"), .file("opt/d/a", "x")],
            [.link("var/lib/dpkg/status.d/a", to: "/opt/d")],
        ] as [[ImageFixture.Member]]
    )
    func aDatabaseThatIsNotReadIsNone(_ upper: [ImageFixture.Member]) async throws {
        for lower in [[Member.file("var/lib/dpkg/status", Self.status)], [.file("x", "")]] {
            let image = try await open([lower, upper])
            let error = #expect(throws: OCIError.self) { try PackageDatabase(image) }
            #expect(error?.kind == .malformed)
        }
    }
}

/// A source that has nothing, and counts who asks.
private final class NothingSource: ImageSource {
    let asked = Mutex(0)
    let name = "nothing"
    private func refuse() throws -> Never {
        asked.withLock { $0 += 1 }
        throw OCIError(.missing, name, "it has nothing")
    }
    func root() async throws -> Descriptor { try refuse() }
    func tags(of root: Descriptor) async throws -> [String] { try refuse() }
    func document(_ descriptor: Descriptor) async throws -> [UInt8] { try refuse() }
    func blob(_ descriptor: Descriptor) async throws -> [UInt8] { try refuse() }
    func file(_ blob: Descriptor) async throws -> String { try refuse() }
    func referrers(of digest: Digest) async throws -> [Descriptor] { try refuse() }
    func tagged(_ tag: String) async throws -> Descriptor? { try refuse() }
}
