// SPDX-License-Identifier: Apache-2.0

import Debian
import Packages
import TestSupport
import Testing

@Suite("Repositories of Debian")
struct DebianRepositoriesTests {
    @Test func areImplicit() {
        let trixie = Distribution(id: "debian", versionID: "13")
        let repositories = DebianRepositories.implicit(for: trixie, suites: Set(ImplicitSuite.allCases))
        #expect(
            repositories.map { "\($0.id) \($0.suite)" } == [
                "debian trixie", "debian trixie-updates", "debian-security trixie-security",
            ]
        )
        #expect(repositories.allSatisfy { $0.components == ["main"] && $0.keys.isEmpty && $0.url == nil })
        #expect(DebianRepositories.implicit(for: trixie, suites: [.release]).map(\.suite) == ["trixie"])
        #expect(DebianRepositories.codename(of: Distribution(id: "debian", versionID: "12")) == "bookworm")
        #expect(DebianRepositories.codename(of: Distribution(id: "debian", versionID: "99", codename: "x")) == "x")
        #expect(
            DebianRepositories.implicit(for: Distribution(id: "debian", versionID: "99"), suites: [.release]).isEmpty
        )
    }

    @Test func areReadFromALine() throws {
        let keyring = ["https://example.org/keys/vendor.asc", "keys/other.gpg"]
        let line = "deb [arch=amd64 signed-by=/usr/share/keyrings/vendor.gpg] https://example.org/apt trixie main extra"
        let repository = try DebianRepositories.parse(line, keyring: keyring)
        #expect(repository.url == "https://example.org/apt" && repository.id == "https://example.org/apt")
        #expect(repository.suite == "trixie" && repository.components == ["main", "extra"])
        #expect(repository.keys == ["https://example.org/keys/vendor.asc"])
        let open = try DebianRepositories.parse("deb https://example.org/apt trixie main", keyring: keyring)
        #expect(open.keys == keyring)
        let unnamed = try DebianRepositories.parse(
            "deb [signed-by=/usr/share/keyrings/nobody.gpg] https://example.org/apt trixie main",
            keyring: keyring
        )
        #expect(unnamed.keys == keyring)
        #expect(throws: DebianError.self) {
            try DebianRepositories.parse(
                "deb [signed-by=/k/nobody.gpg] https://example.org/apt trixie main",
                keyring: []
            )
        }
        let debian = try DebianRepositories.parse(
            "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://example.org/debian sid main",
            keyring: []
        )
        #expect(debian.keys.isEmpty)
        let flat = try DebianRepositories.parse("deb [signed-by=/k/other.gpg] file:///srv/apt ./", keyring: keyring)
        #expect(flat.suite == "./" && flat.components.isEmpty)
    }

    @Test(
        "say what is wrong with a line",
        arguments: [
            "", "# comment", "deb https://example.org", "deb-src https://example.org/apt trixie main",
            "deb ftp://example.org/apt trixie main",
            "deb [trusted=yes signed-by=/k/other.gpg] https://example.org/apt trixie main",
            "deb [signed-by=/k/other.gpg] https://example.org/apt trixie",
            "deb [signed-by=/k/other.gpg https://example.org/apt trixie main",
            "deb [signed-by=/k/other.gpg] https://example.org/apt ../trixie main",
            "deb [signed-by=0123456789ABCDEF] https://example.org/apt trixie main",
            "deb [signed-by=/k/other.gpg] https://example.org/apt ./ main",
        ]
    )
    func bad(_ line: String) {
        let error = #expect(throws: DebianError.self) {
            try DebianRepositories.parse(line, keyring: ["keys/other.gpg"])
        }
        #expect(error?.code == "bad-repository")
    }

    @Test func lieWhereTheMachineSaysSo() throws {
        let root = try TemporaryDirectory()
        try root.write(
            Array(
                """
                # deb http://commented.example/debian trixie main
                deb [signed-by=/k.gpg] http://one.example/debian/ trixie main contrib
                deb-src http://source.example/debian trixie main
                deb http://user:secret@two.example/debian trixie main
                deb http://three.example/other trixie nightly
                deb cdrom:[Debian]/ trixie main
                """.utf8
            ),
            to: "etc/apt/sources.list"
        )
        try root.write(
            Array(
                """
                Types: deb deb-src
                URIs: https://four.example/debian https://five.example/debian
                Suites: trixie trixie-updates
                Components: main
                Signed-By:
                 -----BEGIN PGP PUBLIC KEY BLOCK-----
                 .
                 abc
                 -----END PGP PUBLIC KEY BLOCK-----

                Enabled: no
                Types: deb
                URIs: https://off.example/debian
                Suites: trixie
                Components: main

                Types: deb
                URIs: file:/srv/security
                Suites: trixie-security
                Components: main
                """.utf8
            ),
            to: "etc/apt/sources.list.d/debian.sources"
        )
        try root.write(Array("deb http://six.example/debian bookworm main\n".utf8), to: "etc/apt/sources.list.d/a.list")
        try root.write(
            Array("deb http://ignored.example/debian trixie main\n".utf8),
            to: "etc/apt/sources.list.d/a.list.save"
        )
        let configuration = AptConfiguration(root: root.path)
        #expect(
            configuration.archives(codename: "trixie")
                == ["http://one.example/debian", "https://four.example/debian", "https://five.example/debian"]
        )
        #expect(configuration.archives(codename: "bookworm") == ["http://six.example/debian"])
        #expect(configuration.archives().contains("http://six.example/debian"))
        #expect(configuration.securityArchives(codename: "trixie") == ["file:///srv/security"])
        #expect(configuration.securityArchives() == ["file:///srv/security"])
        #expect(AptConfiguration(root: root.path("absent")).archives().isEmpty)
    }
}
