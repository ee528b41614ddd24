// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Debian
import FileTree
import Packages
import Testing

@Suite struct DatabaseTests {
    private let package = FakePackage(
        name: "p",
        version: "2:1.0-1",
        architecture: "amd64",
        fields: [
            "Depends: libc6", "Multi-Arch: same", "Section: libs", "Description: a thing ", " more", "X-Own: 1",
            "Maintainer: M <m@example.org>",
        ],
        files: [("etc/", ""), ("etc/p.conf", "v\n"), ("usr/share/doc/p/README", "r"), ("usr/lib/p", "x")],
        members: [
            "conffiles": "/etc/p.conf\nremove-on-upgrade /etc/old.conf\n",
            "md5sums":
                "9dd4e461268c8034f5c8564e155c67a6  usr/lib/p\n4b43b0aee35624cd95b910189b3dc231  usr/share/doc/p/README\n",
            "triggers": "interest-noawait /usr/lib/q\ninterest p-trigger\nactivate-noawait ldconfig\n",
            "postrm": "#!/bin/sh\n",
        ]
    )

    /// The order of fields is that of any dpkg status file; the sum is md5sum(1)'s of "v\n".
    @Test func aStanzaIsAsDpkgWritesIt() throws {
        let tree = try [package].assemble().tree
        #expect(
            tree.text("var/lib/dpkg/status")
                == """
                Package: p
                Status: install ok installed
                Section: libs
                Maintainer: M <m@example.org>
                Architecture: amd64
                Multi-Arch: same
                Version: 2:1.0-1
                Depends: libc6
                Conffiles:
                 /etc/p.conf 2d6eb7ef9d7c7d9e2c3a9a5b6b0c9bdc
                 /etc/old.conf newconffile remove-on-upgrade
                Description: a thing \n more
                X-Own: 1


                """.replacing("2d6eb7ef9d7c7d9e2c3a9a5b6b0c9bdc", with: Digest.of("v\n", .md5).hex)
        )
    }

    @Test func infoAndTriggersCarryTheArchitectureForMultiArchSame() throws {
        let tree = try [package].assemble().tree
        #expect(
            tree.text("var/lib/dpkg/info/p:amd64.list")
                == "/.\n/etc\n/etc/p.conf\n/usr/share/doc/p/README\n/usr/lib/p\n"
        )
        #expect(tree["var/lib/dpkg/info/p:amd64.postrm"]?.mode == 0o755)
        #expect(tree.text("var/lib/dpkg/info/format") == "1\n")
        #expect(tree.text("var/lib/dpkg/triggers/File") == "/usr/lib/q p:amd64/noawait\n")
        #expect(tree.text("var/lib/dpkg/triggers/p-trigger") == "p:amd64\n")
        #expect(tree.text("var/lib/dpkg/triggers/Unincorp") == "")
        #expect(tree["var/lib/dpkg/status.d/p"] == nil)
    }

    @Test func aRuntimeDatabaseIsTrueToWhatWasPruned() throws {
        let tree = try [package].assemble(.runtime).tree
        #expect(tree["var/lib/dpkg/status"] == nil)
        #expect(tree["var/lib/dpkg/info"] == nil)
        #expect(tree.text("var/lib/dpkg/status.d/p")?.hasPrefix("Package: p\nStatus: install ok installed\n") == true)
        #expect(
            tree.text("var/lib/dpkg/status.d/p.md5sums") == "9dd4e461268c8034f5c8564e155c67a6  usr/lib/p\n"
        )
    }

    /// The definition deletes a file and replaces another: neither sum is said of the package any more.
    @Test(arguments: [Installation.Variant.runtime, .dev])
    func aDatabaseIsTrueToWhatTheDefinitionChanged(_ variant: Installation.Variant) throws {
        let sums = ["a", "b", "c"].map { "0123456789abcdef0123456789abcdef  usr/lib/\($0)\n" }
        let package = FakePackage(
            name: "p",
            architecture: "amd64",
            fields: ["Multi-Arch: same"],
            files: [("usr/lib/a", "x"), ("usr/lib/b", "x"), ("usr/lib/c", "x")],
            members: ["md5sums": sums.joined()]
        )
        let path: TreePath =
            variant == .dev ? "var/lib/dpkg/info/p:amd64.md5sums" : "var/lib/dpkg/status.d/p.md5sums"
        var tree = try [package].assemble(variant).tree
        #expect(tree.text(path) == sums.joined())
        tree.remove("usr/lib/a")
        try tree.put(Node("usr/lib/c", .file(FileContent("y")), mode: 0o644, origin: .definition("paths")))
        try Debian().settle(&tree, contents: InlineContents())
        #expect(tree.text(path) == sums[1])
        tree.remove("usr/lib/b")
        try Debian().settle(&tree, contents: InlineContents())
        #expect(tree[path] == nil)
    }

    @Test func packagesAreSortedWhateverTheirOrder() throws {
        let others = ["zlib1g", "libc6", "a+b", "a-b"].map { FakePackage(name: $0) }
        let reversed: [FakePackage] = others.reversed()
        let one = try others.assemble().tree.text("var/lib/dpkg/status")
        let two = try reversed.assemble().tree.text("var/lib/dpkg/status")
        #expect(one == two)
        let names = one?.split(separator: "\n").filter { $0.hasPrefix("Package: ") }.map { String($0.dropFirst(9)) }
        #expect(names == ["a+b", "a-b", "libc6", "zlib1g"])
    }

    @Test(arguments: ["", "Package p\n", " x\nPackage: p\n", "Package: p\nVersion: 1\n"])
    func aBrokenControlFileIsRefused(_ text: String) throws {
        var installed = try FakePackage(name: "p").installed()
        installed.contents.control["control"] = Array(text.utf8)
        let installation = Installation(
            platform: .amd64,
            distribution: Distribution(id: "debian", versionID: "13"),
            packages: [installed],
            contents: InlineContents(),
            variant: .dev,
            epoch: 0
        )
        let error = #expect(throws: AssemblyError.self) { try DebianAssembler.assemble(installation) }
        #expect(error?.code == "bad-control-file")
    }
}
