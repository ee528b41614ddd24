// SPDX-License-Identifier: Apache-2.0

internal import Alpine
internal import Cryptography
internal import FileTree
internal import Packages
internal import TestSupport
internal import Testing

@Suite struct PackageTests {
    @Test("Files, links and directories of a package are read, with their checksums")
    func reads() throws {
        let fixture = try ApkFixture()
        let made = try fixture.package(
            "a",
            [
                .directory("usr/"), .directory("usr/bin/"), .file("usr/bin/tool", "content", mode: 0o755),
                ApkFixture.Entry(path: "usr/bin/other", type: "1", target: "usr/bin/tool"),
                .link("usr/bin/link", "tool"),
            ]
        )
        let contents = try fixture.unpack(made.bytes)
        #expect(
            contents.nodes.map(\.path.description) == [
                "usr", "usr/bin", "usr/bin/tool", "usr/bin/other", "usr/bin/link",
            ]
        )
        #expect(contents.nodes[3].kind == .hardLink("usr/bin/tool"))
        let records = FileRecord.read(contents.control[FileRecord.member] ?? [])
        // Taken with sha1sum.
        #expect(records[2].checksum?.hex == "040f06fd774092478d450774f5ba30c5da78acc8")
        #expect(records[3].checksum == records[2].checksum)
        #expect(records[4].checksum == .of("tool", .sha1))
    }

    @Test(
        "Entries that no image may have are refused",
        arguments: [
            ApkFixture.Entry.file("../outside", "x"), .file("/etc/passwd", "x"), .file("usr/../../x", "x"),
            .file("a\u{1}b", "x"),
            ApkFixture.Entry(path: "dev/null", type: "3"), ApkFixture.Entry(path: "run/pipe", type: "6"),
            ApkFixture.Entry(path: "link", type: "1", target: "../../etc/shadow"),
            ApkFixture.Entry(path: "link", type: "1", target: "not/there"),
            .file("x", "x", owner: "a:b"),
        ]
    )
    func refusesEntry(_ entry: ApkFixture.Entry) throws {
        let fixture = try ApkFixture()
        let made = try fixture.package("a", [entry])
        #expect(code { _ = try fixture.unpack(made.bytes) } == "unsafe-entry", "\(entry.path)")
    }

    @Test("A size that lies is refused")
    func lies() throws {
        let fixture = try ApkFixture()
        let made = try fixture.package("a", [ApkFixture.Entry(path: "x", bytes: [1, 2, 3], statedSize: 1 << 33)])
        #expect(code { _ = try fixture.unpack(made.bytes) } != nil)
        let longer = try fixture.package("a", [ApkFixture.Entry(path: "x", bytes: [1, 2, 3], statedSize: 4000)])
        #expect(code { _ = try fixture.unpack(longer.bytes) } != nil)
    }

    @Test("Streams that do not belong together are refused, each for its reason")
    func streams() throws {
        let fixture = try ApkFixture()
        let a = try fixture.package("a", [.file("x", "a")])
        let b = try fixture.package("b", [.file("x", "b")])
        #expect(code { _ = try fixture.unpack(a.signature + a.control + b.data) } == "data-hash-mismatch")
        #expect(code { _ = try fixture.unpack(a.signature + a.control) } == "truncated")
        #expect(code { _ = try fixture.unpack(Array(a.bytes.dropLast(4))) } == "truncated")
        #expect(code { _ = try fixture.unpack(a.bytes + b.data) } == "malformed-package")
        #expect(code { _ = try fixture.unpack(Array("ADB.".utf8) + a.bytes) } == "unsupported-format")
        #expect(code { _ = try fixture.unpack(Array("<html>".utf8)) } == "malformed-package")
        // The control stream is judged against index and signature when the package is installed.
        var swapped = a
        swapped.signature = b.signature
        #expect(code { _ = try fixture.install([swapped]) } == "bad-signature")
        var renamed = a
        renamed.name = "c"
        #expect(code { _ = try fixture.install([renamed]) } == "identity-mismatch")
    }

    @Test("A file that is not the index's package is refused before it is unpacked")
    func verify() throws {
        let fixture = try ApkFixture()
        let a = try fixture.package("a", [.file("x", "a")])
        let b = try fixture.package("b", [.file("x", "b")])
        let package = Package(
            name: "a",
            version: "1-r0",
            architecture: "x86_64",
            source: .init(name: "a", version: "1-r0"),
            sha256: nil,
            checksum: a.checksum,
            size: a.bytes.count,
            installedSize: 1,
            path: "",
            repository: ""
        )
        #expect(code { try Alpine().verify(fixture.write(a.bytes, "a.apk"), is: package) } == nil)
        #expect(code { try Alpine().verify(fixture.write(b.bytes, "b.apk"), is: package) } == "checksum-mismatch")
    }

    // MARK: Installing

    @Test("Two packages may ship one file only where one replaces the other")
    func replaces() throws {
        let fixture = try ApkFixture()
        let a = try fixture.package("a", [.file("x", "a")])
        #expect(code { _ = try fixture.install([a, try fixture.package("b", [.file("x", "b")])]) } == "file-conflict")
        let b = try fixture.package("b", [.file("x", "b")], info: ["replaces = a"])
        for packages in [[a, b], [b, a]] {
            let assembly = try fixture.install(packages)
            #expect(assembly.tree["x"]?.content == FileContent("b"))
            #expect(assembly.tree["x"]?.origin == .package("b"))
            // The database lists the file once, with its owner.
            let text = String(
                decoding: try InlineContents().read(#require(assembly.tree["lib/apk/db/installed"]?.content)),
                as: UTF8.self
            )
            #expect(text.components("R:x").count == 1)
        }
        let strong = try fixture.package("a", [.file("x", "a")], info: ["replaces = b", "replaces_priority = 5"])
        #expect(try fixture.install([strong, b]).tree["x"]?.origin == .package("a"))
    }

    @Test("Accounts of a script get fixed ids, and files in the archive their owners")
    func accounts() throws {
        let fixture = try ApkFixture()
        let script =
            "#!/bin/sh\nuser=mydaemon\naddgroup -S $user 2>/dev/null\nadduser -S -D -h /var/lib/$user -s /sbin/nologin -G $user -g $user $user 2>/dev/null\nexit 0\n"
        let a = try fixture.package(
            "a",
            [.directory("var/"), .directory("var/lib/"), .file("var/lib/state", "x", owner: "mydaemon")],
            scripts: [".pre-install": script]
        )
        let base = try fixture.package(
            "base",
            [
                .directory("etc/"), .file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
                .file("etc/group", "root:x:0:root\n"),
                .file("etc/shadow", "root:*::0:::::\n", mode: 0o640),
            ]
        )
        let alone = try fixture.install([a, base])
        let uid = try #require(alone.tree["var/lib/state"]?.uid)
        #expect((400..<900).contains(uid))
        let passwd = String(
            decoding: try InlineContents().read(#require(alone.tree["etc/passwd"]?.content)),
            as: UTF8.self
        )
        #expect(
            passwd.hasSuffix(
                "mydaemon:x:\(uid):\(alone.tree["var/lib/state"]?.gid ?? -1):mydaemon:/var/lib/mydaemon:/sbin/nologin\n"
            )
        )
        // Another package's account before it changes nothing.
        let b = try fixture.package(
            "aa",
            [],
            scripts: [".pre-install": "#!/bin/sh\naddgroup -S first\nadduser -S -G first first\n"]
        )
        #expect(try fixture.install([a, b, base]).tree["var/lib/state"]?.uid == uid)
        #expect(alone.scripts.map(\.treatment) == [.emulated(by: ["accounts"])])
    }

    @Test(
        "A script that nothing knows is refused by its hash, and accepted when that is acknowledged",
        arguments: [
            "#!/bin/sh\nrm -rf /tmp/x\n", "#!/bin/sh\nif true; then addgroup -S x; fi\n",
            "#!/bin/sh\naddgroup -S $(whoami)\n",
            "#!/bin/sh\naddgroup -S x > /etc/x\n", "#!/bin/sh\nadd-shell /bin/x | cat\n",
        ]
    )
    func unknownScript(_ text: String) throws {
        let fixture = try ApkFixture()
        let a = try fixture.package("a", [], scripts: [".post-install": text])
        #expect(code { _ = try fixture.install([a]) } == "unknown-script")
        #expect(try fixture.install([a], acknowledged: [.of(text)]).scripts.map(\.treatment) == [.acknowledged])
    }

    @Test("busybox's links never stand in the place of another package's file")
    func links() throws {
        let fixture = try ApkFixture()
        let busybox = try fixture.package(
            "busybox",
            [
                .directory("bin/"), .file("bin/busybox", "ELF", mode: 0o755), .directory("etc/"),
                .directory("etc/busybox-paths.d/"),
                .file("etc/busybox-paths.d/busybox", "bin/cat\nusr/bin/wc\nusr/sbin/chroot\n"),
            ],
            scripts: [
                ".post-install":
                    "#!/bin/busybox sh\n\n# early\n/bin/busybox mkdir -p \"/bin\" \"/usr/bin\"\nexec /bin/busybox --install -s\n"
            ]
        )
        let coreutils = try fixture.package(
            "coreutils",
            [.directory("usr/"), .directory("usr/bin/"), .file("usr/bin/wc", "real", mode: 0o755)]
        )
        let tree = try fixture.install([busybox, coreutils]).tree
        #expect(tree["usr/bin/wc"]?.origin == .package("coreutils"))
        #expect(tree["bin/cat"]?.symlinkTarget == Array("/bin/busybox".utf8))
        #expect(tree["usr/sbin/chroot"]?.origin == .effect("busybox-links"))
    }

    @Test("The database is true of what the definition made of a package's files")
    func settles() throws {
        let fixture = try ApkFixture()
        let a = try fixture.package(
            "a",
            [.directory("etc/"), .file("etc/kept", "1"), .file("etc/changed", "2"), .file("etc/gone", "3")]
        )
        var tree = try fixture.install([a]).tree
        try tree.put(
            Node("etc/changed", .file(FileContent("content")), mode: 0o600, gid: 42, origin: .definition("paths"))
        )
        tree.remove("etc/gone")
        try Alpine().settle(&tree, contents: InlineContents())
        let text = String(
            decoding: try InlineContents().read(#require(tree["lib/apk/db/installed"]?.content)),
            as: UTF8.self
        )
        // The checksums are base64 of what sha1sum says of "content" and "1".
        #expect(
            text.hasSuffix(
                "F:etc\nR:changed\na:0:42:600\nZ:\(Checksum(.of("content", .sha1)))\nR:kept\nZ:Q1NWoZK3kTsExUV00Ywo1G5jlUKKs=\n\n"
            )
        )
    }

    @Test("Shells are added once, and certificates joined with a line end between them")
    func shellsAndCertificates() throws {
        let fixture = try ApkFixture()
        let bash = try fixture.package(
            "bash",
            [],
            scripts: [".post-install": "#!/bin/sh\nadd-shell '/bin/bash'\nexit 0\n"]
        )
        let certificates = try fixture.package(
            "ca-certificates",
            [
                .directory("etc/"), .file("etc/ca-certificates.conf", "# list\nm/one.crt\n!m/no.crt\nm/two (x).crt\n"),
                .directory("usr/"), .directory("usr/share/"), .directory("usr/share/ca-certificates/"),
                .directory("usr/share/ca-certificates/m/"), .file("usr/share/ca-certificates/m/one.crt", "ONE"),
                .file("usr/share/ca-certificates/m/two (x).crt", "TWO\n"),
                .file("usr/share/ca-certificates/m/no.crt", "NO"),
            ],
            scripts: [".trigger": "#!/bin/sh\n/usr/sbin/update-ca-certificates > /dev/null 2>&1\nexit 0\n"]
        )
        let tree = try fixture.install([bash, certificates]).tree
        #expect(tree["etc/shells"]?.content == FileContent("# valid login shells\n/bin/bash\n"))
        #expect(tree["etc/ssl/certs/ca-certificates.crt"]?.content == FileContent("ONE\nTWO\n"))
        #expect(
            tree["etc/ssl/certs/ca-cert-two_=x=.pem"]?.symlinkTarget
                == Array("/usr/share/ca-certificates/m/two (x).crt".utf8)
        )
    }
}

extension String {
    /// Occurrences of a line.
    fileprivate func components(_ line: String) -> [Substring] { split(separator: "\n").filter { $0 == line } }
}
