// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import OCI
internal import Signing
internal import Synchronization
internal import Testing
internal import Verification

/// What strangers can make a verifier read.
@Suite("Bounds of evidence")
struct EvidenceBoundsTests {
    /// Of 20 bundles that say to have 64 MiB each, 16 are read: 1 GiB. That the rest was not is a failure, told once.
    @Test func areOfAllBytesTogether() async throws { try await expect(16, of: 20, of: 64 << 20, stopping: 1) }

    /// None of those that are too large for themselves is read, and so they do not use up what others may.
    @Test func doNotCountWhatIsNotRead() async throws { try await expect(0, of: 20, of: (64 << 20) + 1, stopping: 0) }

    /// Those who only list evidence are bounded alike, and are told what to do.
    @Test(arguments: [(20, 16), (1025, 0)])
    func areThoseOfListingsToo(bundles: Int, fetched: Int) async throws {
        let statement = Statement(subjects: [Subject(digest: .of("x"))], predicateType: "a/b", predicate: [:])
        let envelope = Envelope(payload: statement.bytes, signatures: [.init(bytes: [1])])
        let bundle = Bundle(envelope: envelope, key: try EvidenceFixture.key().publicKey)
        let source = FloodedSource(bundles: bundles, of: 64 << 20, content: bundle.json.compact)
        let error = await #expect(throws: VerificationError.self) { try await EvidenceListing(source, key: nil) }
        #expect(error?.code == "too-much-evidence" && error?.hint != nil)
        #expect(source.fetched.withLock { $0 } == fetched)
    }

    private func expect(_ fetched: Int, of bundles: Int, of size: Int, stopping: Int) async throws {
        let source = FloodedSource(bundles: bundles, of: size)
        var policy = TrustPolicy(roots: [.init(key: try EvidenceFixture.key().publicKey)])
        policy.signatures = .bundle
        let report = try await ImageVerifier(source: source, policy: policy).verify()
        #expect(source.fetched.withLock { $0 } == fetched)
        #expect(report.findings.count { $0.outcome == .failed && $0.detail.contains("1024 MiB") } == stopping)
    }
}

/// An image of which anybody has filed bundles.
private final class FloodedSource: ImageSource {
    let name = "flooded"
    let fetched = Mutex(0)
    private let image: Descriptor
    private let referrers: [Descriptor]
    private let documents: [Digest: [UInt8]]
    private let content: [UInt8]

    /// - Parameter content: what each bundle is, whatever size its descriptor states.
    init(bundles: Int, of size: Int, content: [UInt8] = Array("{}".utf8)) {
        self.content = content
        var draft = LayoutDraft()
        let config = draft.add(Array("{}".utf8), mediaType: MediaType.config)
        image = draft.add(Manifest(config: config, layers: [config]))
        let subject = image
        referrers = (0..<bundles).map {
            let bundle = Descriptor(mediaType: MediaType.bundle, digest: .of(Array("\($0)".utf8)), size: size)
            return draft.add(
                Manifest(artifactType: MediaType.bundle, config: config, layers: [bundle], subject: subject)
            )
        }
        let all = draft
        documents = Dictionary(
            uniqueKeysWithValues: ([image] + referrers).map { ($0.digest, all.bytes(of: $0.digest) ?? []) }
        )
    }

    func root() async throws -> Descriptor { image }
    func tags(of root: Descriptor) async throws -> [String] { [] }
    func document(_ descriptor: Descriptor) async throws -> [UInt8] { documents[descriptor.digest] ?? [] }
    func blob(_ descriptor: Descriptor) async throws -> [UInt8] {
        if descriptor.mediaType == MediaType.bundle { fetched.withLock { $0 += 1 } }
        return content
    }
    func file(_ blob: Descriptor) async throws -> String { throw OCIError(.missing, name, "it has no files") }
    func referrers(of digest: Digest) async throws -> [Descriptor] { digest == image.digest ? referrers : [] }
    func tagged(_ tag: String) async throws -> Descriptor? { nil }
}
