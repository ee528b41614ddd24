// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import OCI
internal import Signing
internal import TestSupport
internal import Testing
internal import Transparency
internal import Verification

/// What a policy asks about an image is asked although a registry leaves out the evidence that would answer it, and although no
/// statement is required.
@Suite("Demands that evidence has to answer")
struct DemandTests {
    /// - Parameter change: of a policy that asks for bundles and no statements.
    private func failures(_ bench: Workbench, _ change: (inout TrustPolicy) throws -> Void = { _ in }) async throws
        -> [Finding]
    {
        let directory = try TestSupport.TemporaryDirectory()
        try bench.draft.write(to: directory.path("img"))
        var policy = TrustPolicy(roots: [.init(key: try EvidenceFixture.key().publicKey)])
        policy.signatures = .bundle
        policy.predicateTypes = []
        try change(&policy)
        let source = try LayoutSource(directory: directory.path("img"), tag: "1.0.0")
        return try await ImageVerifier(source: source, policy: policy).verify().findings
            .filter { $0.outcome == .failed }
    }

    /// The image with signatures, and without the statements of some types, in both forms.
    private func bench(without isLeftOut: (String) -> Bool) async throws -> Workbench {
        var bench = try await Workbench.make()
        bench.rewrite { entry, _ in
            if entry.annotations[Annotation.refName]?.hasSuffix(".att") == true { return nil }
            return entry.annotations[Annotation.bundlePredicateType].map(isLeftOut) == true ? nil : entry
        }
        return bench
    }

    private static let demands: [(check: String, change: @Sendable (inout TrustPolicy) -> Void)] = [
        ("definition", { $0.definition = .of("definition") }),
        ("source", { $0.source = "https://git.example.org/images" }),
        ("build-type", { $0.buildTypes = [Namespace().buildType] }),
        ("builder", { $0.roots[0].builders = [Namespace().localBuilder] }),
    ]

    @Test func provenanceIsNeededForWhatItSays() async throws {
        let whole = try await Workbench.make()
        let stripped = try await bench { $0 == PredicateType.provenance }
        #expect(try await failures(stripped) == [])
        for (check, change) in Self.demands {
            let found = try await failures(stripped, change)
            #expect(found.map(\.check) == [check] && found.map(\.subject) == ["index"], "\(check)")
            #expect(found.allSatisfy { $0.detail.hasPrefix("nothing trusted says") })
            // The record names no repository.
            if check != "source" { #expect(try await failures(whole, change) == [], "\(check)") }
        }
        // The entry that asks for a builder is about the signer, although not about signatures.
        let bare = try await bench { $0 != PredicateType.signature }
        let key = try EvidenceFixture.key().publicKey
        for forms in [SignatureForms.bundle, .legacy] {
            let found = try await failures(bare) {
                $0.signatures = forms
                $0.roots = [
                    .init(key: key), .init(key: key, builders: [Namespace().localBuilder], level: 3),
                ]
                $0.roots[0].predicateTypes = [PredicateType.signature]
                $0.roots[1].predicateTypes = [PredicateType.provenance]
            }
            #expect(found.map(\.check) == ["builder"], "\(forms)")
        }
        // One that says something else is a failure of its own.
        #expect(try await failures(whole) { $0.definition = .of("another") }.map(\.check).contains("definition"))
    }

    /// The whole program, as a user runs it.
    @Test func programAsksForProvenanceWithoutStatements() async throws {
        let directory = try TestSupport.TemporaryDirectory()
        let key = try directory.write(Array(EvidenceFixture.key().publicKey.pem.utf8), to: "k.pub")
        let definition = try directory.write(Array("definition".utf8), to: "d.yaml")
        func run(_ bench: Workbench, _ options: [String]) throws -> Int32 {
            try bench.draft.write(to: directory.path("img"))
            return try Basalt.run(
                ["verify", directory.path("img") + ":1.0.0", "--key", key, "--signature-only"] + options
            ).status
        }
        let stripped = try await bench { $0 == PredicateType.provenance }
        let whole = try await Workbench.make()
        #expect(try run(stripped, ["--signatures", "both"]) == 0)
        #expect(try run(whole, ["--definition", definition, "--builder", Namespace().localBuilder]) == 0)
        for options in [
            ["--definition", definition], ["--source", "https://git.example.org/images"],
            ["--builder", "https://b.example"],
        ] {
            #expect(try run(stripped, options) == 1, "\(options)")
        }
    }

    // MARK: The repository

    private static let other = "registry.example.org/other"

    @Test(arguments: [SignatureForms.bundle, .any]) func repositoryIsNamedBySomebody(_ forms: SignatureForms)
        async throws
    {
        let noSimple = try await bench { _ in false }.without(".sig")
        func found(_ bench: Workbench, _ repository: String) async throws -> [Finding] {
            try await failures(bench) {
                $0.signatures = forms
                $0.repository = repository
            }
        }
        #expect(try await found(noSimple, EvidenceFixture.repository) == [])
        let wrong = try await found(noSimple, Self.other)
        #expect(wrong.map(\.check) == ["repository"] && wrong[0].detail.contains(EvidenceFixture.repository))
        // As cosign 3 signs images: a bundle that is a signature, and nothing that names anything.
        let bare = try await bench { $0 != PredicateType.signature }.without(".sig")
        for repository in [EvidenceFixture.repository, Self.other] {
            let found = try await found(bare, repository)
            #expect(found.map(\.check) == ["repository"] && found[0].detail.contains("cosign 3"), "\(repository)")
        }
        // A simple signature names it, where it is looked at.
        let simple = try await bench { $0 != PredicateType.signature }
        #expect(try await found(simple, EvidenceFixture.repository).isEmpty == (forms == .any))
        #expect(try await !found(simple, Self.other).isEmpty)
    }

    /// Who may only say something about an image does not say whose it is.
    @Test func repositoryIsNotForEverybodyToName() async throws {
        var bench = try await bench { $0 != PredicateType.signature }.without(".sig")
        let reviewer = try PrivateKey.generate()
        let type = "https://example.org/review/v1"
        func subject(_ repository: String, version: Digest) -> Subject {
            let purl = PackageURL(
                type: "oci",
                name: "img",
                version: version.description,
                qualifiers: ["repository_url": repository]
            )
            return Subject(name: purl.description, digest: bench.index.digest)
        }
        func append(_ subject: Subject) async throws {
            let statement = Statement(subjects: [subject], predicateType: type, predicate: ["good": true])
            try await EvidenceGraph(repository: "", created: "2025-01-01T00:00:00Z").append(
                .init(
                    predicateType: type,
                    statement: statement.bytes,
                    targets: [bench.index.digest],
                    isReferrerOnly: true
                ),
                to: &bench.draft,
                source: DraftSource(bench.draft, root: bench.index, name: "img"),
                root: bench.index,
                manifests: [],
                signer: KeySigner(reviewer)
            )
        }
        func isNamed(_ types: [String]) async throws -> Bool {
            try await failures(bench) {
                var root = TrustPolicy.Root(key: reviewer.publicKey)
                root.predicateTypes = types
                $0.roots.append(root)
                $0.repository = Self.other
            }.isEmpty
        }
        // A name with another digest is another image's.
        try await append(subject(Self.other, version: .of("another")))
        #expect(try await !isNamed([]))
        try await append(subject(Self.other, version: bench.index.digest))
        #expect(try await !isNamed([type]))
        #expect(try await isNamed([]))
    }

    // MARK: Signers with several entries

    @Test func eachEntryOfASignerCounts() async throws {
        let bench = try await Workbench.make()
        let key = try EvidenceFixture.key().publicKey
        let local = Namespace().localBuilder
        func level(_ roots: [TrustPolicy.Root]) async throws -> Int? {
            let directory = try TestSupport.TemporaryDirectory()
            try bench.draft.write(to: directory.path("img"))
            var policy = try VerificationTests.trust()
            policy.roots = roots
            let source = try LayoutSource(directory: directory.path("img"), tag: "1.0.0")
            let report = try await ImageVerifier(source: source, policy: policy).verify()
            return report.isPassed ? report.level : nil
        }
        let hosted = TrustPolicy.Root(key: key, builders: ["https://builds.example.org/hosted/v1"], level: 3)
        let own = TrustPolicy.Root(key: key, builders: [local], level: 1)
        let better = TrustPolicy.Root(key: key, builders: [local, "https://x.example"], level: 2)
        #expect(try await level([hosted, own]) == 1)
        #expect(try await level([own, hosted]) == 1)
        #expect(try await level([own, hosted, better]) == 2)
        #expect(try await level([hosted]) == nil)
        // One entry for signatures, another for statements.
        var signatures = TrustPolicy.Root(key: key)
        signatures.predicateTypes = [PredicateType.signature]
        var statements = own
        let namespace = Namespace()
        statements.predicateTypes = [
            PredicateType.provenance, PredicateType.spdx, PredicateType.cycloneDX, namespace.scripts,
        ]
        #expect(try await level([signatures, statements]) == 1)
        #expect(try await level([statements, signatures]) == 1)
        #expect(try await level([signatures]) == nil)
        #expect(try await level([statements]) == nil, "nobody may sign the image")
    }
}

extension Workbench {
    /// Without the tags that end so.
    fileprivate func without(_ suffix: String) -> Workbench {
        var bench = self
        bench.rewrite { entry, _ in entry.annotations[Annotation.refName]?.hasSuffix(suffix) == true ? nil : entry }
        return bench
    }
}
