// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Fetching

private struct Refusal: Error {}

private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func increment() { count.withLock { $0 += 1 } }
}

@Suite struct DerivedFileTests {
    private let directory: TemporaryDirectory
    private let store: Store
    private let source = Digest.of("source")

    init() throws {
        directory = try TemporaryDirectory()
        store = try Store(at: directory.path("store"))
    }

    private static func write(_ text: String, to path: String) throws {
        try OpenFile.creating(path).write(Array(text.utf8))
    }

    @Test func manyTasksMakeItOnce() async throws {
        let count = Counter()
        let paths = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 {
                group.addTask { [store, source] in
                    try await store.derived(from: source, form: "index-1") { path in
                        count.increment()
                        usleep(20_000)
                        try Self.write("made", to: path)
                    }
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(count.value == 1)
        #expect(paths.count == 1)
        #expect(try paths.first.map { try Files.read($0, limit: 10) } == Array("made".utf8))
    }

    @Test func formsAndSourcesAreKeptApart() async throws {
        let a = try await store.derived(from: source, form: "a") { try Self.write("a", to: $0) }
        let b = try await store.derived(from: source, form: "b") { try Self.write("b", to: $0) }
        let c = try await store.derived(from: .of("other"), form: "a") { try Self.write("c", to: $0) }
        #expect(try [a, b, c].map { try Files.read($0, limit: 1) } == [[0x61], [0x62], [0x63]])
    }

    @Test func aFailureLeavesNothingAndTheNextMakesIt() async throws {
        await #expect(throws: Refusal.self) {
            try await store.derived(from: source, form: "a") { path in
                try Self.write("half", to: path)
                throw Refusal()
            }
        }
        #expect(store.derivedPath(from: source, form: "a") == nil)
        #expect(directory.files(below: "store").filter { !$0.hasSuffix(".lock") } == [])
        let path = try await store.derived(from: source, form: "a") { try Self.write("whole", to: $0) }
        #expect(try Files.read(path, limit: 10) == Array("whole".utf8))
    }

    /// What a crash of the machine may leave, since derived files are not synchronised.
    @Test func aFileThatWasCutOffIsMadeAgain() async throws {
        let path = try await store.derived(from: source, form: "a") { try Self.write("whole", to: $0) }
        let stamp = try #require(FileStatus(of: path)).modified
        #expect(truncate(path, 2) == 0)
        #expect(
            utimensat(AT_FDCWD, path, [timespec(tv_sec: stamp, tv_nsec: 0), timespec(tv_sec: stamp, tv_nsec: 0)], 0)
                == 0
        )
        #expect(store.derivedPath(from: source, form: "a") == nil)
        _ = try await store.derived(from: source, form: "a") { try Self.write("whole", to: $0) }
        #expect(try Files.read(path, limit: 10) == Array("whole".utf8))
    }

    @Test(arguments: ["", "..", ".hidden", "a/b", "a b"])
    func aFormIsAPlainName(_ form: String) async {
        await #expect(throws: FetchError.self) { try await store.derived(from: source, form: form) { _ in } }
    }
}
