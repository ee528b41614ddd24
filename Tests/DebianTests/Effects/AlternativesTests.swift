// SPDX-License-Identifier: Apache-2.0

import Debian
import FileTree
import Foundation
import Packages
import TestSupport
import Testing

@Suite struct AlternativesTests {
    private static let calls: [(package: String, call: String)] = [
        ("gawk", "--install /usr/bin/awk awk /usr/bin/gawk 10 --slave /usr/share/man/man1/awk.1.gz awk.1.gz /usr/share/man/man1/gawk.1.gz --slave /usr/bin/nawk nawk /usr/bin/gawk"),
        ("mawk", "--install /usr/bin/awk awk /usr/bin/mawk 5 --slave /usr/bin/nawk nawk /usr/bin/mawk"),
        ("more", "--install /usr/bin/pager pager /bin/more 50"),
        ("less", "--install /usr/bin/pager pager /usr/bin/less 77 --slave /usr/share/man/man1/pager.1.gz pager.1.gz /usr/share/man/man1/less.1.gz"),
        ("aaa", "--install /usr/bin/same same /usr/bin/aaa 1"),
        ("bbb", "--install /usr/bin/same same /usr/bin/bbb 1"),
    ]
    private static let files = [
        "usr/bin/gawk", "usr/bin/mawk", "usr/bin/more", "usr/bin/less", "usr/bin/aaa", "usr/bin/bbb",
        "usr/share/man/man1/gawk.1.gz",
    ]

    /// The same registrations, made by update-alternatives in a directory.
    @Test(.enabled(if: Tool.exists("update-alternatives"), "needs update-alternatives"))
    func agreesWithUpdateAlternatives() throws {
        let folder = try TemporaryDirectory()
        for file in Self.files { try folder.write(Array("x".utf8), to: file) }
        for directory in ["etc/alternatives", "var/lib/dpkg/alternatives", "var/log"] {
            try FileManager.default.createDirectory(atPath: folder.path(directory), withIntermediateDirectories: true)
        }
        try FileManager.default.createSymbolicLink(atPath: folder.path("bin"), withDestinationPath: "usr/bin")
        for (_, call) in Self.calls.sorted(by: { $0.package < $1.package }) {
            let run = try Tool.run(
                "update-alternatives", ["--root", folder.path, "--log", "/dev/null"] + call.split(separator: " ").map(String.init))
            #expect(run.status == 0, "\(call): \(run.stderr)")
        }

        let packages = Self.calls.map { package, call in
            FakePackage(
                name: package, files: Self.files.filter { $0.contains("/\(package)") }.map { ($0, "x") },
                members: ["postinst": FakePackage.script("update-alternatives " + call)])
        }
        let tree = try packages.assemble().tree
        for path in ["usr/bin/awk", "usr/bin/nawk", "usr/bin/pager", "usr/bin/same", "usr/share/man/man1/awk.1.gz",
            "usr/share/man/man1/pager.1.gz", "etc/alternatives/awk", "etc/alternatives/nawk", "etc/alternatives/pager",
            "etc/alternatives/awk.1.gz", "etc/alternatives/pager.1.gz", "etc/alternatives/same"]
        {
            let real = try? FileManager.default.destinationOfSymbolicLink(atPath: folder.path(path))
            let ours = tree.target(try TreePath(path))
            #expect(ours == real, "\(path)")
        }
        for group in ["awk", "pager", "same"] {
            let real = FileManager.default.contents(atPath: folder.path("var/lib/dpkg/alternatives/" + group))
            let ours = tree.text(try TreePath("var/lib/dpkg/alternatives/" + group))
            let text = real.map { String(decoding: $0, as: UTF8.self) }
            #expect(ours == text, "\(group)")
        }
    }

    @Test func aPackagesOwnFileIsNotReplaced() throws {
        let tree = try [
            FakePackage(
                name: "p", files: [("usr/bin/x", "own"), ("usr/bin/y", "")],
                members: ["postinst": FakePackage.script("update-alternatives --install /usr/bin/x x /usr/bin/y 1")])
        ].assemble().tree
        #expect(tree.text("usr/bin/x") == "own" && tree["etc/alternatives/x"] == nil)
    }

    @Test func runtimeImagesHaveLinksAndNoState() throws {
        let tree = try [
            FakePackage(
                name: "p", files: [("usr/bin/y", ""), ("usr/share/man/man1/y.1.gz", "")],
                members: [
                    "postinst": FakePackage.script(
                        "update-alternatives --install /usr/bin/x x /usr/bin/y 1 --slave /usr/share/man/man1/x.1.gz x.1.gz /usr/share/man/man1/y.1.gz")
                ])
        ].assemble(.runtime).tree
        #expect(tree.target("usr/bin/x") == "/etc/alternatives/x" && tree.target("etc/alternatives/x") == "/usr/bin/y")
        #expect(tree["var/lib/dpkg/alternatives"] == nil && tree["usr/share/man/man1/x.1.gz"] == nil)
    }
}
