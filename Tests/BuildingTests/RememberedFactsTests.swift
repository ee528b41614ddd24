// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Debian
internal import Executables
internal import Fetching
internal import FileTree
internal import OCI
internal import Packages
internal import Standards
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import Building

/// What is kept in the store about files and images: it is found once, and never believed when it should not be.
@Suite(.enabled(if: Tool.exists("openssl") && Tool.find("ls") != nil, "openssl or ls is not installed"))
struct RememberedFactsTests {
    /// Bytes of one package, and how often they were read.
    private final class Payload: ContentSource {
        let bytes: [UInt8]
        let reads = Mutex(0)
        init(_ bytes: [UInt8]) { self.bytes = bytes }

        func read(_ content: FileContent, range: Range<Int>?) throws -> [UInt8] {
            reads.withLock { $0 += 1 }
            guard case .payload(_, let offset) = content.place else { throw TreeError(.missing, path: "x", detail: "") }
            let range = range ?? 0..<content.size
            return Array(bytes[offset + range.lowerBound..<offset + range.upperBound])
        }
    }

    private let directory: TemporaryDirectory
    private let store: Store
    private let payload: Payload
    private let package: UnpackedPackage
    private let contents: [FileContent]
    private let program: [UInt8]

    init() throws {
        directory = try TemporaryDirectory()
        store = try Store(at: directory.path("store"))
        let key = try Tool.run("openssl", ["genpkey", "-algorithm", "ED25519"]).stdout
        program = try Files.read(try #require(Tool.find("ls")), limit: 1 << 24)
        var bytes: [UInt8] = []
        var nodes: [Node] = []
        var contents: [FileContent] = []
        let archive = Digest.of("the package file")
        for (name, file) in [("text", Array("x".utf8)), ("key", key), ("program", program), ("empty", [])] {
            let content = FileContent(
                sha256: .of(file),
                size: file.count,
                place: .payload(package: archive, offset: bytes.count)
            )
            nodes.append(Node(try TreePath(name), .file(content), mode: 0o644, origin: .package("")))
            contents.append(content)
            bytes += file
        }
        payload = Payload(bytes)
        package = UnpackedPackage(archive: archive, nodes: nodes, control: [:])
        self.contents = contents
    }

    private func facts(version: Int = FileFacts.version) -> StoreFacts {
        StoreFacts(store: store, contents: payload, packages: [package], ecosystem: Debian(), version: version)
    }

    /// Against the sums of `md5sum`, what `openssl` wrote, and the reader of ELF files, which has tests of its own.
    private func check(_ facts: StoreFacts) throws {
        let expected = try Tool.run("md5sum", [try #require(Tool.find("ls"))]).text.prefix(32)
        #expect(try facts.checksum(.md5, of: contents[0]).hex == "9dd4e461268c8034f5c8564e155c67a6")
        #expect(try facts.checksum(.md5, of: contents[2]).hex == expected)
        #expect(try facts.checksum(.md5, of: contents[3]).hex == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(try contents.map { try facts.facts(of: $0).holdsPrivateKey } == [false, true, false, false])
        let file = try ELFFile(size: program.count) { Array(program[$0]) }
        #expect(file?.needed.isEmpty == false)
        #expect(try contents.map { try facts.facts(of: $0).executable } == [nil, nil, file, nil])
    }

    private var reads: Int { payload.reads.withLock { $0 } }

    /// Changes a bit of every kept file, whose size and time stay what they were.
    private func damage() throws {
        for name in directory.files(below: "store/derived") {
            let path = directory.path("store/derived/" + name)
            var bytes = try Files.read(path, limit: 1 << 24)
            bytes[bytes.count / 2] ^= 1
            Files.remove(path)
            let file = try OpenFile.creating(path)
            try file.write(bytes)
            try file.seal()
        }
    }

    @Test func factsAreFoundOnce() async throws {
        try check(facts())
        let first = reads
        #expect(first > 0)
        try check(facts())
        try await facts().prepare(width: 2)
        #expect(reads == first, "the store answers")
        #expect(directory.files(below: "store/derived").count == 1)
    }

    @Test func factsAreFoundBeforeTheyAreAskedFor() async throws {
        try await facts().prepare(width: 2)
        let first = reads
        try check(facts())
        #expect(reads == first)
    }

    @Test func damagedFactsAreFoundAgain() throws {
        try check(facts())
        let first = reads
        try damage()
        try check(facts())
        #expect(reads == 2 * first)
        // In the place of another package's they are not believed either.
        let name = try #require(directory.files(below: "store/derived").first)
        let bytes = try Files.read(directory.path("store/derived/" + name), limit: 1 << 24)
        let form = try #require(name.split(separator: "/").first.map(String.init))
        #expect(store.document(from: package.archive, form: form) != nil)
        try store.putDerived(bytes, from: .of("another package file"), form: form)
        #expect(store.document(from: .of("another package file"), form: form) == nil)
    }

    @Test func anotherVersionLooksAgain() throws {
        try check(facts())
        let first = reads
        try check(facts(version: FileFacts.version + 1))
        #expect(reads == 2 * first)
    }

    /// The outcomes are kept under a key; whatever changes an outcome changes it.
    @Test func everyInputOfTheStandardsIsInTheirKey() throws {
        let layers = [Digest.of("a"), Digest.of("b")]
        var configuration = ImageConfiguration(
            platform: ImagePlatform(architecture: "amd64"),
            created: 0,
            diffIDs: layers
        )
        func stage(limit: Int? = nil, version: String = "1", rules: [Int] = [1, 1]) -> StandardsStage {
            StandardsStage(store: store, options: StandardOptions(sizeLimit: limit), version: version, rules: rules)
        }
        func key(_ stage: StandardsStage, layers: [Digest]? = nil, size: Int = 10) -> Digest {
            stage.key(layers: layers ?? [Digest.of("a"), Digest.of("b")], configuration: configuration, size: size)
        }
        #expect(key(stage()) == key(stage()))
        var keys = [
            key(stage()), key(stage(limit: 5)), key(stage(version: "2")), key(stage(rules: [2, 1])),
            key(stage(rules: [1, 2])), key(stage(), layers: [.of("a"), .of("c")]), key(stage(), size: 11),
        ]
        configuration.user = "0"
        keys.append(key(stage()))
        #expect(Set(keys).count == keys.count)
    }

    @Test func outcomesSurviveTheStore() {
        for outcome in [CheckOutcome.passed("a"), .failed("b"), .skipped("c"), .unanswered("d")] {
            #expect(CheckOutcome(outcome.json) == outcome)
        }
        #expect(CheckOutcome(["outcome": "good", "detail": "x"]) == nil)
    }
}
