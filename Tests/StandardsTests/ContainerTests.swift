// SPDX-License-Identifier: Apache-2.0

internal import Containers
internal import Cryptography
internal import Definitions
internal import FileTree
internal import Foundation
internal import OCI
internal import Standards
internal import TestSupport
internal import Testing

@Suite("Tests in containers")
struct ContainerTests {
    /// The command, the image has a shell, and the words that are run; nil for what cannot be.
    @Test(
        arguments: [
            ("curl --version", false, ["curl", "--version"]),
            (#"a 'b c' "d e" f\ g"#, false, ["a", "b c", "d e", "f g"]),
            (#"a "q\"q\$" '' x#y"#, false, ["a", "q\"q$", "", "x#y"]), ("a | b", false, nil),
            ("a | b", true, ["/bin/sh", "-c", "a | b"]), ("echo $HOME", true, ["/bin/sh", "-c", "echo $HOME"]),
            ("X=1 a", true, ["/bin/sh", "-c", "X=1 a"]), ("'open", false, nil), ("", false, nil),
            ("docker run --rm ${DHI_TEST_IMAGE} curl --version", false, ["curl", "--version"]),
            ("docker run --rm -i --network none \"$DHI_TEST_IMAGE\" a b", false, ["a", "b"]),
            ("docker run --rm other/image a", true, nil), ("docker build .", true, nil),
            ("docker run --rm --privileged ${DHI_TEST_IMAGE} a", true, nil),
            ("docker run --rm ${DHI_TEST_IMAGE} a | grep x", true, nil),
        ] as [(String, Bool, [String]?)]
    )
    func readsCommands(text: String, hasShell: Bool, words: [String]?) {
        let command = ContainerCommand(text, hasShell: hasShell, isForHost: false)
        switch command {
        case .process(let process): #expect((process.entrypoint ?? []) + process.arguments == words)
        case .unsupported(let reason):
            #expect(words == nil, "\(reason)")
            #expect(!reason.isEmpty)
        }
    }

    @Test func readsOptions() {
        let text = "docker run --rm --entrypoint /bin/x -e A=1 --env=B=2 -u 1000 -w /srv ${DHI_TEST_IMAGE} y"
        var expected = ContainerCommand.Process(entrypoint: ["/bin/x"], arguments: ["y"])
        expected.environment = ["A=1", "B=2"]
        expected.user = "1000"
        expected.directory = "/srv"
        #expect(ContainerCommand(text, hasShell: false, isForHost: false) == .process(expected))
    }

    /// What is written for the host is never run, neither there nor in the image.
    @Test func leavesTheHostAlone() {
        for text in ["go test . -count=1 -v", "sh run.sh"] {
            guard case .unsupported = ContainerCommand(text, hasShell: true, isForHost: true) else {
                Issue.record("\(text)")
                continue
            }
        }
    }

    @Test func withoutARuntimeEverythingIsSkippedAndSaysWhy() async throws {
        let test = PlannedTest(name: "t", directory: nil, commands: ["x"], exitCode: 0, timeout: nil, output: nil)
        let results = await FunctionalTests([test], of: try Self.image(), options: .init(runtime: nil, now: { 0 }))
            .run()
        #expect(results.map(\.outcome) == [.skipped, .skipped])
        #expect(results.allSatisfy { $0.detail.contains("runc") })
    }

    // MARK: With a runtime

    /// This machine's `sleep` and `cat`, with the libraries that ldd names, as an image.
    private static func image() throws -> TestedImage {
        var tree = Tree()
        func add(_ path: String) throws {
            let bytes = try Array(Data(contentsOf: URL(filePath: path).resolvingSymlinksInPath()))
            let place = tree.canonical(try TreePath(path))
            try tree.put(Node(place, .file(FileContent(bytes)), mode: 0o755, origin: .definition("t")))
        }
        for name in ["sleep", "cat"] {
            guard let program = Tool.find(name) else { continue }
            try add(program)
            for line in try Tool.run("ldd", [program]).lines {
                guard let path = line.split(whereSeparator: \.isWhitespace).first(where: { $0.hasPrefix("/") }) else {
                    continue
                }
                try add(String(path))
            }
        }
        try tree.put(Node("etc/secret", .file(FileContent("s")), mode: 0o600, origin: .definition("t")))
        try tree.put(Node("etc/note", .file(FileContent("hello\n")), mode: 0o644, origin: .definition("t")))
        var architecture = "amd64"
        #if arch(arm64)
            architecture = "arm64"
        #endif
        var configuration = ImageConfiguration(
            platform: ImagePlatform(architecture: architecture),
            created: 0,
            diffIDs: []
        )
        configuration.user = "65532"
        configuration.environment = ["PATH=/usr/bin:/bin"]
        configuration.command = ["cat", "/etc/note"]
        return TestedImage(tree: tree, contents: InlineContents(), configuration: configuration, size: 1)
    }

    private static func run(_ tests: [PlannedTest], runtime: String? = nil) async throws -> [TestResult] {
        await FunctionalTests(tests, of: try image(), options: .init(runtime: .find(runtime), now: { 0 })).run()
    }

    private static func test(_ command: String, exit: Int = 0, timeout: Int? = nil, output: String? = nil)
        -> PlannedTest
    {
        PlannedTest(
            name: command,
            directory: nil,
            commands: [command],
            exitCode: exit,
            timeout: timeout,
            output: output
        )
    }

    static let reason = "no container runtime works here"
    private static func isWorking(_ runtime: String) async -> Bool {
        guard ContainerRuntime.find(runtime) != nil, Tool.exists("ldd") else { return false }
        return (try? await run([], runtime: runtime))?.first?.outcome == .passed
    }

    /// crun on a machine that mounts both versions of cgroups, too.
    @Test(arguments: ContainerRuntime.names)
    func runsWhatTheDefinitionSays(runtime: String) async throws {
        // Asked here and not in a trait, which could not wait.
        guard await Self.isWorking(runtime) else {
            try Test.cancel(Comment(rawValue: "\(runtime): \(Self.reason)"))
        }
        let results = try await Self.run(
            [
                Self.test("cat /etc/note", output: "hello"), Self.test("cat /etc/note", output: "goodbye"),
                Self.test("cat /etc/gone", exit: 1), Self.test("cat /etc/gone"), Self.test("gone"),
                Self.test("cat /etc/secret"), Self.test("sleep 1000", timeout: 1), Self.test("cat /dev/zero"),
                Self.test("cat /etc/note | cat"),
                Self.test("cat /proc/self/status", output: "CapEff:\t0000000000000000"),
            ],
            runtime: runtime
        )
        let outcomes = results.map(\.outcome)
        #expect(
            outcomes == [
                .passed, .passed, .failed, .passed, .failed, .failed, .failed, .failed, .failed, .skipped, .passed,
            ],
            "\(results.map { "\($0.name): \($0.outcome) \($0.detail)" }.joined(separator: "\n"))"
        )
    }
}
