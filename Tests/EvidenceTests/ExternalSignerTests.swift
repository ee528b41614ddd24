// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Cryptography
internal import Foundation
internal import Glibc
internal import OCI
internal import SignerService
internal import Signing
internal import TestSupport
internal import Testing
internal import Transparency
internal import Verification

/// Signers that are other programs, or this program in a process and as a user of its own.
@Suite("External signers")
struct ExternalSignerTests {
    private let directory: EvidenceTests.TemporaryDirectory

    init() throws { directory = try EvidenceTests.TemporaryDirectory() }

    /// OpenSSL's nonces are random, so no two signatures are equal; the evidence is good all the same.
    @Test(.enabled(if: Tool.exists("openssl"), "openssl is not installed"))
    func aScriptAroundOpenSSL() async throws {
        let key = directory.path + "/key.pem"
        #expect(
            try Tool.run(
                "openssl",
                ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key]
            ).status == 0
        )
        #expect(try Tool.run("openssl", ["pkey", "-in", key, "-pubout", "-out", key + ".pub"]).status == 0)
        let channel = try RemoteSigner.channel("exec:\(SignerFixture.script) \(key) \(key).pub")
        let signer = try await RemoteSigner(channel, pinned: nil)
        #expect(!signer.isKeyAtHand)
        #expect(signer.publicKey == (try PublicKey(pem: String(contentsOfFile: key + ".pub", encoding: .utf8))))
        let bench = try await Workbench.make(signer: signer)
        let layout = directory.path + "/img"
        try bench.draft.write(to: layout)
        var policy = try VerificationTests.trust()
        policy.roots[0].signer = .key(signer.publicKey)
        let report = try await ImageVerifier(source: LayoutSource(directory: layout, tag: "1.0.0"), policy: policy)
            .verify()
        #expect(report.findings.filter { $0.outcome == .failed } == [])
        #expect(report.isPassed && report.level == 1)
    }

    @Test(arguments: [
        ("", "empty"), ("echo nothing", "not understood"), (#"printf '{"version":1}'"#, "not understood"),
        (#"printf '{"version":2,"signature":"AAAA"}'"#, "not understood"),
        (#"printf '{"version":1,"signature":"AAAA","more":"x"}'"#, "not understood"),
        (#"printf '{"version":1,"signature":"AAAA"}'"#, "not by the key"),
        (#"printf '{"version":1,"error":"the token is locked"}'"#, "the token is locked"),
        (#"printf '{"version":1,"refused":"not today"}'"#, "not today"),
        ("echo 'no such slot' >&2; exit 3", "no such slot"), ("yes", "longer than"),
    ])
    func signersThatAreWrong(body: String, expected: String) async throws {
        // Read by a shell and not run itself: a file just written may be busy while other tests start programs.
        let path = try directory.write("cat > /dev/null\n\(body)\n", to: "signer.sh")
        let signer = try await RemoteSigner(
            RemoteSigner.channel("exec:sh \(path)"),
            pinned: EvidenceFixture.key().publicKey
        )
        do {
            _ = try await signer.sign(.statement(SignerFixture.provenance().bytes))
            Issue.record("accepted")
        } catch let error as SigningError {
            #expect(error.message.contains(expected), "\(error.message)")
        }
    }

    /// A request that is larger than any buffer between programs, and that nobody reads.
    @Test func aProgramThatDoesNotRead() async throws {
        let signer = try await RemoteSigner(RemoteSigner.channel("exec:true"), pinned: EvidenceFixture.key().publicKey)
        await #expect(throws: SigningError.self) {
            try await signer.sign(.statement([UInt8](repeating: 0x20, count: 1 << 20)))
        }
    }

    @Test func aProgramThatNeverAnswers() async throws {
        let channel = try CommandChannel("cat /dev/zero", duration: .milliseconds(1))
        await #expect(throws: SigningError.self) { try await channel.exchange([]) }
        let silent = try CommandChannel("sleep 1000", duration: .milliseconds(20))
        await #expect(throws: SigningError.self) { try await silent.exchange([]) }
    }

    @Test func programsThatAreNotThere() async throws {
        for text in [
            "exec:", "exec:/no/such/program", "exec:no-such-program-here", "http://signer.example", "unix:/no/socket",
        ] {
            await #expect(throws: SigningError.self, "\(text)") {
                try await RemoteSigner(RemoteSigner.channel(text), pinned: nil)
            }
        }
    }

    // MARK: The program

    private static let policyText = """
        {"peers": [\(geteuid())], "simpleSigning": true, "predicateTypes": ["\(PredicateType.provenance)"],
         "builders": ["https://builds.example.org/hosted/v1"], "buildTypes": ["\(Namespace().buildType)"],
         "repositories": ["registry.example.org/lab/*"]}
        """

    @Test func theProgramAsACommand() async throws {
        let key = try directory.write(EvidenceFixture.key().pem, to: "k.key", mode: 0o600)
        let policy = try directory.write(Self.policyText, to: "policy.json")
        let log = directory.path + "/audit"
        let channel = try RemoteSigner.channel(
            "exec:\(Basalt.path) signer sign --key \(key) --policy \(policy) --log \(log)"
        )
        let signer = try await RemoteSigner(channel, pinned: nil)
        let hosted = SignerFixture.provenance(builder: "https://builds.example.org/hosted/v1").bytes
        let request = SigningRequest.statement(hosted)
        #expect(try await signer.sign(request) == EvidenceFixture.key().sign(request.message))
        await #expect(throws: SigningError.self) {
            try await signer.sign(.statement(SignerFixture.provenance().bytes))
        }
        let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2)

        // What a policy says can be asked without a key.
        let statement = directory.path + "/statement.json"
        try Data(hosted).write(to: URL(filePath: statement))
        #expect(try Basalt.run(["signer", "check", statement, "--policy", policy]).status == 0)
        try Data(SignerFixture.provenance().bytes).write(to: URL(filePath: statement))
        let no = try Basalt.run(["signer", "check", statement, "--policy", policy])
        #expect(no.status == 1 && no.text.contains("builder"))

        // Files that others can read, or write, protect nothing.
        chmod(key, 0o644)
        let open = try Basalt.run(["signer", "sign", "--key", key, "--policy", policy])
        #expect(open.status == 3 && open.stdout.isEmpty && open.stderr.contains("can read"))
        chmod(key, 0o600)
        chmod(policy, 0o666)
        let writable = try Basalt.run(["signer", "sign", "--key", key, "--policy", policy])
        #expect(writable.status == 3 && writable.stderr.contains("can change"))
    }

    private static let nobody: UInt32 = 65534
    private static let canChangeUser: Bool = {
        guard geteuid() == 0, let tool = Tool.find("setpriv") else { return false }
        let arguments = ["--reuid", "\(nobody)", "--clear-groups", "--", "test", "-x", Basalt.path]
        return (try? Tool.run(tool, arguments).status) == 0
    }()

    @Test(.enabled(if: canChangeUser, "needs root, setpriv, and a build directory that other users can reach"))
    func theProgramAsAnotherUser() async throws {
        let key = try directory.write(EvidenceFixture.key().pem, to: "k.key", mode: 0o600)
        let policy = try directory.write(Self.policyText, to: "policy.json")
        for path in [key, directory.path] { chown(path, Self.nobody, Self.nobody) }
        let socket = directory.path + "/s"
        let process = Process()
        process.executableURL = URL(filePath: try #require(Tool.find("setpriv")))
        process.arguments = [
            "--reuid", "\(Self.nobody)", "--clear-groups", "--", Basalt.path, "signer", "serve", "--key", key,
            "--policy",
            policy, "--socket", socket, "--log", directory.path + "/audit",
        ]
        let pipe = Pipe()
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // Says when it listens; an end of the output means that it gave up.
        let line = pipe.fileHandleForReading.availableData
        #expect(String(decoding: line, as: UTF8.self).contains("listening"))
        let signer = try await RemoteSigner(RemoteSigner.channel("unix:\(socket)"), pinned: nil)
        #expect(!signer.isKeyAtHand)
        let request = SigningRequest.statement(
            SignerFixture.provenance(builder: "https://builds.example.org/hosted/v1").bytes
        )
        #expect(try await signer.sign(request) == EvidenceFixture.key().sign(request.message))
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        #expect(!FileManager.default.fileExists(atPath: socket))
    }

    /// Ids and types are URIs (RFC 3986), and what is none is not signed.
    @Test(arguments: ["builder: https://x y/b", "namespace: nonsense", "namespace: 'https:'", "builder: '1a:b'"])
    func aNameThatIsNoURIIsRefused(_ setting: String) throws {
        let configuration = try directory.write(setting + "\n", to: "basalt.yaml")
        let result = try Basalt.run(["build", "image.yaml", "--config", configuration])
        #expect(result.status == 3 && result.stderr.contains("basalt.yaml:1:"), "\(result.stderr)")
    }

    /// The id of a hosted builder is a claim about where the key is; nothing that reads the key itself may make it.
    @Test func aKeyFileDoesNotSignForAHostedBuilder() throws {
        let key = try directory.write(EvidenceFixture.key().pem, to: "k.key", mode: 0o600)
        let configuration = try directory.write("builder: https://builds.example.org/hosted/v1\n", to: "basalt.yaml")
        let result = try Basalt.run(
            ["build", "image.yaml", "--key", key, "--config", configuration, "--output", directory.path + "/out"],
            environment: ["BASALT_STORE": directory.path + "/store"]
        )
        #expect(result.status == 3)
        #expect(result.stderr.contains("https://builds.example.org/hosted/v1"))
        #expect(result.stderr.contains("--signer"))
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/out"))
    }
}
