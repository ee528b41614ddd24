// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Definitions
import Diagnostics
import TestSupport
import Testing

/// A user who is not root, declared as it should be.
private let users =
    "accounts:\n  run-as: app\n  users: [{name: app, uid: 1000, gid: 1000}]\n  groups: [{name: app, gid: 1000}]\n"

/// One item more than a matrix may have.
private let wideMatrix: String = {
    let items = (0...256).map { "i\($0): x" }
    return "contents: {builds: [{matrix: [{items: {\(items.joined(separator: ", "))}}]}]}\n"
}()

struct LintTests {
    @Test(arguments: [
        ("privileged-port", users + "ports: ['443/tcp']\n"),
        ("duplicate-port", users + "ports: ['8443', '8443/tcp']\n"),
        ("invalid-port", users + "ports: ['http']\n"),
        ("unintended-shell", "os-release: {id: debian}\ncontents: {packages: [bash]}\n"),
        (
            "unintended-shell",
            "os-release: {id: debian}\nlabels: {org.example.shell: ''}\ncontents: {packages: [busybox=1]}\n"
        ),
        ("unintended-package-manager", "os-release: {id: alpine}\ncontents: {packages: [apk-tools]}\n"),
        ("end-of-life", "dates: {end-of-life: '2026-05-31'}\n"),
        ("invalid-date", "dates: {release: '2026-02-30'}\n"),
        ("invalid-date", "dates: {release: '2026-02-03', end-of-life: '2026-01-01'}\n"),
        ("veto-without-effect", "contents: {packages: ['!gawk', gawk]}\n"),
        ("pinned-and-unpinned", "contents: {packages: [python, python=3]}\n"),
        ("conflicting-pin", "contents: {packages: [python=3, python=4]}\n"),
        ("duplicate-package", "contents: {packages: [a, a]}\n"),
        ("invalid-package", "contents: {packages: ['a>1']}\n"),
        ("unknown-user", "accounts: {run-as: ghost}\n"),
        ("unknown-user", "accounts: {run-as: root, groups: [{name: g, gid: 1, members: [ghost]}]}\n"),
        ("unknown-group", "accounts: {run-as: a, users: [{name: a, uid: 1, gid: 7}]}\n"),
        ("duplicate-uid", "accounts: {users: [{name: a, uid: 1, gid: 0}, {name: b, uid: 1, gid: 0}]}\n"),
        ("duplicate-gid", "accounts: {groups: [{name: a, gid: 1}, {name: b, gid: 1}]}\n"),
        ("duplicate-user", "accounts: {users: [{name: a, uid: 1, gid: 0}, {name: a, uid: 2, gid: 0}]}\n"),
        ("duplicate-tag", "tags: [a, a]\n"), ("invalid-tag", "tags: ['a b']\n"),
        ("image-without-registry", "image: python\n"),
        ("invalid-mode", "paths: [{type: directory, path: /x, mode: rwx}]\n"),
        ("invalid-path", "paths: [{type: directory, path: x}]\n"),
        ("missing-target", "paths: [{type: symlink, path: /x}]\n"),
        ("unused-field", "paths: [{type: symlink, path: /x, source: /y, mode: '0755'}]\n"),
        ("two-contents", "paths: [{type: file, path: /x, source: a, content: b}]\n"),
        ("conflicting-path", "paths: [{type: file, path: /x}, {type: directory, path: /x}]\n"),
        ("invalid-repository", "contents: {repositories: [nowhere]}\n"),
        (
            "other-release",
            "os-release: {id: alpine, version-id: '3.23'}\ncontents: {repositories: ['https://e.com/v3.22/main']}\n"
        ),
        (
            "other-release",
            """
            os-release: {id: alpine, version-id: '3.23'}
            contents: {repositories: ['https://e.com/v3.23/main', 'https://e.com/v3.22/community']}
            """
        ),
        (
            "other-release",
            """
            os-release: {id: debian, version-id: '13'}
            contents: {repositories: ['deb https://e.com/debian bookworm-updates main']}
            """
        ),
        ("unsigned-repository", "contents: {repositories: ['deb https://e.com a b'], keyring: ['https://e.com/k']}\n"),
        ("missing-key", "contents: {repositories: ['deb [signed-by=/k.gpg] https://e.com a b']}\n"),
        ("insecure-key", "contents: {keyring: ['http://e.com/k']}\n"),
        ("no-platforms", "platforms: []\n"),
        ("invalid-id", "paths: [{type: directory, path: /x, uid: -1}]\n"),
        ("invalid-source", "paths: [{type: file, path: /x, source: ../x}]\n"),
        ("missing-source", "paths: [{type: file, path: /x, source: x}]\n"),
        ("unknown-action", "contents: {builds: [{pipeline: [{uses: go/biuld@v1}]}]}\n"),
        ("empty-step", "contents: {builds: [{pipeline: [{name: x}]}]}\n"),
        ("two-actions", "contents: {builds: [{pipeline: [{uses: strip@v1, runs: x}]}]}\n"),
        ("duplicate-stage", "contents: {builds: [{name: a}, {name: a}]}\n"),
        ("stage-directory", "contents: {packages: ['a${target.dir}']}\n"),
        ("matrix-too-large", wideMatrix),
    ])
    func whatIsLegalAndWrongIsAWarning(_ code: String, _ text: String) {
        let found = Sample.lint(text).filter { $0.code == code }
        #expect(found.map(\.severity) == [.warning])
    }

    @Test(arguments: [
        users + "ports: ['8443/tcp']\n", "accounts: {run-as: root}\nports: ['80']\n", "accounts: {run-as: '65532'}\n",
        "os-release: {id: debian}\nvariant: dev\ncontents: {packages: [bash, apt]}\n",
        "os-release: {id: debian}\nlabels: {org.example.shell: bash}\ncontents: {packages: [bash]}\n",
        "dates: {release: '2026-02-28', end-of-life: '2026-06-01'}\n",
        "contents: {packages: ['!gawk', a=1, libstdc++6, a.b]}\n",
        "accounts: {users: [{name: a, uid: 42, gid: 0}, {name: a, uid: 42, gid: 0}]}\n",
        "os-release: {id: alpine, version-id: 3.23.1}\ncontents: {repositories: ['https://e.com/v3.23/main']}\n",
        // The same repository of the release before, for what the own one does not have yet.
        """
        os-release: {id: alpine, version-id: '3.24'}
        contents: {repositories: ['https://e.com/v3.24/main', 'https://e.com/v3.23/main']}
        """,
        """
        os-release: {id: debian, version-id: '13'}
        contents: {repositories: ['deb https://e.com/debian trixie main', 'deb https://e.com/x stable main']}
        """,
        "contents: {builds: [{name: a, paths: [{type: directory, path: out}, {type: file, path: '${source.dir}/x'}]}]}\n",
        "image: e.com/x\ntags: [a, '1.2_3']\n", "contents: {builds: [{pipeline: [{uses: 'e.com/x:1@sha256:00'}]}]}\n",
    ])
    func whatIsRightIsNoWarning(_ text: String) {
        #expect(Sample.codes(text).isEmpty)
    }

    @Test func aNameWithoutAValueIsAnError() {
        let found = Sample.lint("contents: {packages: ['a-${NOPE}']}\n")
        #expect(found.map(\.severity) == [.error] && found.map(\.code) == ["unknown-name"])
        // The same in both platforms is one problem.
        #expect(found.count == 1)
    }

    @Test func tagsAreComparedAcrossFiles() async throws {
        let folder = try TemporaryDirectory()
        try folder.write(Array("image: e.com/x\ntags: ['1', '1.2']\n".utf8), to: "a.yaml")
        try folder.write(Array("image: e.com/x\ntags: ['2', '1']\n".utf8), to: "b.yaml")
        try folder.write(Array("image: e.com/y\ntags: ['1']\n".utf8), to: "c.yaml")
        let report = try await LintRun(today: nil, width: 2).lint(paths: [folder.path])
        #expect(report.files == 3)
        #expect(report.diagnostics.map(\.code) == ["shared-tag"])
        #expect(report.diagnostics.first?.location.file == folder.path("b.yaml"))
        #expect(report.diagnostics.first?.message.contains("a.yaml:2") == true)
    }

    @Test func sarifHasRulesAndPlaces() {
        let found = Sample.lint("variant: deb\n")
        let run = StaticAnalysisReport(tool: "basalt", diagnostics: found).json["runs"]?[0]
        let result = run?["results"]?[0]
        #expect(result?["ruleId"]?.text == "invalid-value" && result?["level"]?.text == "error")
        let region = result?["locations"]?[0]?["physicalLocation"]?["region"]
        #expect(region?["startLine"]?.int == 1 && region?["startColumn"]?.int == 10 && region?["endColumn"]?.int == 13)
    }
}
