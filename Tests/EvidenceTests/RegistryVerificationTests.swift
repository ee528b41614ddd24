// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Diagnostics
internal import Fetching
internal import Foundation
internal import OCI
internal import Registry
internal import Signing
internal import Synchronization
internal import TestSupport
internal import Testing
internal import Verification

/// The same questions of an image in a registry.
@Suite("Verification from a registry")
struct RegistryVerificationTests {
    private let directory: EvidenceTests.TemporaryDirectory

    private static func behaviour(hasReferrersAPI: Bool) -> FakeRegistry.Behaviour {
        var behaviour = FakeRegistry.Behaviour()
        behaviour.hasReferrersAPI = hasReferrersAPI
        return behaviour
    }

    init() throws {
        directory = try EvidenceTests.TemporaryDirectory()
    }

    private func push(_ bench: Workbench, to registry: FakeRegistry, alter: (String) throws -> Void = { _ in })
        async throws -> ImageLocation
    {
        let layout = directory.path + "/img"
        try bench.draft.write(to: layout)
        try alter(layout)
        let location = try ImageLocation("\(registry.host)/lab/img:1.0.0")
        _ = try await directory.transfer("push").copy(from: .layout(directory: layout, tag: "1.0.0"), to: location)
        return location
    }

    private func verify(_ location: ImageLocation, policy: TrustPolicy) async throws -> VerificationReport {
        try await ImageVerifier(source: directory.transfer("verify").open(location), policy: policy).verify()
    }

    @Test(arguments: [true, false])
    func answersAsForALayout(hasReferrersAPI: Bool) async throws {
        let registry = try FakeRegistry(Self.behaviour(hasReferrersAPI: hasReferrersAPI))
        defer { registry.stop() }
        let bench = try await Workbench.make()
        let location = try await push(bench, to: registry)
        let policy = try VerificationTests.trust()
        let report = try await verify(location, policy: policy)
        let local = try await ImageVerifier(
            source: LayoutSource(directory: directory.path + "/img", tag: "1.0.0"),
            policy: policy
        ).verify()
        #expect(report.isPassed && report.level == 1)
        #expect(report.digest == bench.index.digest)
        #expect(Set(report.findings) == Set(local.findings))
        // Statements are listed whichever way the registry tells of referrers.
        let listing = try await EvidenceListing(
            directory.transfer("list").open(location),
            key: EvidenceFixture.key().publicKey
        )
        let there = try await EvidenceListing(LayoutSource(directory: directory.path + "/img", tag: nil), key: nil)
        #expect(Set(listing.entries.map(\.bytes)) == Set(there.entries.map(\.bytes)))
    }

    @Test func readsNoMoreThanItNeeds() async throws {
        let registry = try FakeRegistry()
        defer { registry.stop() }
        let bench = try await Workbench.make()
        let location = try await push(bench, to: registry)
        let before = registry.requests.count
        _ = try await EvidenceListing(directory.transfer("list").open(location), key: nil)
        let asked = registry.requests.dropFirst(before)
        for member in bench.members {
            let manifest = try Manifest(parsing: try #require(bench.draft.bytes(of: member.0.digest)), name: "m")
            #expect(!asked.contains { $0.target.contains(manifest.layers[0].digest.hex) }, "a layer was fetched")
        }
        _ = try await verify(location, policy: VerificationTests.trust())
        for member in bench.members {
            let manifest = try Manifest(parsing: try #require(bench.draft.bytes(of: member.0.digest)), name: "m")
            let layer = manifest.layers[0].digest.hex
            let count = registry.requests.dropFirst(before).filter { $0.method == "GET" && $0.target.contains(layer) }
            #expect(count.count == 1)
        }
    }

    /// What a registry, or somebody who can write to it, could do. `VerificationTests` has the whole list; here are those that
    /// depend on how evidence is found.
    @Test(
        arguments: [
            .bundlesStripped, .legacySignatureStripped, .attestationsStripped, .provenanceStripped, .platformStripped,
            .bundleOfAnotherImage, .legacyOfAnotherImage, .blobMissing,
        ] as [Alteration]
    )
    func refuses(_ alteration: Alteration) async throws {
        let registry = try FakeRegistry()
        defer { registry.stop() }
        let (bench, policy, alter) = try await VerificationTests().altered(alteration)
        let report: VerificationReport
        do {
            report = try await verify(push(bench, to: registry, alter: alter), policy: policy)
        } catch is OCIError {
            return
        } catch is RegistryError {
            return
        }
        #expect(!report.isPassed, "\(alteration) was accepted")
    }

    @Test func noticesARegistryThatGivesOtherContent() async throws {
        let registry = try FakeRegistry()
        defer { registry.stop() }
        let bench = try await Workbench.make()
        let location = try await push(bench, to: registry)
        let manifest = try Manifest(
            parsing: try #require(bench.draft.bytes(of: bench.members[0].0.digest)),
            name: "m"
        )
        registry.state.withLock { state in
            state.repositories["lab/img"]?.blobs[manifest.layers[0].digest.description] = Array("other".utf8)
        }
        let report = try await verify(location, policy: VerificationTests.trust())
        #expect(report.findings.contains { $0.check == "content" && $0.outcome == .failed })
        #expect(!report.isPassed)
    }

    @Test func attestsToAnImageInARegistry() async throws {
        let registry = try FakeRegistry()
        defer { registry.stop() }
        let bench = try await Workbench.make()
        let location = try await push(bench, to: registry)
        guard case .registry(let reference) = location else { return }
        let before = registry.log
        let source = try await directory.transfer("attest").open(location)
        let root = try await source.root()
        let statement = Statement(
            subjects: [Subject(digest: root.digest)],
            predicateType: "https://example.org/review/v1",
            predicate: ["reviewed": true]
        )
        var draft = LayoutDraft()
        try await EvidenceGraph(repository: "", created: "2025-01-01T00:00:00Z").append(
            .init(predicateType: statement.predicateType, statement: statement.bytes, targets: [root.digest]),
            to: &draft,
            source: source,
            root: root,
            manifests: [],
            signer: KeySigner(EvidenceFixture.key())
        )
        _ = try await directory.transfer("attest").add(draft, about: root, to: reference)
        // Nothing of the image was written again, and its tag stayed where it was.
        #expect(registry.log.count > before.count)
        #expect(!registry.log.dropFirst(before.count).contains("tag 1.0.0"))
        var policy = try VerificationTests.trust()
        policy.predicateTypes.append(statement.predicateType)
        let report = try await verify(location, policy: policy)
        // The index has the statement in both forms, beside all that it had; the platforms were not attested.
        let failed = report.findings.filter { $0.outcome == .failed }
        #expect(Set(failed.map(\.subject)) == ["linux/amd64", "linux/arm64/v8"])
        #expect(failed.allSatisfy { $0.detail.contains(statement.predicateType) })
    }

    @Test func saysWhatIsNoImage() {
        for text in ["out/nothing:13", "nothing", "nothing:1", "registry.example.org/UPPER", ""] {
            let error = #expect(throws: RegistryError.self) { try ImageLocation(text) }
            #expect(error?.outcome == .usage)
            #expect(text.isEmpty || error?.message.contains("there is no directory") == true)
        }
    }
}
