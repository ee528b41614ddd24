// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Debian
import Diagnostics
import FileTree
import Foundation
import Packages
import TestSupport
import Testing

/// Package files that dpkg-deb and GNU tar made, and such as nobody should have made.
@Suite("Package files", .enabled(if: DebFile.canMake, "dpkg-deb, ar or tar is not installed"))
struct DebReaderTests {
    @Test("are read in every compression of dpkg-deb", arguments: ["none", "gzip", "xz", "zstd"])
    func compressions(_ compression: String) throws {
        let deb = try DebFile()
        try deb.directory.write(Array("#!/bin/sh\n".utf8), to: "tree/usr/bin/tool")
        try deb.directory.write(Array("kept\n".utf8), to: "tree/etc/tool.conf")
        let control = "Package: tool\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: x\n"
        try deb.directory.write(Array(control.utf8), to: "tree/DEBIAN/control")
        try deb.directory.write(Array("/etc/tool.conf\n".utf8), to: "tree/DEBIAN/conffiles")
        let tree = deb.directory.path("tree")
        try deb.run(["chmod", "0755", tree + "/DEBIAN", tree + "/usr/bin/tool"])
        try deb.run(["ln", "-s", "tool", tree + "/usr/bin/alias"])
        try deb.run(["ln", tree + "/usr/bin/tool", tree + "/usr/bin/twin"])
        try deb.run(["dpkg-deb", "--root-owner-group", "-Z\(compression)", "--build", tree, deb.path])
        let package = try deb.read()
        let kinds = Dictionary(uniqueKeysWithValues: package.nodes.map { ($0.path.description, $0.kind) })
        #expect(kinds["usr/bin/alias"] == .symlink(Array("tool".utf8)))
        // Which of the two names comes first is the directory's order.
        let names = ["usr/bin/tool", "usr/bin/twin"]
        let links = names.compactMap { name -> TreePath? in
            if case .hardLink(let target)? = kinds[name] { target } else { nil }
        }
        #expect(links.count == 1 && names.contains(links.first?.description ?? ""))
        #expect(kinds["etc/tool.conf"] == .file(FileContent("kept\n")))
        #expect(package.control["conffiles"] == Array("/etc/tool.conf\n".utf8))
        #expect(package.nodes.first { $0.content == FileContent("#!/bin/sh\n") }?.mode == 0o755)
    }

    @Test("are read in every form of tar", arguments: ["v7", "oldgnu", "gnu", "ustar", "posix"])
    func forms(_ form: String) throws {
        let deb = try DebFile()
        try deb.directory.write(Array("x".utf8), to: "tree/usr/share/x")
        try deb.build(["--format=\(form)", "-C", deb.directory.path("tree"), "./usr"])
        let nodes = try deb.read().nodes
        #expect(nodes.map(\.path.description) == ["usr", "usr/share", "usr/share/x"])
        #expect(nodes.last?.kind == .file(FileContent("x")))
    }

    /// dpkg itself reads old.tar names of any length from GNU's and POSIX's extensions.
    @Test("keep long names", arguments: ["gnu", "posix"])
    func longNames(_ form: String) throws {
        let deb = try DebFile()
        let name = "usr/share/" + String(repeating: "long/", count: 40) + String(repeating: "n", count: 150)
        try deb.directory.write(Array("x".utf8), to: "tree/" + name)
        try deb.build(["--format=\(form)", "-C", deb.directory.path("tree"), "./usr"])
        #expect(try deb.read().nodes.last?.path.description == name)
    }

    @Test func withoutAControlFileAreRefused() throws {
        let deb = try DebFile()
        try deb.directory.write([], to: "tree/x")
        try deb.tar("data.tar", ["-C", deb.directory.path("tree"), "./x"])
        try deb.tar("control.tar", ["-C", deb.directory.path("tree"), "./x"])
        try deb.assemble(["debian-binary", "control.tar", "data.tar"])
        #expect(deb.refusal == "deb-format")
    }

    @Test(
        "with other members are refused",
        arguments: [
            ["debian-binary", "data.tar", "control.tar"], ["control.tar", "debian-binary", "data.tar"],
            ["debian-binary", "control.tar"], ["debian-binary", "data.tar"], ["debian-binary"],
            ["debian-binary", "control.tar", "other", "data.tar"],
        ]
    )
    func members(_ names: [String]) throws {
        let deb = try DebFile()
        try deb.makeParts()
        try deb.assemble(names)
        #expect(deb.refusal != nil)
        try deb.assemble(["debian-binary", "control.tar", "_ignored", "data.tar"])
        #expect(deb.refusal == nil)
    }

    @Test func ofAnotherFormatOrCutShortAreRefused() throws {
        let deb = try DebFile()
        try deb.makeParts()
        try deb.assemble(["debian-binary", "control.tar", "data.tar"])
        let whole = try #require(FileManager.default.contents(atPath: deb.path))
        for length in [0, 7, 60, whole.count / 3, whole.count / 2] {
            try whole.prefix(length).write(to: URL(filePath: deb.path))
            #expect(deb.refusal != nil, "\(length) bytes")
        }
        try deb.directory.write(Array("3.0\n".utf8), to: "debian-binary")
        try deb.assemble(["debian-binary", "control.tar", "data.tar"])
        #expect(deb.refusal != nil)
    }

    /// What would leave the tree in a naive unpacker, or is no file of a package.
    @Test(
        "that reach out of the tree are refused",
        arguments: [
            "ln -s /etc link && mkdir real && touch real/x && tar -cf ../data.tar --transform 's,^real,link,' ./link real/x",
            "touch x && tar -cPf ../data.tar --transform 's,^x,../../x,' x",
            "touch x && tar -cPf ../data.tar --transform 's,^x,usr/../../x,' x", "mkfifo f && tar -cf ../data.tar ./f",
            "touch a && ln a b && tar -cf ../all.tar ./a ./b && tar --delete -f ../all.tar ./a && mv ../all.tar ../data.tar",
        ]
    )
    func hostile(_ commands: String) throws {
        let deb = try DebFile()
        try deb.makeParts()
        try FileManager.default.createDirectory(
            atPath: deb.directory.path("hostile"),
            withIntermediateDirectories: true
        )
        try deb.run(["sh", "-c", "cd \"$0\" && \(commands)", deb.directory.path("hostile")])
        try deb.assemble(["debian-binary", "control.tar", "data.tar"])
        #expect(deb.refusal != nil)
    }

    /// POSIX.1-2001 headers as `tar --xattrs` writes them; other attributes than capabilities are the builder's own.
    @Test func keepCapabilitiesAndNoOtherAttributes() throws {
        // VFS_CAP_REVISION_2 with cap_net_bind_service (bit 10) permitted and effective.
        let capability: [UInt8] = [1, 0, 0, 2, 0, 4, 0, 0] + [UInt8](repeating: 0, count: 12)
        let file = FakeDebianPackage.File.executable("x").with(xattr: "security.capability", capability)
            .with(xattr: "user.note", [1])
        let bytes = try FakeDebianPackage("p", files: ["usr/bin/x": file]).archive(for: "amd64")
        let deb = try DebFile()
        try deb.directory.write(bytes, to: "package.deb")
        #expect(try deb.read().nodes.last?.xattrs == ["security.capability": capability])
    }
}
