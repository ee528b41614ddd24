// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

extension EndToEnd {
    /// The two families of distributions, for tests of what must hold for both.
    enum Family: String, CaseIterable, Sendable {
        case debian, alpine

        func world() throws -> EndToEnd {
            switch self {
            case .debian: try EndToEnd()
            case .alpine: try EndToEnd.alpine()
            }
        }
    }

    static let alpineURL = "https://alpine.example"

    static func alpineDefinition(
        repositories: [String] = ["\(alpineURL)/main"],
        keyring: [String] = ["\(alpineURL)/keys/test.rsa.pub"],
        packages: [String] = ["hello", "daemon", "docs"],
        variant: String = "runtime"
    ) -> String {
        func list(_ entries: [String]) -> String { "[" + entries.map { "'\($0)'" }.joined(separator: ", ") + "]" }
        return """
            name: Test image
            image: test/hello
            variant: \(variant)
            tags: ["1.0"]
            contents:
              repositories: \(list(repositories))
              keyring: \(list(keyring))
              packages: \(list(packages))
            accounts:
              run-as: nonroot
              users:
                - {name: nonroot, uid: 65532, gid: 65532}
              groups:
                - {name: nonroot, gid: 65532}
            os-release:
              name: Test
              id: alpine
              version-id: "3.23"
            paths:
              - {type: directory, path: /srv/data, uid: 65532, gid: 65532, mode: "0750"}
              - {type: file, path: /srv/data/note, content: "hello\\n"}
            cmd: [/usr/bin/hello]

            """
    }

    /// An Alpine repository for both platforms whose packages have a bit of everything.
    static func alpine(_ definition: String = alpineDefinition()) throws -> EndToEnd {
        let directory = try TemporaryDirectory()
        let world = EndToEnd(
            directory: directory,
            mirrors: ["--mirror", "\(alpineURL)=file://" + directory.path("mirror/alpine")]
        )
        let fixture = try ApkFixture()
        try world.writeAlpine("main", alpinePackages(fixture), signedBy: fixture)
        try directory.write(fixture.keys["test.rsa.pub"] ?? [], to: "mirror/alpine/keys/test.rsa.pub")
        try world.writeProject(definition)
        return world
    }

    /// Writes packages and their index, the same for both platforms.
    func writeAlpine(
        _ repository: String,
        _ packages: [(made: ApkFixture.Made, extra: String)],
        signedBy fixture: ApkFixture
    ) throws {
        let index = try fixture.signedIndex(packages.map { $0.made.entry("A:noarch\n" + $0.extra) }.joined())
        for architecture in ["x86_64", "aarch64"] {
            let folder = "mirror/alpine/\(repository)/\(architecture)"
            try directory.write(index, to: "\(folder)/APKINDEX.tar.gz")
            for (made, _) in packages {
                try directory.write(made.bytes, to: "\(folder)/\(made.name)-\(made.version).apk")
            }
        }
    }

    private static func alpinePackages(_ fixture: ApkFixture) throws -> [(made: ApkFixture.Made, extra: String)] {
        let info = ["arch = noarch", "license = MIT", "origin = hello", "commit = 0123456789abcdef"]
        let daemon = """
            #!/bin/sh
            addgroup -S mydaemon 2>/dev/null
            adduser -S -D -h /var/lib/mydaemon -s /sbin/nologin -G mydaemon -g mydaemon mydaemon 2>/dev/null
            exit 0

            """
        return [
            (
                try fixture.package(
                    "base",
                    [
                        .directory("etc/"), .file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
                        .file("etc/group", "root:x:0:root\n"), .file("etc/shadow", "root:*::0:::::\n", mode: 0o640),
                    ],
                    info: info
                ), ""
            ),
            (
                try fixture.package(
                    "hello",
                    "2.0-r1",
                    [
                        .directory("usr/"), .directory("usr/bin/"),
                        .file("usr/bin/hello", "what a program would be\n", mode: 0o755),
                        .file("usr/bin/suid", "privileged", mode: 0o4755), .directory("usr/share/"),
                        .file("usr/share/open", "world-writable", mode: 0o666),
                        .file("usr/share/original", "one file, two names\n"),
                        ApkFixture.Entry(path: "usr/share/twin", type: "1", target: "usr/share/original"),
                        .file("usr/share/large", String(repeating: "0123456789abcdef", count: 200_000)),
                        .link("usr/share/link", "original"),
                    ],
                    info: info + ["depend = libhello>=1", "depend = base"]
                ), "D:libhello>=1 base\nL:MIT\no:hello\nc:0123456789abcdef\nm:A Maintainer <a@example.org>\n"
            ),
            (
                try fixture.package(
                    "libhello",
                    "1.5-r2",
                    [.directory("usr/"), .directory("usr/lib/"), .file("usr/lib/libhello.so.1", "no real library\n")],
                    info: info
                ), "o:hello\n"
            ),
            (
                try fixture.package(
                    "daemon",
                    [
                        .directory("var/"), .directory("var/lib/"), .directory("var/lib/mydaemon/"),
                        .file("var/lib/mydaemon/state", "x", owner: "mydaemon"),
                    ],
                    info: info + ["depend = base"],
                    scripts: [".pre-install": daemon]
                ), "D:base\n"
            ),
            (try fixture.package("docs", [], info: info), ""),
            (
                try fixture.package(
                    "hello-doc",
                    "2.0-r1",
                    [.directory("usr/"), .directory("usr/share/"), .file("usr/share/manual", "read me\n")],
                    info: info + ["install_if = hello=2.0-r1 docs"]
                ), "i:hello=2.0-r1 docs\no:hello\n"
            ),
        ]
    }
}
