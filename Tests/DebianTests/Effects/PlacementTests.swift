// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Debian
import FileTree
import Packages
import Testing

@Suite struct PlacementTests {
    @Test func oldPathsGoThroughTheMergedLinks() throws {
        let tree = try [
            FakePackage(name: "dash", files: [("bin/", ""), ("bin/dash", "x"), ("bin/sh", "-> dash")]),
            FakePackage(name: "libc6", files: [("lib64/", ""), ("lib64/ld.so", "-> /lib/x"), ("lib32/a", "b")]),
        ].assemble().tree
        #expect(tree.target("bin") == "usr/bin")
        #expect(tree.target("lib64") == "usr/lib64")
        #expect(tree.target("lib32") == "usr/lib32")
        #expect(tree.text("usr/bin/dash") == "x")
        #expect(tree.target("usr/bin/sh") == "dash")
        #expect(tree["bin/dash"] == nil)
        #expect(tree["libx32"] == nil)
    }

    @Test func onlyAMD64HasLib64() throws {
        let tree = try [FakePackage(name: "p", files: [("bin/x", "y")])].assemble(platform: .arm64).tree
        #expect(tree["lib64"] == nil)
        #expect(tree.target("sbin") == "usr/sbin")
    }

    @Test func aFileOfTwoPackagesIsAnErrorThatNamesBoth() {
        let error = #expect(throws: AssemblyError.self) {
            try [
                FakePackage(name: "one", version: "1", files: [("usr/bin/x", "1")]),
                FakePackage(name: "two", version: "2", files: [("bin/x", "2")]),
            ].assemble()
        }
        #expect(error?.code == "file-conflict")
        #expect(error?.message == "'/usr/bin/x' is in one 1 and in two 2, and neither replaces the other")
    }

    @Test(arguments: [
        ("one", ["Replaces: two"], "1"), ("one", ["Replaces: two (<< 2)"], "refused"),
        ("one", ["Replaces: two (<= 2)"], "1"),
        ("two", ["Replaces: a, one (>> 0.9)"], "2"), ("two", ["Replaces: one (= 1:1)"], "refused"),
    ])
    func replacesDecidesInEitherOrder(_ test: (owner: String, fields: [String], content: String)) throws {
        let packages = [
            FakePackage(
                name: "one",
                version: "1",
                fields: test.owner == "one" ? test.fields : [],
                files: [("usr/x", "1")]
            ),
            FakePackage(
                name: "two",
                version: "2",
                fields: test.owner == "two" ? test.fields : [],
                files: [("usr/x", "2")]
            ),
        ]
        let other: [FakePackage] = packages.reversed()
        for packages in [packages, other] {
            let tree = try? packages.assemble().tree
            #expect((tree?.text("usr/x") ?? "refused") == test.content)
        }
    }

    @Test func runAndLockAreLinksWhereBaseFilesIs() throws {
        let script = FakePackage.script("install_directory() { mkdir $1; }\ninstall_directory srv 755 root")
        let base = FakePackage(
            name: "base-files",
            files: [("run/", ""), ("var/run/", ""), ("var/lock/", ""), ("var/", "")],
            members: ["postinst": script]
        )
        let tree = try [base, FakePackage(name: "p", files: [("var/run/p/", ""), ("var/run/p/x", "y")])]
            .assemble(acknowledged: [.of(script)]).tree
        #expect(tree.target("var/run") == "/run")
        #expect(tree.target("var/lock") == "/run/lock")
        #expect(tree.text("run/p/x") == "y")
        #expect(tree["run/lock"]?.mode == 0o1777)
        #expect(tree["srv"]?.mode == 0o755)
    }

    @Test func aDiversionMovesOtherPackagesFiles() throws {
        let preinst = FakePackage.script(
            "dpkg-divert --package one --rename --divert /usr/bin/x.two --add /usr/bin/x"
        )
        let assembly = try [
            FakePackage(name: "one", files: [("usr/bin/x", "1")], members: ["preinst": preinst]),
            FakePackage(name: "two", files: [("usr/bin/x", "2")]),
        ].assemble()
        #expect(assembly.tree.text("usr/bin/x") == "1")
        #expect(assembly.tree.text("usr/bin/x.two") == "2")
        #expect(assembly.tree.text("var/lib/dpkg/diversions") == "/usr/bin/x\n/usr/bin/x.two\none\n")
    }

    @Test func linksToDirectoriesAreFollowed() throws {
        let tree = try [
            FakePackage(name: "a", files: [("usr/share/real/", ""), ("usr/share/alias", "-> real")]),
            FakePackage(name: "b", files: [("usr/share/alias/", ""), ("usr/share/alias/x", "y")]),
        ].assemble().tree
        #expect(tree.target("usr/share/alias") == "real")
        #expect(tree.text("usr/share/real/x") == "y")
    }

    @Test func aDirectoryIsNotReplacedByALink() throws {
        let tree = try [
            FakePackage(name: "a", files: [("usr/share/d/", ""), ("usr/share/d/x", "y")]),
            FakePackage(name: "b", files: [("usr/share/d", "-> elsewhere")]),
        ].assemble().tree
        #expect(tree.text("usr/share/d/x") == "y")
    }

    @Test func pruningKeepsCopyrightAndTurnsLinksToPrunedFilesIntoFiles() throws {
        let package = FakePackage(
            name: "p",
            files: [
                ("usr/share/man/man1/p.1.gz", "m"), ("usr/share/doc/p/", ""), ("usr/share/doc/p/copyright", "c"),
                ("usr/share/doc/p/changelog.gz", "l"), ("usr/share/p/page", "=> usr/share/man/man1/p.1.gz"),
            ]
        )
        let runtime = try [package].assemble(.runtime).tree
        #expect(runtime.text("usr/share/doc/p/copyright") == "c")
        #expect(runtime["usr/share/doc/p/changelog.gz"] == nil)
        #expect(runtime["usr/share/man/man1"] == nil)
        #expect(runtime.text("usr/share/p/page") == "m")
        let dev = try [package].assemble(.dev).tree
        #expect(dev["usr/share/p/page"]?.kind == .hardLink("usr/share/man/man1/p.1.gz"))
        #expect(dev.text("usr/share/man/man1/p.1.gz") == "m")
    }
}
