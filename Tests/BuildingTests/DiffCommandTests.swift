// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Foundation
import TestSupport
import Testing

/// `basalt diff` on locks, images and bills of materials that the program made.
@Suite(.enabled(if: FakeSigningKey.isAvailable && Tool.exists("openssl"), "gpg, gpgv or openssl is not installed"))
struct DiffCommandTests {
    /// Two releases of one image: a package is newer, one is gone and one is new; the user and the environment are others.
    private func releases() throws -> EndToEnd {
        let world = try EndToEnd()
        _ = try world.build(output: "old")
        var packages = EndToEnd.packages
        packages[1] = FakeDebianPackage(
            "libhello",
            "1.10-1",
            files: ["usr/lib/libhello.so.1": .text("really another\n")]
        )
        packages[2] = FakeDebianPackage("extra", "1.0-1", architecture: "all", files: ["usr/share/extra": .text("x\n")])
        packages[0] = FakeDebianPackage("hello", "1:2.0-1", depends: "libhello (>= 1), extra", files: packages[0].files)
        let key = try FakeSigningKey.shared()
        let repository = FakeDebianRepository(suite: "trixie", packages: packages)
        try FileManager.default.removeItem(atPath: world.directory.path("mirror/debian/dists/trixie"))
        try repository.write(to: world.directory.path("mirror/debian"), signedBy: [key])
        let definition = EndToEnd.definition.replacing("cmd: [", with: "environment: {LANG: C.UTF-8}\ncmd: [")
        try world.directory.write(Array(definition.utf8), to: "project/image/hello/1.yaml")
        _ = try world.build(store: "second", output: "new")
        return world
    }

    private func diff(_ world: EndToEnd, _ a: String, _ b: String, _ more: [String] = []) throws -> Tool.Output {
        try world.run(["diff", world.directory.path(a), world.directory.path(b)] + more)
    }

    @Test func aMaintainerSeesWhatChanged() throws {
        let world = try releases()
        let same = try diff(world, "old/hello/1", "old/hello/1")
        #expect(same.status == 0)
        let result = try diff(world, "old/hello/1", "new/hello/1", ["--format", "json", "--files"])
        #expect(result.status == 1, "\(result.stderr)")
        let json = try JSON(parsing: result.stdout)
        #expect(json["equal"]?.boolean == false)
        #expect(json["platforms"]?.elements?.count == 2)
        let platform = try #require(json["platforms"]?[0])
        let packages = (platform["packages"]?.elements ?? []).map {
            [$0["change"], $0["name"], $0["before"], $0["after"]].map { $0?.text ?? "-" }.joined(separator: " ")
        }
        #expect(
            packages == ["added extra - 1.0-1", "upgraded libhello 1.5-2 1.10-1", "removed missing 1.0-1 -"]
        )
        let fields = (platform["configuration"]?.elements ?? []).compactMap { $0["field"]?.text }
        #expect(fields.contains("environment LANG"))
        let files = (platform["files"]?.elements ?? []).compactMap { $0["path"]?.text }
        #expect(files.contains("usr/share/extra") && files.contains("usr/share/missing/x"))
        let library = platform["files"]?.elements?.first { $0["path"]?.text == "usr/lib/libhello.so.1" }
        // "not really a library" and "really another" differ at once.
        #expect(library?["content"]?["firstDifference"]?.int == 0)
        #expect(library?["content"]?["sizeAfter"]?.int == 15)

        let back = try JSON(parsing: try diff(world, "new/hello/1", "old/hello/1", ["--format", "json"]).stdout)
        let kinds = (back["platforms"]?[0]?["packages"]?.elements ?? []).compactMap { $0["change"]?.text }
        #expect(kinds == ["removed", "downgraded", "added"])
    }

    @Test func locksAndImagesAreComparedByPackages() throws {
        let world = try releases()
        let locks = try diff(world, "old/hello/1.lock.json", "new/hello/1.lock.json", ["--format", "markdown"])
        #expect(locks.status == 1)
        #expect(locks.text.contains("! upgraded libhello  1.5-2 -> 1.10-1"))
        #expect(try diff(world, "old/hello/1.lock.json", "old/hello/1.lock.json").status == 0)
        // An image has what its lock says.
        let own = try diff(world, "old/hello/1.lock.json", "old/hello/1")
        #expect(own.status == 0, "\(own.text)")
        #expect(try diff(world, "old/hello/1.lock.json", "new/hello/1").status == 1)
    }

    @Test func billsAreComparedInBothFormats() throws {
        let world = try releases()
        for (name, side, type) in [("a", "old", "spdx"), ("b", "old", "cyclonedx"), ("c", "new", "spdx")] {
            let bill = try world.run(["sbom", world.directory.path("\(side)/hello/1"), "--type", type])
            try #require(bill.status == 0, "\(bill.stderr)")
            try world.directory.write(bill.stdout, to: "\(name).json")
        }
        #expect(try diff(world, "a.json", "a.json").status == 0)
        let formats = try diff(world, "a.json", "b.json")
        #expect(formats.status == 0, "\(formats.text)")
        let found = try diff(world, "a.json", "c.json")
        #expect(found.status == 1)
        #expect(found.text.contains("upgraded libhello"))
    }

    @Test func whatCannotBeComparedIsSaid() throws {
        let world = try releases()
        let bill = try world.run(["sbom", world.directory.path("old/hello/1")])
        try world.directory.write(bill.stdout, to: "a.json")
        #expect(try diff(world, "a.json", "old/hello/1").status == 2)
        try world.directory.write(Array("not JSON".utf8), to: "text")
        #expect(try diff(world, "text", "old/hello/1").status == 3)
        #expect(try world.run(["diff", "/nonexistent/layout", world.directory.path("old/hello/1")]).status == 3)
    }
}
