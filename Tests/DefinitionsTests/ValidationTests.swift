// SPDX-License-Identifier: Apache-2.0

import Definitions
import Diagnostics
import Testing

struct ValidationTests {
    struct Case: CustomTestStringConvertible {
        var text: String
        /// What must be reported: code, line and column.
        var expected: [String]
        var hint: String?
        var testDescription: String { text }
    }

    @Test(arguments: [
        Case(text: "packagez: []\n", expected: ["unknown-field 1:1"]),
        Case(text: "contents:\n  packagez: []\n", expected: ["unknown-field 2:3"], hint: "did you mean 'packages'?"),
        Case(text: "work_dir: /x\n", expected: ["unknown-field 1:1"], hint: "did you mean 'work-dir'?"),
        Case(
            text: "paths:\n  - type: file\n    path: /x\n    mode: 0755\n",
            expected: ["wrong-type 4:11"],
            hint: "quote it: '0755'"
        ),
        Case(text: "tags: 1\n", expected: ["wrong-type 1:7"]),
        Case(text: "tags:\n  - 1.5\n  - a\n  - yes\n", expected: ["wrong-type 2:5", "wrong-type 4:5"]),
        Case(text: "variant: deb\n", expected: ["invalid-value 1:10"], hint: "did you mean 'dev'?"),
        Case(text: "paths:\n  - path: /x\n", expected: ["missing-field 2:5"], hint: "add 'type:'"),
        Case(
            text: "accounts:\n  users:\n    - {name: a, uid: '1', gid: 1}\n",
            expected: ["wrong-type 3:22"],
            hint: "remove the quotes"
        ),
        Case(text: "cmd:\n", expected: ["wrong-type 1:5"]),
        Case(text: "- a\n", expected: ["not-a-definition 1:1"]),
        Case(text: "", expected: ["not-a-definition 1:1"]),
        Case(text: "os-release: {id-like: Debian}\n", expected: ["invalid-value 1:23"]),
        Case(text: "track:\n  - {type: var_increment, set: REL, reset: []}\n", expected: ["ambiguous-value 2:5"]),
        Case(
            text: "track:\n  - {type: github_tagg}\n",
            expected: ["invalid-value 2:12"],
            hint: "did you mean 'github_tag'?"
        ),
        Case(text: "track:\n  - {type: github_tag, owner: a, set: V, match: m}\n", expected: ["missing-field 2:5"]),
        Case(text: "name: a\nname: b\n", expected: ["duplicate-key 1:1"]),
        Case(text: "name: a: b\n", expected: ["invalid-yaml 1:8"]),
        Case(text: "name: [a\n", expected: ["invalid-yaml 2:1"]),
        Case(text: "tags:\n  - 'a\n  - b\nname: c\n", expected: ["invalid-yaml 2:5"]),
        Case(text: "name: \"a\nimage: b\n", expected: ["invalid-yaml 1:7"]),
        Case(text: "tags:\n  - @a\n", expected: ["invalid-yaml 2:5"], hint: "put the text in quotes"),
        Case(text: "contents:\n\tpackages: [a]\n", expected: ["invalid-yaml 2:1"], hint: "indent with spaces"),
        Case(
            text: "contents:\n  packages:\n    - !gawk\n",
            expected: ["unknown-tag 3:7"],
            hint: "to keep a package out, put it in quotes: '!gawk'"
        ),
        Case(text: "\u{FEFF}name: 1\n", expected: ["wrong-type 1:7"]),
        Case(text: "name: a\n\tx: b\n", expected: ["invalid-yaml 2:1"]),
        Case(text: "name: a\n---\nname: b\n", expected: ["invalid-yaml 2:1"]),
        Case(text: "name: !foo a\n", expected: ["unknown-tag 1:7"]),
        Case(text: "? [a, b]\n: c\n", expected: ["complex-key 1:3"]),
    ])
    func aMistakeIsReportedWhereItIs(_ test: Case) {
        let found = Sample.load(test.text).diagnostics
        #expect(found.map { "\($0.code) \($0.location.line):\($0.location.column)" } == test.expected)
        if let hint = test.hint { #expect(found.first?.hint == hint) }
    }

    @Test func everyProblemOfAFileIsReportedAtOnce() {
        let text = "tagz: []\nvariant: x\ncontents: {packages: [1]}\nports: ['80/xyz']\naccounts: {run-as: nobody1}\n"
        let codes = Set(Sample.codes(text))
        #expect(codes.isSuperset(of: ["unknown-field", "invalid-value", "wrong-type", "invalid-port", "unknown-user"]))
    }

    @Test func aliasesAndMergeKeysAreRead() throws {
        let text = "labels: &l\n  a: b\nannotations:\n  <<: *l\n  c: d\nenvironment: *l\n"
        let document = Sample.load(text)
        #expect(document.diagnostics.isEmpty)
        let plan = try document.plan(platform: .amd64)
        #expect(plan.annotations == [.init("a", "b"), .init("c", "d")])
        #expect(plan.environment == [.init("a", "b")])
    }

    @Test func columnsCountCodePoints() {
        let found = Sample.load("vars: {é: 'ü', 日本: 1}\n").diagnostics
        #expect(found.map(\.location.column) == [20])
    }

    @Test func theTextIsUnderlined() throws {
        let found = try #require(Sample.load("variant: deb\n").diagnostics.first)
        #expect(
            CaretRenderer().render(found) == """
                x.yaml:1:10: error: variant must be one of dev, runtime, helm, not 'deb' [invalid-value]
                    1 | variant: deb
                      |          ^^^
                      hint: did you mean 'dev'?

                """
        )
    }
}
