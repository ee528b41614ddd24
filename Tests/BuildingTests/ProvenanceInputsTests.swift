// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Foundation
import TestSupport
import Testing

/// What the provenance of a built image says it was made from.
@Suite(.enabled(if: FakeSigningKey.isAvailable && Tool.exists("openssl"), "gpg, gpgv or openssl is not installed"))
struct ProvenanceInputsTests {
    private func dependencies(_ world: EndToEnd) throws -> [JSON] {
        let layout = try #require(try world.build()["layout"]?.text)
        let predicate = try JSON(parsing: try world.run(["provenance", layout]).stdout)
        return try #require(predicate["buildDefinition"]?["resolvedDependencies"]?.elements)
    }

    /// gpg says which key it was.
    @Test func aDebianArchivesKeyIsNamedByItsFingerprint() throws {
        let keys = try dependencies(EndToEnd()).filter { $0["uri"]?.text?.hasPrefix("openpgp4fpr:") == true }
        #expect(keys.map { $0["uri"]?.text } == ["openpgp4fpr:" + (try FakeSigningKey.shared().fingerprint)])
    }

    /// sha256sum says which file it was.
    @Test func anAlpineRepositorysKeyIsNamedByItsDigest() throws {
        let world = try EndToEnd.alpine()
        let dependencies = try dependencies(world)
        let sum = try Tool.run("sha256sum", [world.directory.path("mirror/alpine/keys/test.rsa.pub")])
        let keys = dependencies.filter { $0["name"]?.text == "key test.rsa.pub" }
        #expect(keys.map { $0["digest"]?["sha256"]?.text } == [String(sum.text.prefix(64))])
    }
}
