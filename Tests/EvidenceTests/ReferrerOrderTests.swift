// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Fetching
internal import OCI
internal import Registry
internal import Signing
internal import Synchronization
internal import TestSupport
internal import Testing
internal import Verification

/// distribution-spec 1.1, "Listing Referrers", gives the list no order, and a registry that keeps it in a hash table answers in
/// another one each time.
@Suite("Order of referrers")
struct ReferrerOrderTests {
    private let directory: EvidenceTests.TemporaryDirectory

    init() throws { directory = try EvidenceTests.TemporaryDirectory() }

    /// A registry that turns its lists of referrers around at every second question, and the image in it, about whose index a
    /// second signer made one of the first one's statements: the reproducible provenance.
    private func registry() async throws -> (registry: FakeRegistry, image: String, signers: [PublicKey]) {
        let questions = Questions()
        var behaviour = FakeRegistry.Behaviour()
        behaviour.arranges = { questions.next().isMultiple(of: 2) ? $0 : $0.reversed() }
        let registry = try FakeRegistry(behaviour)
        let reference = "\(registry.host)/lab/img:1.0.0"
        let location = try ImageLocation(reference)
        guard case .registry(let place) = location else {
            throw RegistryError(.refused, "\(reference) is no registry's")
        }
        let layout = directory.path + "/img"
        try await Workbench.make().draft.write(to: layout)
        _ = try await directory.transfer("push").copy(from: .layout(directory: layout, tag: "1.0.0"), to: location)
        let source = try await directory.transfer("attest").open(location)
        let root = try await source.root()
        let entry = try #require(
            try await EvidenceListing(source, key: nil).entries.first {
                $0.target == root.digest && Self.isProvenance($0)
            }
        )
        let other = try PrivateKey.generate()
        var draft = LayoutDraft()
        try await EvidenceGraph(repository: "", created: "2025-01-01T00:00:00Z").append(
            .init(predicateType: PredicateType.provenance, statement: entry.bytes, targets: [root.digest]),
            to: &draft,
            source: source,
            root: root,
            manifests: [],
            signer: KeySigner(other)
        )
        _ = try await directory.transfer("attest").add(draft, about: root, to: place)
        return (registry, reference, [try EvidenceFixture.key().publicKey, other.publicKey])
    }

    /// The one that every build makes again.
    private static func isProvenance(_ entry: EvidenceListing.Entry) -> Bool {
        entry.statement.predicateType == PredicateType.provenance && Provenance.isReproducible(entry.statement)
    }

    @Test func isNotSeenInWhatIsListed() async throws {
        let (registry, image, signers) = try await registry()
        defer { registry.stop() }
        var listings: [[EvidenceListing.Entry]] = []
        for _ in 0..<2 {
            // An index and two platforms are asked about: an odd number, so that each is answered both ways.
            let source = try await directory.transfer("list").open(.init(image))
            listings.append(try await EvidenceListing(source, key: nil).entries)
        }
        #expect(listings[0].map(\.bytes) == listings[1].map(\.bytes))
        for listing in listings {
            let both = listing.filter { $0.signers == Set(signers.map(\.identifier)) }
            #expect(both.map(\.subject) == ["index"] && both.allSatisfy(Self.isProvenance))
            #expect(listing.count { $0.signers == [signers[0].identifier] } == listing.count - 1)
        }
    }

    /// A builder is named once for each who signed for it: what counts are signers, and not statements.
    @Test func buildersAreToldBySigner() async throws {
        let (registry, image, signers) = try await registry()
        defer { registry.stop() }
        var policy = try VerificationTests.trust()
        let own = policy.roots[0]
        var foreign = own
        foreign.builders = ["https://builder.example/other"]
        let second = TrustPolicy.Root(key: signers[1])
        // A signer to whom several entries apply is one, and an entry for other builders is none.
        for (count, roots) in [(1, [own]), (1, [foreign, own, own]), (2, [own, second])] {
            policy.roots = roots
            let source = try await directory.transfer("verify").open(.init(image))
            let report = try await ImageVerifier(source: source, policy: policy).verify()
            let builders = report.findings.filter { $0.check == "builder" && $0.subject == "index" }.map(\.detail)
            #expect(builders.count == count && Set(builders).count == count)
            for signer in signers.prefix(count) {
                #expect(builders.contains { $0.hasPrefix(Namespace().localBuilder) && $0.contains(signer.identifier) })
            }
        }
    }

    @Test func isNotSeenByThoseWhoCompareAndPrint() async throws {
        let (registry, image, _) = try await registry()
        defer { registry.stop() }
        func run(_ arguments: [String]) throws -> Tool.Output {
            let environment = ["BASALT_STORE": directory.path + "/store", "HOME": directory.path]
            return try Basalt.run(arguments + ["--plain-http"], environment: environment, directory: directory.path)
        }
        let said = try run(["diff", image, image, "--format", "json"])
        #expect(said.status == 0, "\(said.text)\(said.stderr)")
        let printed = try (0..<2).map { _ in try run(["provenance", image]) }
        #expect(printed[0].status == 0 && printed[0].text == printed[1].text)
        // What is about a single run is not what is asked for, and what two have signed is one statement.
        let predicate = try JSON(parsing: printed[0].stdout)
        #expect(predicate["runDetails"]?["metadata"] == nil)
        #expect(!printed[0].stderr.contains("statements of this kind"))
    }
}

/// Counts questions.
private final class Questions: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
