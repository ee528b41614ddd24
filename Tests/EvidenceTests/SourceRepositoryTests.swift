// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import OCI
internal import Packages
internal import SignerService
internal import Signing
internal import Testing
internal import Verification

/// Where definitions come from: what is read, what provenance says of it, and who may demand it.
@Suite("Sources of definitions")
struct SourceRepositoryTests {
    private static let commit = "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"
    private static let repository = "git+https://git.example.org/images"

    private func source(_ uri: String = repository + "@refs/tags/v1") throws -> BuildRecord.Source {
        BuildRecord.Source(
            location: try SourceRepository(parsing: uri),
            commit: try #require(GitCommit(Self.commit))
        )
    }

    /// SPDX 2.3, clause 7.7: the tool and the transport, a host, a path, and a revision behind an `@`.
    @Test func areReadAsSPDXWritesThem() throws {
        let plain = try SourceRepository(parsing: Self.repository)
        #expect(plain.repository == Self.repository && plain.ref == nil && plain.uri == Self.repository)
        let tagged = try SourceRepository(parsing: "git+ssh://git@git.example.org:2222/a/b.git@refs/heads/x@y")
        #expect(tagged.repository == "git+ssh://git@git.example.org:2222/a/b.git")
        #expect(tagged.ref == "refs/heads/x@y")
        for bad in [
            "", "https://git.example.org/images", "git+file:///srv/images", "git+https://", "git+https:///images",
            "git+https://git.example.org", "git+https://git.example.org/", "git+https://git.example.org/images/",
            "git+https://git.example.org//images", "git+https://git.example.org/../images",
            "git+https://Git.example.org/images", "git+https://token@git.example.org/images",
            "git+ssh://git:secret@git.example.org/images", "git+https://git.example.org/images#path",
            "git+https://git.example.org/images?x", "git+https://git.example.org/im ages",
            "git+https://git.example.org/im\u{e4}ges", "git+https://git.example.org/images\n",
            "git+https://git.example.org/" + String(repeating: "a", count: 2048),
        ] {
            #expect(throws: SourceRepository.Unusable.self, "\(bad)") { try SourceRepository(parsing: bad) }
        }
        // git-check-ref-format(1), and short names, of which a branch and a tag may have the same.
        for bad in [
            "", "main", "refs", "refs/", "refs/heads/", "refs//main", "refs/heads/a..b", "refs/heads/.a",
            "refs/heads/a.",
            "refs/heads/a.lock", "refs/heads/a~1", "refs/heads/a:b", "refs/heads/*", "/refs/heads/a", "-refs/heads/a",
        ] {
            #expect(throws: SourceRepository.Unusable.self, "\(bad)") {
                try SourceRepository(parsing: Self.repository + "@" + bad)
            }
        }
    }

    @Test func commitsAreWholeDigests() {
        #expect(GitCommit(Self.commit)?.hex == Self.commit)
        #expect(GitCommit(Self.commit.uppercased())?.hex == Self.commit)
        #expect(GitCommit(String(repeating: "0", count: 64)) != nil)
        for bad in ["", "HEAD", Self.commit + "0", String(Self.commit.dropLast()), String(repeating: "g", count: 40)] {
            #expect(GitCommit(bad) == nil)
        }
    }

    /// in-toto, resource_descriptor.md and digest_set.md: an entry is one thing, and its digest is that thing's.
    @Test func provenanceNamesTheRepositoryByItsCommit() throws {
        var record = EvidenceFixture.record()
        record.definition.source = try source()
        let layer = Descriptor(mediaType: MediaType.layerGzip, digest: .of("l"), size: 1)
        let inventories = [EvidenceFixture.inventory(.amd64, layer: layer, diffID: .of("d"))]
        let definition = Provenance.reproducible(record, inventories: inventories)["buildDefinition"]
        let expected: JSON = [
            "path": "img.yaml", "sha256": .string(Digest.of("definition").hex), "repository": .string(Self.repository),
            "ref": "refs/tags/v1", "commit": .string(Self.commit),
        ]
        #expect(definition?["externalParameters"]?["definition"]?.canonical == expected.canonical)
        let entries = (definition?["resolvedDependencies"]?.elements ?? []).prefix(2).map(\.canonical)
        let file: JSON = ["name": "img.yaml", "digest": ["sha256": .string(Digest.of("definition").hex)]]
        let repository: JSON = [
            "uri": .string(Self.repository + "@refs/tags/v1"), "digest": ["gitCommit": .string(Self.commit)],
        ]
        #expect(entries == [file.canonical, repository.canonical])
    }

    @Test func aVerifierDemandsARepositoryOrAlsoARef() async throws {
        let source = try source()
        let bench = try await Workbench.make { $0.record.definition.source = source }
        let directory = try TemporaryDirectory()
        try bench.draft.write(to: directory.path + "/img")
        for (expected, passes) in [
            (Self.repository, true), (Self.repository + "@refs/tags/v1", true),
            (Self.repository + "@refs/tags/v2", false),
            ("git+https://git.example.org/image", false), ("refs/tags/v1", false), ("", false),
        ] {
            var policy = try VerificationTests.trust()
            policy.source = expected
            let report = try await ImageVerifier(
                source: LayoutSource(directory: directory.path + "/img", tag: "1.0.0"),
                policy: policy
            ).verify()
            #expect(report.isPassed == passes, "\(expected)")
            let checks = Set(report.findings.filter { $0.outcome == .failed }.map(\.check))
            #expect(passes || checks.contains("source"))
        }
    }

    @Test func aSignerDemandsOneOfSeveral() throws {
        func isSigned(_ definition: JSON, _ sources: [String]?) -> Bool {
            var policy = SignerFixture.policy()
            policy.sources = sources
            let statement = SignerFixture.provenance(parameters: ["definition": definition, "platforms": []])
            return (try? policy.judge(.statement(statement.bytes))) != nil
        }
        let tagged: JSON = ["repository": .string(Self.repository), "ref": "refs/tags/v1"]
        let plain: JSON = ["repository": .string(Self.repository)]
        for definition in [tagged, plain] {
            #expect(isSigned(definition, nil))
            #expect(isSigned(definition, ["git+https://other.example.org/a", Self.repository]))
            #expect(isSigned(definition, ["git+https://git.example.org/*"]))
            #expect(!isSigned(definition, []))
            #expect(!isSigned(definition, ["git+https://git.example.org/image"]))
            #expect(!isSigned(definition, ["git+https://git.example.org/image/*"]))
        }
        #expect(isSigned(tagged, [Self.repository + "@refs/tags/*"]))
        #expect(!isSigned(plain, [Self.repository + "@refs/tags/*"]))
        #expect(!isSigned(tagged, [Self.repository + "@refs/heads/*"]))
        #expect(isSigned([:], nil))
        #expect(!isSigned([:], ["*"]))
        #expect(!isSigned(["repository": 1], ["*"]))
        let read = try SignerPolicy(parsing: Array(#"{"sources":["git+https://git.example.org/*"]}"#.utf8), name: "p")
        #expect(read.sources == ["git+https://git.example.org/*"])
        for bad in [#"{"sources":"x"}"#, #"{"sources":["a*b"]}"#, #"{"sources":[""]}"#] {
            #expect(throws: SigningError.self, "\(bad)") { try SignerPolicy(parsing: Array(bad.utf8), name: "p") }
        }
    }
}
