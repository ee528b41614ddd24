// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Fetching
internal import Foundation
internal import OCI
internal import Registry
internal import Synchronization
internal import TestSupport
internal import Testing
internal import Verification

/// What the commands sign and attach is about the image that they judged, and takes nothing away.
@Suite("Attached statements")
struct AttachmentTests {
    private let directory: EvidenceTests.TemporaryDirectory
    private let key: String

    init() throws {
        directory = try EvidenceTests.TemporaryDirectory()
        key = try directory.write(EvidenceFixture.key().pem, to: "k.key", mode: 0o600)
    }

    private func run(_ arguments: [String]) throws -> Tool.Output {
        let environment = ["BASALT_STORE": directory.path + "/store", "HOME": directory.path]
        return try Basalt.run(arguments, environment: environment, directory: directory.path)
    }

    /// Types of the statements about a manifest in a layout.
    private func types(_ layout: String, _ digest: Digest) async throws -> [String] {
        try await EvidenceListing(LayoutSource(directory: layout, tag: "1.0.0"), key: nil).entries
            .filter { $0.target == digest }.map(\.statement.predicateType)
    }

    // MARK: A tag that moves

    /// A registry with two images, whose tag `1.0.0` leads to the first one for whoever looks first, and then to the second.
    private func registry() async throws -> (registry: FakeRegistry, first: Digest, second: Digest) {
        let looks = Mutex<[Digest]>([])
        var behaviour = FakeRegistry.Behaviour()
        behaviour.intercept = { request, _, registry in
            guard request.method == "GET", request.path == "/v2/lab/img/manifests/1.0.0" else { return false }
            let next = looks.withLock { $0.count > 1 ? $0.removeFirst() : $0.first }
            guard let next else { return false }
            registry.state.withLock { $0.repositories["lab/img"]?.tags["1.0.0"] = next.description }
            return false
        }
        let registry = try FakeRegistry(behaviour)
        var digests: [Digest] = []
        for change in ["", "another"] {
            let bench = try await Workbench.make(change: change)
            let layout = "\(directory.path)/pushed\(change)"
            try bench.draft.write(to: layout)
            _ = try await directory.transfer("transfer").copy(
                from: .layout(directory: layout, tag: "1.0.0"),
                to: .init("\(registry.host)/lab/img:of\(change)")
            )
            digests.append(bench.index.digest)
        }
        looks.withLock { [digests] in $0 = digests }
        return (registry, digests[0], digests[1])
    }

    private func referrers(_ digest: Digest, _ type: String, in registry: FakeRegistry) async throws -> Int {
        let source = try await directory.transfer("transfer").open(.init("\(registry.host)/lab/img@\(digest)"))
        return try await EvidenceListing(source, key: nil).entries.count {
            $0.statement.predicateType == type && $0.target == digest
        }
    }

    @Test func aTestResultIsSignedForTheImageThatWasTested() async throws {
        let (registry, first, second) = try await registry()
        defer { registry.stop() }
        let type = PredicateType.testResult
        let before = (try await referrers(first, type, in: registry), try await referrers(second, type, in: registry))
        let said = try run([
            "test", "\(registry.host)/lab/img:1.0.0", "--plain-http", "--standards-only", "--attest", "--key", key,
        ])
        #expect(said.text.contains(first.description) && said.text.contains("attached \(type)"), "\(said.stderr)")
        #expect(try await referrers(first, type, in: registry) == before.0 + 1)
        #expect(try await referrers(second, type, in: registry) == before.1)
    }

    @Test func aSummaryIsOfTheImageThatWasVerified() async throws {
        let (registry, first, second) = try await registry()
        defer { registry.stop() }
        let trusted = try directory.write(EvidenceFixture.key().publicKey.pem, to: "k.pub")
        let said = try run([
            "verify", "\(registry.host)/lab/img:1.0.0", "--plain-http", "--key", trusted, "--repository",
            EvidenceFixture.repository, "--attach-summary", "--summary-key", key,
        ])
        #expect(said.status == 0, "\(said.text)\(said.stderr)")
        let type = PredicateType.verificationSummary
        #expect(try await referrers(first, type, in: registry) == 1)
        #expect(try await referrers(second, type, in: registry) == 0)
    }

    /// The configuration that is named counts to the end, and not the one that happens to lie here.
    @Test func theConfigurationIsTheOneThatWasNamed() async throws {
        let (registry, first, _) = try await registry()
        defer { registry.stop() }
        _ = try directory.write("certificate-authorities: [/nonexistent/ca.pem]\n", to: "basalt.yaml")
        let own = try directory.write("namespace: https://own.example\n", to: "own.yaml")
        let said = try run([
            "test", "\(registry.host)/lab/img@\(first)", "--plain-http", "--standards-only", "--attest", "--key", key,
            "--config", own,
        ])
        #expect(said.text.contains("attached https://own.example/"), "\(said.text)\(said.stderr)")
    }

    // MARK: Platforms that were not tested

    @Test func aResultIsAboutThePlatformsThatWereTested() async throws {
        let bench = try await Workbench.make()
        let layout = directory.path + "/img"
        try bench.draft.write(to: layout)
        let targets = [bench.index.digest] + bench.members.map(\.0.digest)
        func count(_ digest: Digest) async throws -> Int {
            try await types(layout, digest).count { $0 == PredicateType.testResult }
        }
        var before: [Int] = []
        for target in targets { before.append(try await count(target)) }
        let tested = ["test", layout + ":1.0.0", "--standards-only", "--attest", "--key", key]
        let said = try run(tested + ["--platform", "linux/arm64"])
        #expect(said.text.contains("attached"), "\(said.stderr)")
        #expect(bench.members[1].0.platform?.architecture == "arm64")
        for (number, target) in targets.enumerated() {
            #expect(try await count(target) == before[number] + (number == 2 ? 1 : 0))
        }
        let entries = try await EvidenceListing(LayoutSource(directory: layout, tag: "1.0.0"), key: nil).entries
        let made = try #require(entries.last { $0.statement.predicateType == PredicateType.testResult })
        #expect(made.statement.subjects.map(\.digest) == [bench.members[1].0.digest])
        // All of them, one by one, are the whole image.
        _ = try run(tested + ["--platform", "linux/arm64", "--platform", "linux/amd64"])
        for (number, target) in targets.enumerated() {
            #expect(try await count(target) == before[number] + (number == 2 ? 2 : 1))
        }
    }

    // MARK: The same again

    /// Equal statements by one key are equal bytes (RFC 6979), and there once however often they are attached.
    @Test func whatIsAttestedAgainIsThereOnce() async throws {
        let bench = try await Workbench.make()
        let layout = directory.path + "/img"
        try bench.draft.write(to: layout)
        let predicate = try directory.write("{\"reviewed\":true}", to: "p.json")
        var lists: [[Descriptor]] = []
        for _ in 0..<3 {
            let said = try run([
                "attest", layout + ":1.0.0", "--type", "https://example.org/r", "--predicate", predicate, "--key", key,
            ])
            #expect(said.status == 0, "\(said.stderr)")
            let source = try LayoutSource(directory: layout, tag: "1.0.0")
            let entry = try #require(try await source.tagged(bench.index.digest.evidenceTag(".att")))
            lists.append(try await source.manifest(entry).layers)
        }
        #expect(Set(lists[0].map(\.digest)).count == lists[0].count)
        #expect(lists[1] == lists[0] && lists[2] == lists[0])
    }

    // MARK: Two at once

    /// One signs slowly, and the other one comes meanwhile.
    @Test(.enabled(if: Tool.exists("openssl"), "openssl is not installed"), .timeLimit(.minutes(5)))
    func twoWhoAttestAtOnceBothGetTheirStatementIn() async throws {
        let bench = try await Workbench.make()
        let layout = directory.path + "/img"
        try bench.draft.write(to: layout)
        let trusted = try directory.write(EvidenceFixture.key().publicKey.pem, to: "k.pub")
        let slow = try directory.write(
            """
            request=$(cat)
            case $request in *'"operation":"sign"'*)
                : > "\(directory.path)/started"
                while [ ! -e "\(directory.path)/go" ]; do sleep 0.05; done ;;
            esac
            printf '%s' "$request" | sh \(SignerFixture.script) \(key) \(trusted)
            """,
            to: "slow.sh"
        )
        let predicate = try directory.write("{\"reviewed\":true}", to: "p.json")
        func attest(_ type: String, _ signer: [String]) throws -> (process: Process, errors: String) {
            let process = Process()
            process.executableURL = URL(filePath: Basalt.path)
            process.arguments =
                ["attest", layout + ":1.0.0", "--type", "https://example.org/\(type)", "--predicate", predicate]
                + signer
            process.currentDirectoryURL = URL(filePath: directory.path)
            let errors = try directory.write("", to: "\(type).err")
            process.standardError = try FileHandle(forWritingTo: URL(filePath: errors))
            process.standardOutput = FileHandle.nullDevice
            process.standardInput = FileHandle.nullDevice
            try process.run()
            return (process, errors)
        }
        func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(directory.path)/\(name)") }
        let (first, firstErrors) = try attest("slow", ["--signer", "exec:sh \(slow)"])
        while !exists("started"), first.isRunning { try await Task.sleep(for: .milliseconds(10)) }
        let (second, errors) = try attest("quick", ["--key", key])
        func told() throws -> Bool { try String(contentsOfFile: errors, encoding: .utf8).contains("another process") }
        while try !told(), second.isRunning { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try told())
        _ = try directory.write("", to: "go")
        for process in [first, second] { process.waitUntilExit() }
        let said = try [firstErrors, errors].map { try String(contentsOfFile: $0, encoding: .utf8) }
        #expect(first.terminationStatus == 0, "\(said[0])")
        #expect(second.terminationStatus == 0, "\(said[1])")
        let types = try await types(layout, bench.index.digest)
        #expect(types.contains("https://example.org/slow") && types.contains("https://example.org/quick"))
    }

    /// A build makes another layout, and asks nobody.
    @Test func anImageThatWasReplacedMeanwhileIsNotAttestedTo() async throws {
        let bench = try await Workbench.make()
        let other = try await Workbench.make(change: "another")
        let layout = directory.path + "/img"
        try bench.draft.write(to: layout)
        try other.draft.write(to: directory.path + "/other")
        let replacing = try directory.write(
            """
            request=$(cat)
            case $request in *'"operation":"sign"'*)
                mv "\(layout)" "\(directory.path)/old" && mv "\(directory.path)/other" "\(layout)" ;;
            esac
            printf '%s' "$request" | sh \(SignerFixture.script) \(key) \(directory.path)/k.pub
            """,
            to: "replacing.sh"
        )
        _ = try directory.write(EvidenceFixture.key().publicKey.pem, to: "k.pub")
        let predicate = try directory.write("{\"reviewed\":true}", to: "p.json")
        let said = try run([
            "attest", layout + ":1.0.0", "--type", "https://example.org/r", "--predicate", predicate, "--signer",
            "exec:sh \(replacing)",
        ])
        #expect(said.status == 3 && said.stderr.contains(bench.index.digest.description), "\(said.stderr)")
        #expect(try await LayoutSource(directory: layout, tag: "1.0.0").root().digest == other.index.digest)
        #expect(try await !types(layout, other.index.digest).contains("https://example.org/r"))
    }
}
