// SPDX-License-Identifier: Apache-2.0

import Definitions
import Diagnostics
import Testing

struct EvaluationTests {
    private func planned(_ entry: String, vars: String, _ platform: TargetPlatform = .amd64, rest: String = "") throws
        -> Plan
    {
        try Sample.plan("\(rest)vars:\n\(vars)\ncontents:\n  packages:\n    - '\(entry)'\n", platform)
    }

    @Test(arguments: [
        ("a-${V}", "a-1.2.3"), ("${V:^([0-9]+)}", "1"), ("${V:^([0-9]+\\.[0-9]{1})}", "1.2"), ("${W}", "w-1.2.3"),
        ("#{ target.arch == \"amd64\" ? \"x86_64\" : \"aarch64\" }", "x86_64"),
        ("#{ target.arch != \"amd64\" ? \"x\" : (\"y\" + \"z\") }", "yz"), ("#{ \"a\" + definition.vars.V }", "a1.2.3"),
        ("#{ definition.vars.E || \"none\" }", "none"),
        ("#{ target.arch == \"arm64\" || target.arch == \"amd64\" }", "true"),
        ("#{ target.arch == \"arm64\" && target.arch == \"amd64\" }", "false"),
        ("#{ !(target.arch == \"arm64\") }", "true"),
        ("#{ V == \"1.2.3\" ? \"}\" : \"no\" }", "}"), ("${target.arch}", "amd64"), ("$V $(x) #", "$V $(x) #"),
        ("#{ \"${V}-x\" }", "1.2.3-x"),
    ])
    func placeholdersAndExpressionsHaveValues(_ entry: String, _ expected: String) throws {
        let plan = try planned(entry, vars: "  V: 1.2.3\n  W: w-${V}\n  E: \"\"")
        #expect(plan.problems.isEmpty, "\(plan.problems.map(\.message))")
        #expect(plan.packages == [expected])
    }

    @Test(arguments: [
        ("target.platform", "linux/arm64"), ("target.arch", "arm64"), ("target.dev", "true"), ("target.fips", "true"),
        ("target.flavor", "fpm"), ("target.variant", "dev"), ("definition.image", "e.com/x"),
        ("definition.name", "Name"),
        ("definition.flavor", "fpm"), ("definition.variant", "dev"), ("definition.vars.V", "1"),
    ])
    func builtInNamesHaveValues(_ name: String, _ expected: String) throws {
        let rest = "name: Name\nimage: e.com/x\nvariant: dev\nflavor: fpm\nfips-compliant: true\n"
        for text in ["${\(name)}", "#{ \(name) }", "#{ \(name) == \"\(expected)\" ? \(name) : \"no\" }"] {
            #expect(try planned(text, vars: "  V: '1'", .arm64, rest: rest).packages == [expected])
        }
    }

    /// From loosest to tightest: `? :`, `||`, `&&`, `==` and `!=`, `+`, `!`.
    @Test(arguments: [
        ("\"a\" + \"b\" == \"ab\"", "true"), ("\"a\" == \"b\" || \"c\" == \"c\"", "true"),
        ("\"\" && \"x\" || \"y\"", "y"), ("\"x\" || \"y\" && \"\"", "x"), ("!\"\" && \"z\"", "z"),
        ("\"\" ? \"a\" : \"x\" ? \"b\" : \"c\"", "b"), ("(\"\" || \"p\") + \"q\"", "pq"),
        ("\"a\" != \"a\" == false", "true"),
        ("'single' + \"\\\"\"", "single\""), ("\"\" && nope", ""), ("true || nope", "true"),
        ("true ? \"a\" : nope", "a"),
    ])
    func operatorsBindAsTheyShould(_ expression: String, _ expected: String) throws {
        let text = expression.replacing("'", with: "''")
        let plan = try planned("x#{ \(text) }", vars: "  V: '1'")
        #expect(plan.problems.isEmpty, "\(plan.problems.map(\.message))")
        #expect(plan.packages == ["x" + expected])
    }

    @Test func aPatternAppliesInMetadataUnlessItIsAShells() throws {
        let text = """
            vars: {V: 1.2.3}
            labels:
              a: '${V:^([0-9]+)}'
              b: '${V:-(x)}'
              c: '${NOPE:(x)}'
            os-release: {version-id: '${V:^([0-9]+\\.[0-9]+)}'}
            """
        let plan = try Sample.plan(text)
        #expect(plan.problems.isEmpty)
        #expect(plan.labels.map(\.value) == ["1", "${V:-(x)}", "${NOPE:(x)}"])
        #expect(plan.osRelease.first?.value == "1.2")
    }

    /// Fields of a stage are structured, too; its scripts and work directories are for a shell.
    @Test(arguments: [
        "contents: {repositories: ['https://e.com/${NOPE}']}", "contents: {keyring: ['https://e.com/${NOPE}']}",
        "paths: [{type: directory, path: '/${NOPE}'}]", "outputs: [{source: '/${NOPE}', target: /x}]",
        "outputs: [{source: /x, target: '/${NOPE}'}]", "uses: '${NOPE}'", "accounts: {run-as: '${NOPE}'}",
        "attestations: [{source: '${NOPE}'}]", "attestations: [{if: nope}]", "if: nope", "pipeline: [{if: nope}]",
        "pipeline: [{run-as: '${NOPE}'}]", "outputs: [{if: nope}]", "paths: [{type: file, path: /x, if: nope}]",
        "contents: {files: [{url: '${NOPE}'}]}", "contents: {artifacts: [{name: '${NOPE}'}]}",
        "pipeline: [{secrets: [{id: '${NOPE}', env: X}]}]", "contents: {artifacts: [{name: x, if: nope}]}",
    ])
    func aNameWithoutAValueInAStageIsAProblem(_ field: String) throws {
        #expect(try Sample.plan("contents: {builds: [{name: b, \(field)}]}\n").problems.map(\.code) == ["unknown-name"])
    }

    @Test func aStagesScriptsAndWorkDirectoriesAreLeftAlone() throws {
        let stage =
            "{work-dir: '${source.dir}/${NOPE}', environment: {A: '${B}'}, pipeline: [{work-dir: '${X}', runs: 'echo ${Y:-z} ${'}]}"
        #expect(try Sample.plan("contents: {builds: [\(stage)]}\n").problems.isEmpty)
    }

    @Test func anExpressionIsWorkedOutForEachPlatform() throws {
        let vars = "  A: '#{ target.arch == \"amd64\" ? \"x64\" : \"arm\" }'"
        #expect(try planned("p-${A}", vars: vars, .amd64).packages == ["p-x64"])
        #expect(try planned("p-${A}", vars: vars, .arm64).packages == ["p-arm"])
    }

    @Test(arguments: [
        ("${NOPE}", "unknown-name"), ("${A}", "variable-cycle"), ("${", "malformed-placeholder"),
        ("#{ target.arch == }", "malformed-expression"), ("${V:([0-9]+}", "invalid-pattern"),
        ("${V:[0-9]+}", "invalid-pattern"),
        ("${V:(x)}", "pattern-no-match"), ("${target.dir}", "stage-directory"), ("${D}", "unknown-name"),
        ("#{ nope }", "unknown-name"),
    ])
    func whatHasNoValueIsAProblem(_ entry: String, _ code: String) throws {
        let plan = try planned(entry, vars: "  V: 1.2.3\n  A: ${B}\n  B: ${A}\n  D: ${NOPE}")
        #expect(plan.problems.map(\.code) == [code])
        #expect(!plan.isBuildable)
    }

    @Test func theChainThatLedToAProblemIsTold() throws {
        let plan = try planned("${A}", vars: "  A: ${B}\n  B: ${C}\n  C: ${A}")
        #expect(plan.problems.first?.message.contains("A → B → C → A") == true)
        let other = try planned("${A}", vars: "  A: ${B}\n  B: ${C}")
        #expect(other.problems.first?.message.contains("vars.A → vars.B") == true)
    }

    @Test func theProblemIsUnderlinedWhereItStands() throws {
        let problem = try #require(try planned("name-${NOPE}", vars: "  A: b").problems.first)
        #expect(problem.location.line == 5)
        // Six spaces of `    - '` and five of `name-`.
        #expect(problem.location.column == 13)
        #expect(problem.location.length == 7)
    }

    @Test func aScriptKeepsWhatIsTheShells() throws {
        let text = """
            vars:
              V: "1"
            environment:
              A: ${LD_LIBRARY_PATH}:${V}
            paths:
              - type: file
                path: /x
                content: |
                  echo ${1#-} ${V} ${V:-x} #{x} ${HOME
            """
        let plan = try Sample.plan(text)
        #expect(plan.problems.isEmpty)
        #expect(plan.environment == [.init("A", "${LD_LIBRARY_PATH}:1")])
        #expect(plan.paths.first?.content == "echo ${1#-} 1 ${V:-x} #{x} ${HOME")
    }

    /// Each variable doubles the one before: 2^40 bytes without a bound.
    @Test func aVariableBombIsRefused() throws {
        var vars = "  V0: xxxxxxxx\n"
        for index in 1...40 { vars += "  V\(index): ${V\(index - 1)}${V\(index - 1)}\n" }
        #expect(try planned("${V40}", vars: vars).problems.map(\.code) == ["value-too-large"])
    }

    @Test func aLongChainAndADeepExpressionAreRefused() throws {
        var vars = "  V0: x\n"
        for index in 1...500 { vars += "  V\(index): ${V\(index - 1)}\n" }
        #expect(try planned("${V500}", vars: vars).problems.map(\.code) == ["value-too-large"])
        let deep = String(repeating: "(", count: 5_000)
        #expect(try planned("#{ \(deep) }", vars: "  A: b").problems.map(\.code) == ["malformed-expression"])
    }

    @Test func conditionsAndPlatformsFilter() throws {
        let text = """
            variant: dev
            vars:
              FLAG: "false"
            paths:
              - {type: directory, path: /a, if: target.arch == "amd64"}
              - {type: directory, path: /b, if: '#{ target.arch == "arm64" }'}
              - {type: directory, path: /c, platforms: [linux/arm64]}
              - {type: directory, path: /d, platforms: [linux/amd64]}
              - {type: directory, path: /e, if: '${FLAG}'}
              - {type: directory, path: /f, if: target.dev == "true"}
              - {type: directory, path: /g, if: "!definition.vars.FLAG"}
            """
        #expect(try Sample.plan(text, .amd64).paths.map(\.path) == ["/a", "/d", "/f", "/g"])
        #expect(try Sample.plan(text, .arm64).paths.map(\.path) == ["/b", "/c", "/f", "/g"])
    }

    @Test func aMatrixRepeatsItsStage() throws {
        let text = """
            contents:
              builds:
                - name: build
                  matrix:
                    - {name: php, items: {"8.3": {minor: "3"}, "8.4": {minor: "4"}}}
                    - {name: mode, items: {debug: "", release: ""}}
                  contents:
                    packages: ['php-${matrix.php}-${matrix.php.minor}-${matrix.mode}']
            """
        let plan = try Sample.plan(text)
        #expect(plan.problems.isEmpty)
        #expect(
            plan.stages.map(\.name) == [
                "build (8.3, debug)", "build (8.3, release)", "build (8.4, debug)", "build (8.4, release)",
            ]
        )
        #expect(
            plan.stages.flatMap(\.packages) == [
                "php-8.3-3-debug", "php-8.3-3-release", "php-8.4-4-debug", "php-8.4-4-release",
            ]
        )
    }

    @Test func aHugeMatrixIsRefused() throws {
        let items = (0..<20).map { "i\($0): x" }.joined(separator: ", ")
        let axes = (0..<6).map { "        - {name: a\($0), items: {\(items)}}\n" }.joined()
        let plan = try Sample.plan("contents:\n  builds:\n    - name: b\n      matrix:\n\(axes)")
        #expect(plan.problems.map(\.code) == ["matrix-too-large"])
    }
}
