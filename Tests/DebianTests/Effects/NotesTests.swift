// SPDX-License-Identifier: Apache-2.0

import Debian
import FileTree
import Packages
import Testing

@Suite struct NotesTests {
    @Test func aShellOrPackageManagerThatNobodyAskedForIsNamed() throws {
        let packages = [FakePackage(name: "python3-minimal"), FakePackage(name: "dpkg"), FakePackage(name: "dash")]
        func notes(_ variant: Installation.Variant, _ requested: [String]?) throws -> [String] {
            try packages.assemble(variant, requested: requested).notes
        }
        let found = try notes(.runtime, ["python3-minimal", "dash"])
        #expect(found.count == 1)
        #expect(found.first?.contains("'!dpkg' leaves it out") == true)
        #expect(try notes(.runtime, ["dpkg", "dash"]).isEmpty)
        #expect(try notes(.dev, []).isEmpty)
        #expect(try notes(.runtime, nil).isEmpty)
    }

    @Test func aLicenceThatIsElsewhereIsMissed() throws {
        let linked = FakePackage(name: "libgcc-s1", files: [("usr/share/doc/libgcc-s1", "-> gcc-14-base")])
        let base = FakePackage(name: "gcc-14-base", files: [("usr/share/doc/gcc-14-base/copyright", "GPL")])
        #expect(try [linked].assemble(.runtime).notes.contains { $0.contains("copyright file is in gcc-14-base") })
        #expect(try [linked, base].assemble(.runtime).notes.isEmpty)
    }
}
