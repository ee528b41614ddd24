// SPDX-License-Identifier: Apache-2.0

import Definitions
import Diagnostics
import Foundation
import TestSupport
import Testing

struct PlanTests {
    @Test func includedFilesAreMergedBelow() throws {
        let folder = try TemporaryDirectory()
        let base = "name: base\nvars: {A: '1', B: '1'}\ncontents: {packages: [a]}\ncmd: [x]\n"
        try folder.write(Array(base.utf8), to: "base.yaml")
        let text = "includes: [base.yaml]\nname: own\nvars: {B: '2'}\ncontents: {packages: ['b-${A}${B}']}\ncmd: [y]\n"
        let path = try folder.write(Array(text.utf8), to: "image/x.yaml")
        let plan = try DefinitionLoader().load(path: path).plan(platform: .arm64)
        #expect(plan.name == "own")
        #expect(plan.packages == ["a", "b-12"])
        #expect(plan.cmd == ["y"])
    }

    @Test func sourcesStayInTheRepository() throws {
        let folder = try TemporaryDirectory()
        try folder.write([1], to: "repo/image/x/conf")
        try folder.write([1], to: "secret")
        symlink("../../../secret", folder.path("repo/image/x/out"))
        func plan(_ source: String) throws -> Plan {
            let text = "os-release: {id: debian}\npaths:\n  - {type: file, path: /x/, source: '\(source)'}\n"
            return try DefinitionLoader().load(path: try folder.write(Array(text.utf8), to: "repo/image/x/d.yaml"))
                .plan(platform: .amd64)
        }
        let good = try plan("image/x/conf")
        #expect(good.problems.isEmpty && good.obstacles.isEmpty)
        #expect(good.paths.first?.sourceFile?.hasSuffix("/repo/image/x/conf") == true)
        #expect(good.paths.first?.path == "/x")
        #expect(try plan("image/x/out").problems.map(\.code) == ["invalid-source"])
        #expect(try plan("image/../../secret").problems.map(\.code) == ["invalid-source"])
        #expect(try plan("image/x/none").obstacles.map(\.kind) == [.missingSource])
    }

    @Test func theRootIsWhereGitIsOrAboveTheCatalogsFolders() throws {
        let folder = try TemporaryDirectory()
        try folder.write([], to: "a/.git/HEAD")
        try folder.write([], to: "a/sub/image/x/d.yaml")
        try folder.write([], to: "b/definitions/x/d.yaml")
        try folder.write([], to: "c/d.yaml")
        #expect(RepositoryRoot.containing(folder.path("a/sub/image/x/d.yaml")).path.hasSuffix("/a"))
        #expect(RepositoryRoot.containing(folder.path("b/definitions/x/d.yaml")).path.hasSuffix("/b"))
        #expect(RepositoryRoot.containing(folder.path("c/d.yaml")).path.hasSuffix("/c"))
    }

    @Test(arguments: [
        ("8080/tcp", "8080/tcp"), ("80", "80/tcp"), ("53/udp", "53/udp"), ("30000-30100", "30000-30100/tcp"),
        ("9/SCTP", "9/sctp"),
    ])
    func portsAreRead(_ text: String, _ expected: String) { #expect(Plan.Port(text)?.text == expected) }

    @Test(arguments: ["", "0", "65536", "a", "80/", "80/icmp", "2-1", "1-2-3", "-1", "80/tcp/x", "+80", "1-"])
    func whatIsNoPortIsRefused(_ text: String) { #expect(Plan.Port(text) == nil) }

    @Test func repositoriesAreReadInBothNotations() throws {
        let line =
            "deb [arch=amd64,arm64 signed-by=/usr/share/keyrings/a.gpg] https://example.com/deb/ trixie main contrib"
        let debian = try Plan.Repository(line: line)
        #expect(
            debian.url == "https://example.com/deb" && debian.suite == "trixie"
                && debian.components == ["main", "contrib"]
        )
        #expect(debian.signedBy == ["/usr/share/keyrings/a.gpg"] && debian.isDebian && debian.serves("arm64"))
        #expect(!debian.serves("riscv64") && debian.host == "example.com")
        let flat = try Plan.Repository(line: "deb https://example.com/x/ /")
        #expect(flat.suite == "/" && flat.components.isEmpty)
        let alpine = try Plan.Repository(line: "@edge https://example.com/alpine/edge/main")
        #expect(alpine.tag == "edge" && !alpine.isDebian && alpine.url == "https://example.com/alpine/edge/main")
        #expect(try Plan.Repository(line: "file:///srv/mirror").url == "file:///srv/mirror")
        for wrong in [
            "", "deb", "deb https://example.com", "deb https://example.com trixie", "example.com",
            "deb [x https://e.com a b", "a b",
        ] {
            #expect(throws: Plan.Repository.Mistake.self) { try Plan.Repository(line: wrong) }
        }
    }

    @Test func modesHaveThreeToFiveOctalDigits() throws {
        func plan(_ mode: String) throws -> Plan {
            try Sample.plan("paths:\n  - {type: directory, path: /x, mode: '\(mode)'}\n")
        }
        for (text, mode) in [("755", 0o755), ("0755", 0o755), ("02775", 0o2775), ("1777", 0o1777), ("4755", 0o4755)] {
            #expect(try plan(text).paths.first?.mode == mode)
        }
        for text in ["75", "888", "0x1ff", "77777", "rwx", "000755", "-755"] {
            #expect(try plan(text).problems.map(\.code) == ["invalid-mode"], "\(text)")
        }
    }

    @Test func theSystemIsToldByOSReleaseAndNotByLineOne() throws {
        func family(_ text: String) throws -> String? { try Sample.plan(text).distribution?.family.rawValue }
        #expect(
            try family("# syntax=example.com/build:2-alpine3.23\nos-release: {id: debian, version-id: '13'}\n")
                == "debian"
        )
        #expect(try family("os-release: {id: own, id-like: alpine}\n") == "alpine")
        #expect(try family("os-release: {id: own}\ncontents: {repositories: ['deb https://e.com a b']}\n") == "debian")
        #expect(try family("os-release: {id: own}\n") == "other")
        #expect(try family("name: x\n") == nil)
        #expect(try Sample.plan("os-release: {id: debian, version-id: '12'}\n").distribution?.codename == "bookworm")
    }

    @Test func osReleaseIsWrittenInOrder() throws {
        let text = """
            os-release: {version-id: "13", id: debian, pretty-name: 'A "B" $C', name: My System, version-codename: trixie}
            """
        #expect(
            try Sample.plan(text).osReleaseText == """
                NAME="My System"
                ID=debian
                VERSION_ID="13"
                VERSION_CODENAME=trixie
                PRETTY_NAME="A \\"B\\" \\$C"

                """
        )
    }

    @Test func obstaclesAreTold() throws {
        let text = """
            image: registry.example/x
            os-release: {id: alpine}
            accounts: {run-as: root}
            contents:
              repositories: ['https://registry.example/apk/main', 'https://elsewhere.example/main']
              files: [{url: https://e.com/x, path: /x}]
              artifacts: [{name: registry.example/y@sha256:00}]
              builds:
                - name: build
                  uses: registry.example/z:1
                  pipeline:
                    - {name: fetch, runs: curl, privileged: true, secrets: [{id: token, env: T}, {id: o, env: O, optional: true}]}
                    - {uses: go/build@v1}
                  outputs: [{source: /a, target: /b}]
            """
        let found = Set(try Sample.plan(text).obstacles.map { "\($0.kind.rawValue) \($0.subject)" })
        #expect(
            found == [
                "private-repository https://registry.example/apk/main", "remote-file https://e.com/x",
                "oci-artifact registry.example/y@sha256:00", "build-stage build", "stage-image registry.example/z:1",
                "script 'fetch'",
                "network-step 'fetch'", "secret token", "pipeline-action go/build@v1",
            ]
        )
    }

    @Test func obstaclesSayWhereTheyAre() throws {
        let text = """
            image: registry.example/x
            contents:
              repositories:
                - nowhere
                - https://registry.example/main
              files:
                - {url: https://e.com/a}
                - {url: https://e.com/b}
              builds:
                - name: a
                - name: ab
                  contents: {repositories: [https://registry.example/other]}
            cmd: [x]
            """
        let lines = try Sample.plan(text).obstacles.map { "\($0.subject) \($0.mark.line)" }
        #expect(
            lines == [
                "https://registry.example/main 5", "https://registry.example/other 11", "https://e.com/a 7",
                "https://e.com/b 8", "a 10", "ab 11",
            ]
        )
    }

    @Test func aVendorsRepositoryAloneDoesNotStopABuild() throws {
        let text =
            "image: registry.example/x\nos-release: {id: alpine}\ncontents: {repositories: ['https://registry.example/m']}\n"
        #expect(try Sample.plan(text).isBuildable)
    }

    @Test func anotherPlatformIsRefused() {
        #expect(throws: DefinitionError.self) { try Sample.plan("platforms: [linux/amd64]\n", .arm64) }
    }
}
