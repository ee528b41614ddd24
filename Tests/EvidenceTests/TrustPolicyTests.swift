// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import OCI
internal import TestSupport
internal import Testing
internal import Verification

/// Reading a trust policy, and what the program's flags may do to one.
@Suite("Trust policies")
struct TrustPolicyTests {
    private static let key = #""trust": [{"key": "k.pub"}]"#

    private func read(_ text: String) throws -> TrustPolicy {
        try TrustPolicy(parsing: Array(text.utf8)) { _ in Array(try EvidenceFixture.key().publicKey.pem.utf8) }
    }

    /// A member of another type asks for something that is then not checked.
    @Test(arguments: [
        #""repository": 5"#, #""repository": null"#, #""repository": ["a"]"#, #""source": []"#, #""source": null"#,
        #""definition": 7"#, #""definition": null"#, #""definition": "x""#, #""buildTypes": "x""#,
        #""buildTypes": null"#, #""buildTypes": []"#,
        #""predicateTypes": {}"#, #""externalParameters": [1]"#, #""requiredTests": "no-shell""#, #""tests": 1"#,
        #""tests": "most""#, #""signatures": null"#, #""trustedRoot": 7"#, #""requireLog": 1"#, #""digest": null"#,
        #""notBefore": null"#, #""platforms": null"#, #""repositry": "x""#,
    ])
    func memberOfAnotherTypeIsRefused(_ member: String) {
        expectMalformed("{\(Self.key), \(member)}")
    }

    @Test(arguments: [
        #"{"key": "k.pub", "level": "3"}"#, #"{"key": "k.pub", "level": 1.5}"#, #"{"key": "k.pub", "level": 4}"#,
        #"{"key": "k.pub", "level": null}"#, #"{"key": "k.pub", "builders": "b"}"#,
        #"{"key": "k.pub", "builders": null}"#,
        // None is not the same as any.
        #"{"key": "k.pub", "builders": []}"#, #"{"key": "k.pub", "predicateTypes": []}"#,
        #"{"key": "k.pub", "verifiers": []}"#,
        #"{"key": "k.pub", "predicateTypes": "t"}"#, #"{"key": "k.pub", "verifiers": {}}"#, #"{"key": 5}"#,
        #"{"key": "k.pub", "certificateIdentity": 5}"#, #"{"key": "k.pub", "certificateOidcIssuerRegexp": null}"#,
        #"{"key": "k.pub", "bulders": ["b"]}"#, #""k.pub""#, #"[]"#, #"null"#,
        #"{"key": null, "certificateIdentity": "i", "certificateOidcIssuer": "o"}"#,
    ])
    func entryOfAnotherTypeIsRefused(_ entry: String) {
        expectMalformed(#"{"trust": [\#(entry)], "trustedRoot": "k.pub"}"#)
        expectMalformed(#"{"trust": [{"key": "k.pub"}, \#(entry)]}"#)
    }

    @Test(arguments: [
        #"{"trust": {"key": "k.pub"}}"#, #"{"trust": null}"#, #"{"trust": []}"#, "[]", "5", "{}", "nonsense",
    ])
    func whatTrustsNobodyIsRefused(_ text: String) { expectMalformed(text) }

    private func expectMalformed(_ text: String) {
        let error = #expect(throws: VerificationError.self, "\(text)") { try read(text) }
        #expect(error?.code == "malformed-policy", "\(text)")
    }

    @Test func everyMemberIsRead() throws {
        let policy = try read(
            """
            {\(Self.key), "repository": "r", "source": "s", "definition": "\(Digest.of("d"))", "buildTypes": ["b"],
             "predicateTypes": ["t"], "externalParameters": ["p"], "signatures": "any", "tests": "passed", "requiredTests": ["x"]}
            """
        )
        #expect(policy.repository == "r" && policy.source == "s" && policy.definition == .of("d"))
        #expect(policy.buildTypes == ["b"] && policy.predicateTypes == ["t"] && policy.externalParameters == ["p"])
        #expect(policy.signatures == .any && policy.tests == .passed && policy.requiredTests == ["x"])
    }

    // MARK: Flags beside a policy

    private static let root = #"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#

    /// An image by a key, in no log and without timestamps, and policies in files.
    private struct Bench {
        let directory: TestSupport.TemporaryDirectory

        init() async throws {
            directory = try TestSupport.TemporaryDirectory()
            try await Workbench.make().draft.write(to: directory.path("img"))
            try directory.write(Array(EvidenceFixture.key().publicKey.pem.utf8), to: "k.pub")
            try directory.write(Array(TrustPolicyTests.root.utf8), to: "root.json")
        }

        func verify(_ policy: String, _ options: [String]) throws -> Tool.Output {
            let policy = try directory.write(Array("{\(TrustPolicyTests.key)\(policy)}".utf8), to: "policy.json")
            return try Basalt.run(["verify", directory.path("img") + ":1.0.0", "--policy", policy] + options)
        }
    }

    @Test func flagsThatWouldWeakenAPolicyAreRefused() async throws {
        let bench = try await Bench()
        let root = bench.directory.path("root.json")
        #expect(try bench.verify("", []).status == 0)
        for options in [
            ["--builder", "https://builder.example"], ["--allow-unlogged"], ["--allow-unlisted-certificate"],
            ["--allow-unlogged", "--trusted-root", root], ["--require-timestamp"],
        ] {
            let output = try bench.verify("", options)
            #expect(output.status == 2 && output.stderr.contains(options[0]), "\(options): \(output.stderr)")
        }
    }

    @Test func trustedRootReplacesTheRootAndNothingElse() async throws {
        let bench = try await Bench()
        let root = ["--trusted-root", bench.directory.path("root.json")]
        let unlogged = #", "trustedRoot": "root.json", "requireLog": false"#
        #expect(try bench.verify(unlogged, []).status == 0)
        #expect(try bench.verify(unlogged, root).status == 0)
        let stamped = try bench.verify(unlogged + #", "requireTimestamp": true"#, root)
        #expect(stamped.status == 1 && stamped.text.contains("timestamp"))
        // What is added to the policy's demands.
        let added = try bench.verify(unlogged, ["--require-timestamp"])
        #expect(added.status == 1 && added.text.contains("timestamp"))
        #expect(try bench.verify("", root).status == 1, "a root asks for a log")
    }

    /// The digest that a summary has of a policy covers the files that the policy names.
    @Test func policyIsItsFilesToo() async throws {
        let bench = try await Bench()
        let directory = bench.directory
        let verifier = try directory.write(Array(PrivateKey.generate().pem.utf8), to: "verifier.key")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: verifier)
        func digest(_ policy: String, _ options: [String] = []) throws -> String? {
            let file = directory.path("summary.json")
            let output = try bench.verify(
                policy,
                ["--summary", file, "--summary-key", verifier, "--repository", EvidenceFixture.repository] + options
            )
            #expect([0, 1].contains(output.status), "\(output.stderr)")
            let envelope = try JSON(parsing: Array(Data(contentsOf: URL(filePath: file)).dropLast()))
            let statement = try JSON(parsing: Base64.decode(envelope["payload"]?.text ?? "") ?? [])
            return statement["predicate"]?["policy"]?["digest"]?["sha256"]?.text
        }
        // Not "--repository", which is policy, too, but the image's own name as the resource.
        func plain(_ policy: String) throws -> String? {
            let file = directory.path("summary.json")
            _ = try bench.verify(policy, ["--summary", file, "--summary-key", verifier, "--resource", "pkg:oci/img"])
            let envelope = try JSON(parsing: Array(Data(contentsOf: URL(filePath: file)).dropLast()))
            let statement = try JSON(parsing: Base64.decode(envelope["payload"]?.text ?? "") ?? [])
            return statement["predicate"]?["policy"]?["digest"]?["sha256"]?.text
        }
        let rooted = #", "trustedRoot": "root.json", "requireLog": false"#
        let first = try plain(rooted)
        #expect(try plain(rooted) == first)
        // By hand: the document of docs/slsa.md, in RFC 8785's form.
        func of(_ name: String) throws -> String {
            Digest.of(Array(try Data(contentsOf: URL(filePath: directory.path(name))))).description
        }
        let document = try
            #"{"files":{"k.pub":"\#(of("k.pub"))","root.json":"\#(of("root.json"))"},"policy":"\#(of("policy.json"))"}"#
        #expect(first == Digest.of(document).hex)
        let withFlag = try digest(rooted)
        #expect(withFlag != first)
        for name in ["k.pub", "root.json"] {
            let old = Array(try Data(contentsOf: URL(filePath: directory.path(name))))
            try directory.write(old + Array("\n".utf8), to: name)
            #expect(try plain(rooted) != first, "\(name)")
            #expect(try digest(rooted) != withFlag, "\(name)")
            try directory.write(old, to: name)
        }
        #expect(try plain(rooted) == first)
        #expect(try digest(rooted, ["--require-timestamp"]) != withFlag)
    }
}
