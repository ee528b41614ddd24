// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Fetching
import Foundation
import TestSupport
import Testing

/// What the store remembers of the standards never shows in an image's evidence, and never stands for another image.
@Suite(.enabled(if: FakeSigningKey.isAvailable && Tool.exists("openssl"), "gpg, gpgv or openssl is not installed"))
struct RememberedStandardsTests {
    /// The digests of the lists of attestations, which every rebuild repeats.
    private func attestations(_ image: JSON) throws -> [String] {
        let layout = try #require(image["layout"]?.text)
        let index = try JSON(parsing: try Files.read(layout + "/index.json", limit: 1 << 20))
        return (index["manifests"]?.elements ?? []).filter {
            $0["annotations"]?["org.opencontainers.image.ref.name"]?.text?.hasSuffix(".att") == true
        }
        .compactMap { $0["digest"]?.text }
    }

    /// The checks that failed on any platform.
    private func failed(_ image: JSON) -> Set<String> {
        Set(
            (image["checks"]?.elements ?? []).filter { $0["outcome"]?.text == "failed" }.compactMap { $0["name"]?.text }
        )
    }

    private static let forms = ["facts-", "standards-"]

    private func remembered(_ world: EndToEnd) -> [String] {
        world.directory.files(below: "store/derived").filter { name in Self.forms.contains { name.hasPrefix($0) } }
    }

    @Test(arguments: EndToEnd.Family.allCases)
    func coldWarmAndDamagedStoresGiveTheSameEvidence(_ family: EndToEnd.Family) throws {
        let world = try family.world()
        let cold = try attestations(try world.build(output: "cold"))
        #expect(cold.count > 1)
        let kept = remembered(world)
        for form in Self.forms { #expect(kept.contains { $0.hasPrefix(form) }, "\(form)") }
        #expect(try attestations(try world.build(output: "warm")) == cold)
        #expect(remembered(world) == kept)

        for name in kept {
            let path = world.directory.path("store/derived/" + name)
            var bytes = try Files.read(path, limit: 1 << 24)
            bytes[bytes.count - 1] ^= 1
            Files.remove(path)
            let file = try OpenFile.creating(path)
            try file.write(bytes)
            try file.seal()
        }
        #expect(try attestations(try world.build(output: "damaged")) == cold)
        #expect(remembered(world) == kept)
    }

    @Test func aChangedImageIsCheckedAnew() throws {
        let world = try EndToEnd()
        #expect(failed(try world.build()) == [])
        let changed = EndToEnd.definition.replacing(
            "paths:\n",
            with: "paths:\n  - {type: file, path: /etc/machine-id, content: \"0123456789abcdef0123456789abcdef\\n\"}\n"
        )
        try world.writeProject(changed)
        #expect(failed(try world.build()) == ["no-machine-identity"])
        try world.writeProject(EndToEnd.definition)
        #expect(failed(try world.build()) == [])
        // What only the configuration says, and what only the command line asks.
        try world.writeProject(EndToEnd.definition.replacing("cmd: [/usr/bin/hello]", with: "cmd: [/usr/bin/gone]"))
        #expect(failed(try world.build()) == ["configuration"])
        try world.writeProject(EndToEnd.definition)
        #expect(throws: EndToEnd.Failed.self) { try world.build(["--max-size", "10B"]) }
        #expect(failed(try world.build(["--max-size", "10MB"])) == [])
    }

    @Test func aChangedPackageIsReadAnew() throws {
        let world = try EndToEnd()
        #expect(failed(try world.build()) == [])
        let key = try Tool.run("openssl", ["genpkey", "-algorithm", "ED25519"]).text
        var packages = EndToEnd.packages
        packages[1] = FakeDebianPackage("libhello", "1.5-2", files: ["usr/lib/libhello.so.1": .text(key)])
        let other = try EndToEnd(packages: packages)
        let image = try other.build(environment: ["BASALT_STORE": world.directory.path("store")])
        #expect(failed(image) == ["no-private-keys"])
    }
}
