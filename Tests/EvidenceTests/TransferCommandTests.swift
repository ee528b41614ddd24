// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Fetching
internal import Foundation
internal import OCI
internal import TestSupport
internal import Testing

/// Commands that read and move images, as users run them.
@Suite("Images and their names on the command line")
struct TransferCommandTests {
    private let directory: EvidenceTests.TemporaryDirectory

    init() throws { directory = try EvidenceTests.TemporaryDirectory() }

    private func run(_ arguments: [String]) throws -> Tool.Output {
        let environment = ["BASALT_STORE": directory.path + "/store", "HOME": directory.path]
        return try Basalt.run(arguments, environment: environment, directory: directory.path)
    }

    /// A directory that happens to have the name of a registry and its repository.
    @Test func pushAndPullKnowWhichIsWhich() async throws {
        let registry = try FakeRegistry()
        defer { registry.stop() }
        let bench = try await Workbench.make()
        try bench.draft.write(to: directory.path + "/img")
        let namesake = "\(registry.host)/lab/img"
        try FileManager.default.createDirectory(
            atPath: "\(directory.path)/\(namesake)",
            withIntermediateDirectories: true
        )
        let pushed = try run(["push", "img:1.0.0", namesake + ":1.0.0", "--plain-http"])
        #expect(pushed.status == 0, "\(pushed.stderr)")
        let blobs = registry.log.count { $0.hasPrefix("blob ") }
        #expect(pushed.stderr.split(separator: "\n").count { $0.hasPrefix("  sent sha256:") } == blobs)
        #expect(!pushed.stderr.contains("fetched"))
        #expect(registry.repository("lab/img").tags["1.0.0"] == bench.index.digest.description)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/\(namesake)").isEmpty)

        let other = try EvidenceFixture.draft("another").draft
        try other.write(to: "\(directory.path)/\(namesake)")
        let pulled = try run(["pull", namesake + ":1.0.0", "pulled:1.0.0", "--plain-http", "-q"])
        #expect(pulled.status == 0, "\(pulled.stderr)")
        let root = try await LayoutSource(directory: directory.path + "/pulled", tag: "1.0.0").root()
        #expect(root.digest == bench.index.digest)

        // What cannot be meant is said at once.
        #expect(try run(["push", "img:1.0.0", "pulled"]).status == 2)
        #expect(try run(["pull", "img", "x"]).status == 2)
        #expect(try run(["push", namesake + "-none:1.0.0", namesake + ":1"]).status == 3)
    }

    /// The same damage is wrong input to those who read an image, and the answer to those who were asked about it.
    @Test func whatADamagedImageMeansDependsOnTheQuestion() async throws {
        let bench = try await Workbench.make()
        try bench.draft.write(to: directory.path + "/whole")
        try bench.draft.write(to: directory.path + "/img")
        let key = try directory.write(EvidenceFixture.key().publicKey.pem, to: "k.pub")
        let manifest = bench.members[0].0.digest
        try FileManager.default.removeItem(atPath: "\(directory.path)/img/blobs/sha256/\(manifest.hex)")
        for arguments in [
            ["inspect", "img:1.0.0"], ["diff", "whole:1.0.0", "img:1.0.0"], ["copy", "img:1.0.0", "./new"],
        ] {
            let said = try run(arguments)
            #expect(said.status == 3 && said.stderr.contains(manifest.description), "\(arguments): \(said.stderr)")
        }
        let verified = try run(["verify", "img:1.0.0", "--key", key, "--repository", EvidenceFixture.repository])
        #expect(verified.status == 1)
        // Advice is part of the line.
        #expect(!verified.text.contains("\\x0a"), "\(verified.text)")
        #expect(try run(["build", "x.yaml", "--mirror", "nonsense"]).status == 2)
        #expect(try run(["build", "x.yaml", "--keys", "nowhere"]).status == 2)
    }

    /// A document that was cut short must not pass for the whole.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full"))
    func whatCannotBePrintedIsAnError() async throws {
        let bench = try await Workbench.make()
        try bench.draft.write(to: directory.path + "/img")
        let script = "\"$1\" sbom img:1.0.0 > /dev/full"
        let said = try Tool.run("sh", ["-c", script, "sh", Basalt.path], directory: directory.path)
        #expect(said.status == 3 && said.stderr.contains("cannot be written"), "\(said.stderr)")
    }

    /// An answer is no whether or not somebody reads why.
    @Test func whoStopsReadingDoesNotChangeTheAnswer() async throws {
        let bench = try await Workbench.make()
        try bench.draft.write(to: directory.path + "/img")
        let other = try directory.write(PrivateKey.generate().publicKey.pem, to: "other.pub")
        let own = try directory.write(EvidenceFixture.key().publicKey.pem, to: "own.pub")
        // A pipe whose reader has ended before the program begins.
        let script = "mkfifo gone; : < gone & exec 3> gone; wait; rm gone; exec \"$@\" >&3"
        for (key, status) in [(other, 1), (own, 0)] as [(String, Int32)] {
            let command = [
                "verify", "img:1.0.0", "--key", key, "--repository", EvidenceFixture.repository, "--format", "json",
            ]
            let said = try Tool.run("sh", ["-c", script, "sh", Basalt.path] + command, directory: directory.path)
            #expect(said.status == status && said.stdout.isEmpty, "\(said.stderr)")
        }
    }

    @Test func vexCheckReadsFromARegistryWithoutTLS() async throws {
        let registry = try FakeRegistry()
        defer { registry.stop() }
        let bench = try await Workbench.make()
        try bench.draft.write(to: directory.path + "/img")
        #expect(try run(["push", "img:1.0.0", "\(registry.host)/lab/img:1.0.0", "--plain-http", "-q"]).status == 0)
        let checked = try run(["vex", "check", "\(registry.host)/lab/img:1.0.0", "--plain-http"])
        #expect(checked.status == 0 && checked.text.contains("0 errors"), "\(checked.stderr)")
    }

    /// Whoever makes an image must not be able to write on the terminal of whoever looks at it.
    @Test func anImageCannotSteerTheTerminal() throws {
        let escape = "\u{1B}]0;owned\u{7}\u{1B}[2J\u{9B}1A"
        var draft = LayoutDraft()
        let layer = draft.add(TarFixture.archive([("a", "b")]), mediaType: "application/vnd.oci.image.layer.v1.tar")
        var configuration = ImageConfiguration(
            platform: ImagePlatform(architecture: "amd64" + escape),
            created: 0,
            diffIDs: [layer.digest]
        )
        configuration.user = "root" + escape
        configuration.entrypoint = ["/bin/" + escape]
        let manifest = draft.add(image: configuration, layers: [layer])
        draft.list(draft.add(index: [manifest]), tag: "1.0" + escape)
        try draft.write(to: directory.path + "/img")
        let trusted = try directory.write(EvidenceFixture.key().publicKey.pem, to: "k.pub")
        for arguments in [
            ["inspect", "img"], ["verify", "img", "--key", trusted], ["test", "img", "--standards-only"],
            ["inspect", "img:none"], ["sbom", "img"],
        ] {
            let said = try run(arguments)
            let text = said.text + said.stderr
            #expect(!text.isEmpty && !text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" }, "\(arguments)")
        }
        let inspected = try run(["inspect", "img"]).text
        #expect(inspected.contains("user        root\\x1b]0;owned\\x07\\x1b[2J\\x9b1A"))
    }

    /// A pair is made whole or not at all.
    @Test(arguments: [".key", ".pub"])
    func halfAPairIsNotMade(_ suffix: String) throws {
        _ = try directory.write("another's", to: "k\(suffix)")
        let said = try run(["key", "generate", "--no-password", "--output", directory.path + "/k"])
        #expect(said.status == 3)
        #expect(said.stderr.contains("k\(suffix)") && said.stderr.contains("hint:"), "\(said.stderr)")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasPrefix("k.") }
        #expect(names == ["k\(suffix)"])
        #expect(try String(contentsOfFile: "\(directory.path)/k\(suffix)", encoding: .utf8) == "another's")
    }
}
