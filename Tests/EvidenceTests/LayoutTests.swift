// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Foundation
internal import OCI
internal import Testing

@Suite("Layouts")
struct LayoutTests {
    @Test func readsWhatItWrites() throws {
        let directory = try TemporaryDirectory()
        let (draft, members, index) = try EvidenceFixture.draft()
        let target = directory.path + "/a/b/img"
        try draft.write(to: target)
        let layout = try Layout(directory: target)
        #expect(layout.tags == ["1.0.0"])
        #expect(try layout.resolve(nil).digest == index.digest)
        #expect(try layout.resolve("1.0.0").digest == index.digest)
        #expect(throws: OCIError.self) { try layout.resolve("2") }
        let read = try layout.imageIndex(layout.resolve("1.0.0"))
        #expect(read.images == members.map(\.0))
        for image in read.images {
            let manifest = try layout.manifest(image)
            let configuration = try ImageConfiguration(parsing: layout.blob(manifest.config), name: "config")
            #expect(configuration.platform == image.platform)
            #expect(configuration.user == "65532:65532")
            #expect(configuration.created == EvidenceFixture.epoch)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/a/b") == ["img"])
    }

    @Test func refusesChangedContent() throws {
        let directory = try TemporaryDirectory()
        let (draft, members, _) = try EvidenceFixture.draft()
        try draft.write(to: directory.path + "/img")
        let layout = try Layout(directory: directory.path + "/img")
        let descriptor = members[0].0
        let path = layout.path(of: descriptor.digest)
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes[10] ^= 1
        try bytes.write(to: URL(filePath: path))
        #expect(throws: OCIError.self) { try layout.blob(descriptor) }
        try bytes.dropLast().write(to: URL(filePath: path))
        #expect(throws: OCIError.self) { try layout.blob(descriptor) }
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: OCIError.self) { try layout.blob(descriptor) }
    }

    /// A FIFO would wait for a writer, a device go on for ever.
    @Test func refusesWhatIsNoFile() async throws {
        let directory = try TemporaryDirectory()
        let (draft, members, _) = try EvidenceFixture.draft()
        try draft.write(to: directory.path + "/img")
        let source = try LayoutSource(directory: directory.path + "/img", tag: nil)
        let path = directory.path + "/img/blobs/sha256/" + members[0].0.digest.hex
        for make in [{ mkfifo($0, 0o600) }, { symlink("/dev/zero", $0) }] as [(String) -> Int32] {
            try FileManager.default.removeItem(atPath: path)
            try #require(make(path) == 0)
            await #expect(throws: OCIError.self) { try await source.blob(members[0].0) }
            await #expect(throws: OCIError.self) { try await source.file(members[0].0) }
        }
        let index = directory.path + "/img/index.json"
        try FileManager.default.removeItem(atPath: index)
        try #require(mkfifo(index, 0o600) == 0)
        #expect(throws: OCIError.self) { try Layout(directory: directory.path + "/img") }
    }

    @Test func replacesALayoutButNothingElse() throws {
        let directory = try TemporaryDirectory()
        let target = directory.path + "/img"
        let (draft, _, index) = try EvidenceFixture.draft()
        var old = LayoutDraft()
        let orphan = old.add(Array("old".utf8), mediaType: "text/plain")
        try old.write(to: target)
        try draft.write(to: target)
        #expect(try Layout(directory: target).resolve(nil).digest == index.digest)
        #expect(!FileManager.default.fileExists(atPath: target + "/blobs/sha256/" + orphan.digest.hex))

        let other = directory.path + "/mine"
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
        try Data("precious".utf8).write(to: URL(filePath: other + "/file"))
        #expect(throws: OCIError.self) { try draft.write(to: other) }
        #expect(try String(contentsOfFile: other + "/file", encoding: .utf8) == "precious")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["img", "mine"])
    }

    @Test func leavesNothingBehindWhenALayerIsMissing() throws {
        let directory = try TemporaryDirectory()
        var (draft, _, _) = try EvidenceFixture.draft()
        draft.add(
            file: directory.path + "/no-such-layer",
            descriptor: Descriptor(mediaType: MediaType.layerGzip, digest: .of("x"), size: 1)
        )
        let target = directory.path + "/img"
        #expect(throws: OCIError.self) { try draft.write(to: target) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }

    @Test func clearsAwayWhatAKilledRunLeft() throws {
        let directory = try TemporaryDirectory()
        // No process has this id: Linux's highest is 4194304.
        let left = directory.path + "/.img.partial-99999999"
        try FileManager.default.createDirectory(atPath: left + "/blobs", withIntermediateDirectories: true)
        try EvidenceFixture.draft().draft.write(to: directory.path + "/img")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["img"])
    }
}
