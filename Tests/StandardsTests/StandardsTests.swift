// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import FileTree
internal import Foundation
internal import OCI
internal import Standards
internal import TestSupport
internal import Testing

@Suite("Standards")
struct StandardsTests {
    /// An image that keeps every rule, changed by a test.
    func image(
        variant: String = "runtime",
        _ change: (inout Tree, inout ImageConfiguration) throws -> Void = { _, _ in }
    ) throws -> TestedImage {
        var tree = Tree()
        for path in ["etc", "usr", "usr/bin", "usr/lib", "tmp"] {
            try tree.put(
                Node(try TreePath(path), .directory, mode: path == "tmp" ? 0o1777 : 0o755, origin: .definition("t"))
            )
        }
        try put("usr/bin/app", "#!/usr/bin/tool\n", mode: 0o755, in: &tree)
        try put("usr/bin/tool", "x", mode: 0o755, in: &tree)
        var configuration = ImageConfiguration(
            platform: ImagePlatform(architecture: "amd64"),
            created: 0,
            diffIDs: []
        )
        configuration.user = "65532"
        configuration.environment = ["PATH=/usr/bin"]
        configuration.command = ["app"]
        configuration.workingDirectory = "/"
        for name in ["created", "title", "vendor", "version"] {
            configuration.labels["org.opencontainers.image.\(name)"] = "x"
        }
        configuration.labels["dev.basalt.variant"] = variant
        try change(&tree, &configuration)
        return TestedImage(tree: tree, contents: InlineContents(), configuration: configuration, size: 1000)
    }

    func put(_ path: String, _ text: String, mode: UInt16 = 0o644, in tree: inout Tree) throws {
        try tree.put(Node(try TreePath(path), .file(FileContent(text)), mode: mode, origin: .definition("t")))
    }

    func failures(_ image: TestedImage, limit: Int? = nil) -> [String] {
        Standards.check(image, options: StandardOptions(sizeLimit: limit)).filter { $0.outcome == .failed }.map(\.name)
    }

    @Test func aGoodImagePasses() throws {
        let results = Standards.check(try image())
        #expect(results.filter { $0.outcome == .failed }.isEmpty, "\(results)")
        #expect(Set(results.map(\.name)).count == results.count, "ids are unique")
    }

    @Test(arguments: [
        ("0", ["non-root-user", "kubernetes-run-as-non-root"]), ("", ["non-root-user", "kubernetes-run-as-non-root"]),
        ("root", ["non-root-user", "kubernetes-run-as-non-root"]), ("nonroot", ["kubernetes-run-as-non-root"]),
        ("65532:65532", []), ("4294967295", ["kubernetes-run-as-non-root"]),
    ])
    func judgesUsers(user: String, expected: [String]) throws {
        #expect(failures(try image { $1.user = user }) == expected)
        #expect(failures(try image(variant: "dev") { $1.user = user }).isEmpty, "development images may be root's")
    }

    @Test func judgesFiles() throws {
        let cases: [(String, UInt16, String, String)] = [
            ("usr/bin/bash", 0o755, "x", "no-shell"), ("usr/bin/apt-get", 0o755, "x", "no-package-manager"),
            ("usr/bin/su", 0o4755, "x", "no-privileged-files"), ("usr/bin/wall", 0o2755, "x", "no-privileged-files"),
            ("usr/lib/open", 0o666, "x", "no-world-writable"),
            ("etc/machine-id", 0o644, "0123456789abcdef0123456789abcdef\n", "no-machine-identity"),
            (
                "etc/ssl/certs/ca-certificates.crt", 0o644,
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "ca-bundle"
            ),
            ("etc/ssl/certs/ca-certificates.crt", 0o644, "nothing\n", "ca-bundle"),
            (
                "var/lib/dpkg/status.d/x.md5sums", 0o644, "00000000000000000000000000000000  usr/bin/app\n",
                "package-database"
            ),
            ("var/lib/dpkg/info/x.md5sums", 0o644, "d41d8cd98f00b204e9800998ecf8427e  usr/gone\n", "package-database"),
            (
                "lib/apk/db/installed", 0o644, "P:x\nF:usr/bin\nR:app\nZ:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
                "package-database"
            ),
        ]
        for (path, mode, text, expected) in cases {
            let changed = try image { tree, _ in try put(path, text, mode: mode, in: &tree) }
            #expect(failures(changed) == [expected], "\(path)")
        }
        #expect(failures(try image { tree, _ in try put("etc/machine-id", "uninitialized\n", in: &tree) }).isEmpty)
        var special = try image()
        special.specials = ["dev/null"]
        #expect(failures(special) == ["no-devices"])
    }

    @Test func acceptsAnIntendedShell() throws {
        let changed = try image { tree, configuration in
            try put("usr/bin/bash", "x", mode: 0o755, in: &tree)
            configuration.labels["dev.basalt.shell"] = "bash"
        }
        #expect(failures(changed).isEmpty)
    }

    /// Sums from `md5sum` and `sha1sum | xxd -r -p | base64`, of "x".
    @Test func acceptsATrueDatabase() throws {
        let changed = try image { tree, _ in
            try put("var/lib/dpkg/status.d/x.md5sums", "9dd4e461268c8034f5c8564e155c67a6  usr/bin/tool\n", in: &tree)
            try put("lib/apk/db/installed", "P:x\nF:usr/bin\nR:tool\nZ:Q1EfatjsUqKYSrqv18O1FlA3hcIHI=\n\n", in: &tree)
        }
        let results = Standards.check(changed).filter { $0.name == "package-database" || $0.outcome == .failed }
        #expect(results.map(\.outcome) == [.passed], "\(results)")
    }

    @Test(arguments: [
        ["gone"], ["/usr/bin/gone"], ["/usr/lib"], [],
    ])
    func judgesCommands(command: [String]) throws {
        let expected = command.isEmpty ? [] : ["configuration"]
        #expect(failures(try image { $1.command = command }) == expected)
    }

    @Test func judgesTheRest() throws {
        #expect(failures(try image { $1.workingDirectory = "/gone" }) == ["configuration"])
        #expect(failures(try image { $1.environment = [] }).contains("configuration"))
        #expect(failures(try image { $1.labels = ["dev.basalt.variant": "runtime"] }) == ["configuration"])
        #expect(
            failures(try image { tree, _ in tree.remove("usr/bin/tool") }) == ["configuration"],
            "a script's interpreter"
        )
        #expect(failures(try image { tree, _ in tree.update("usr/bin/app") { $0.mode = 0o750 } }) == ["configuration"])
        #expect(failures(try image(), limit: 999) == ["size-budget"])
        #expect(failures(try image(), limit: 1000).isEmpty)
    }

    // MARK: Private keys, as other programs write them

    @Test(
        .enabled(if: Tool.exists("openssl"), "openssl is not installed"),
        arguments: [
            ["genpkey", "-algorithm", "ED25519"], ["genpkey", "-algorithm", "RSA", "-outform", "DER"],
            ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-outform", "DER"],
            ["ecparam", "-name", "prime256v1", "-genkey", "-noout"], ["genrsa", "-traditional", "2048"],
            ["genpkey", "-algorithm", "RSA", "-aes256", "-pass", "pass:x"],
        ]
    )
    func findsKeys(arguments: [String]) throws {
        let key = try Tool.run("openssl", arguments)
        try #require(key.status == 0, "\(key.stderr)")
        let changed = try image { tree, _ in
            try tree.put(
                Node("etc/innocent.txt", .file(FileContent(key.stdout)), mode: 0o644, origin: .definition("t"))
            )
        }
        #expect(failures(changed) == ["no-private-keys"])
    }

    @Test(.enabled(if: Tool.exists("ssh-keygen"), "ssh-keygen is not installed"))
    func findsSSHKeysInTheMiddleOfAFile() throws {
        let directory = try TemporaryDirectory()
        let made = try Tool.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", directory.path("k")])
        try #require(made.status == 0, "\(made.stderr)")
        let key = try Array(Data(contentsOf: URL(filePath: directory.path("k"))))
        let padded = [UInt8](repeating: 0x2D, count: 100_000) + [0x0A] + key
        let changed = try image { tree, _ in
            try tree.put(Node("usr/lib/blob", .file(FileContent(padded)), mode: 0o644, origin: .definition("t")))
        }
        #expect(failures(changed) == ["no-private-keys"])
    }

    /// Programs know the words, documents quote them, and public keys are no secret.
    @Test func leavesInnocentFilesAlone() throws {
        let changed = try image { tree, _ in
            try put(
                "usr/lib/libssl",
                "\u{0}-----BEGIN PRIVATE KEY-----\u{0}-----BEGIN RSA PRIVATE KEY-----\u{0}",
                in: &tree
            )
            try put(
                "usr/lib/doc",
                "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n" + String(repeating: "-", count: 5000),
                in: &tree
            )
        }
        #expect(failures(changed).isEmpty)
    }

    // MARK: Real binaries, against readelf

    @Test(.enabled(if: Tool.exists("readelf"), "readelf is not installed"))
    func readsWhatReadelfReads() throws {
        let path = try #require(Tool.find("readelf"))
        let bytes = try Array(Data(contentsOf: URL(filePath: path).resolvingSymlinksInPath()))
        let printed = try Tool.run("readelf", ["-d", path])
        let needed = printed.lines.filter { $0.contains("(NEEDED)") }.compactMap { line -> String? in
            line.split(separator: "[").last?.split(separator: "]").first.map(String.init)
        }
        try #require(!needed.isEmpty)
        var machine = "amd64"
        #if arch(arm64)
            machine = "arm64"
        #endif
        let changed = try image { tree, configuration in
            configuration.platform = ImagePlatform(architecture: machine)
            try tree.put(Node("usr/bin/elf", .file(FileContent(bytes)), mode: 0o755, origin: .definition("t")))
        }
        let result = try #require(Standards.check(changed).first { $0.name == "needed-libraries" })
        #expect(result.outcome == .failed)
        let complete = try image { tree, configuration in
            configuration.platform = ImagePlatform(architecture: machine)
            try tree.put(Node("usr/bin/elf", .file(FileContent(bytes)), mode: 0o755, origin: .definition("t")))
            for name in needed { try put("usr/lib/\(name)", "x", in: &tree) }
            for path in ["lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1"] { try put(path, "x", in: &tree) }
        }
        #expect(failures(complete).isEmpty)
        let foreign = try image { tree, configuration in
            configuration.platform = ImagePlatform(architecture: machine == "amd64" ? "arm64" : "amd64")
            try tree.put(Node("usr/bin/elf", .file(FileContent(bytes)), mode: 0o755, origin: .definition("t")))
        }
        #expect(failures(foreign).contains("platform"))
        // Cut off anywhere, it is an incomplete file and never a crash.
        for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 50)) {
            let cut = Array(bytes.prefix(count))
            let broken = try image { tree, configuration in
                try tree.put(Node("usr/bin/elf", .file(FileContent(cut)), mode: 0o755, origin: .definition("t")))
            }
            _ = failures(broken)
        }
    }

    // MARK: Reports

    private var report: TestReport {
        TestReport(
            digest: .of("image"),
            results: [
                TestResult(
                    suite: .standards,
                    platform: "linux/amd64",
                    name: "a",
                    outcome: .passed,
                    detail: "fine",
                    duration: 1234
                ),
                TestResult(suite: .standards, platform: "linux/amd64", name: "b", outcome: .warned, detail: "known"),
                TestResult(
                    suite: .functional,
                    platform: "linux/arm64/v8",
                    name: "c <&\">",
                    outcome: .failed,
                    detail: "no\n\u{1}\u{7f}]]>",
                    output: "x\u{0}y\nz"
                ),
                TestResult(suite: .functional, platform: "linux/arm64/v8", name: "d", outcome: .skipped, detail: "why"),
            ],
            toolVersion: "1.0",
            started: 1000,
            finished: 3000,
            isNormalised: false
        )
    }

    @Test(
        .enabled(if: Shared.exists, Comment(rawValue: Shared.reason)),
        .enabled(if: Tool.exists("python3"), "python3 is not installed")
    )
    func writesCTRFThatItsSchemaAccepts() throws {
        let script = """
            import json, sys
            try:
                import jsonschema
            except ImportError:
                sys.exit(77)
            jsonschema.validate(json.load(sys.stdin), json.load(open(sys.argv[1])))
            """
        let schema = Shared.path("cosign-examples/documents/ctrf.schema.json")
        let result = try Tool.run("python3", ["-c", script, schema], input: report.ctrf.compact)
        #expect(result.status == 0 || result.status == 77, "\(result.stderr)")
        #expect(report.ctrf["results"]?["summary"]?["other"]?.int == 1)
    }

    @Test(.enabled(if: Tool.exists("python3"), "python3 is not installed"))
    func writesWellFormedJUnit() throws {
        let script = """
            import sys, xml.etree.ElementTree as E
            root = E.fromstring(sys.stdin.buffer.read())
            print(root.get("tests"), root.get("failures"), root.get("skipped"), root.get("time"))
            print([c.get("name") for c in root.iter("testcase")])
            """
        let result = try Tool.run("python3", ["-c", script], input: Array(report.junit.utf8))
        #expect(result.lines == ["4 1 1 1.234", "['a', 'b', 'c <&\">', 'd']"], "\(result.stderr)")
    }

    /// in-toto attestation, spec/predicates/test-result.md: the names and the three results.
    @Test func writesTheTestResultPredicate() {
        let predicate = report.predicate(namespace: .init(), configuration: [])
        #expect(predicate["result"]?.text == "FAILED")
        #expect(predicate["passedTests"]?.elements?.map(\.text) == ["standards/linux/amd64/a"])
        #expect(predicate["warnedTests"]?.elements?.count == 1)
        #expect(predicate["failedTests"]?.elements?.count == 1)
        #expect(predicate["configuration"]?[0]?["uri"]?.text?.hasPrefix("https://") == true)
        var good = report
        good.results.removeAll { $0.outcome == .failed }
        #expect(good.predicate(namespace: .init(), configuration: [])["result"]?.text == "WARNED")
    }
}
