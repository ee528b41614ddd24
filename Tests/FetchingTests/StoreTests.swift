// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Fetching

/// FIPS 180-4's example: SHA-256 of "abc".
private let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

@Suite struct StoreTests {
    private let directory: TemporaryDirectory
    private let store: Store

    init() throws {
        directory = try TemporaryDirectory()
        store = try Store(at: directory.path("store"))
    }

    private func object(_ hex: String) -> String { "blobs/sha256/\(hex.prefix(2))/\(hex)" }

    /// Everything in the store but locks.
    private var files: [String] { directory.files(below: "store").filter { !$0.hasSuffix(".lock") } }

    @Test func contentLiesUnderItsDigestAndIsReadOnly() throws {
        let digest = try store.put(Array("abc".utf8))
        #expect(digest.hex == abc)
        #expect(files == [object(abc)])
        #expect(store.path(of: digest) == directory.path("store/" + object(abc)))
        #expect(try store.bytes(of: digest) == Array("abc".utf8))
        var status = stat()
        #expect(stat(directory.path("store/" + object(abc)), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o444)
    }

    @Test func puttingTwiceChangesNothing() throws {
        let first = try store.put(Array("abc".utf8))
        let file = try directory.write(Array("abc".utf8), to: "source")
        #expect(try store.put(file: file) == first)
        #expect(try store.put(file: file, expecting: first) == first)
        #expect(files == [object(abc)])
    }

    @Test func absentContentIsNil() throws {
        let digest = Digest.of("never stored")
        #expect(store.path(of: digest) == nil)
        #expect(try store.bytes(of: digest) == nil)
        #expect(store.size(of: digest) == nil)
    }

    @Test(arguments: ["abd", "ab", "abcd", ""])
    func contentThatWasChangedIsNotHandedOut(_ replacement: String) throws {
        let digest = try store.put(Array("abc".utf8))
        let path = directory.path("store/" + object(abc))
        chmod(path, 0o644)
        let file = try OpenFile(path, flags: O_WRONLY | O_TRUNC, action: "write")
        try file.write(Array(replacement.utf8))
        #expect(store.path(of: digest) == nil)
        #expect(files == [])
        #expect(try store.put(Array("abc".utf8)) == digest)
        #expect(store.path(of: digest) == path)
    }

    @Test func contentWhoseTimeAloneChangedIsHashedAndKept() throws {
        let digest = try store.put(Array("abc".utf8))
        let path = directory.path("store/" + object(abc))
        #expect(utimensat(AT_FDCWD, path, [timespec(tv_sec: 7, tv_nsec: 0), timespec(tv_sec: 7, tv_nsec: 0)], 0) == 0)
        #expect(store.path(of: digest) == path)
        #expect(FileStatus(of: path)?.isStamped == true)
    }

    @Test func anAbandonedWriterLeavesNothing() throws {
        do {
            let writer = try store.writer()
            try writer.write(Array("half".utf8))
        }
        #expect(files == [])
    }

    @Test func aWrongDigestLeavesNothing() throws {
        let writer = try store.writer()
        try writer.write(Array("abd".utf8))
        let expected = try #require(Digest(.sha256, hex: abc))
        #expect { try writer.finish(expecting: expected, name: "pool/a.deb") } throws: { error in
            guard let error = error as? FetchError else { return false }
            // SHA-256 of "abd", by sha256sum.
            let received = "a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9"
            return error.kind == .hashMismatch && error.message.contains("pool/a.deb") && error.message.contains(abc)
                && error.message.contains(received)
        }
        let file = try directory.write(Array("abd".utf8), to: "source")
        #expect(throws: FetchError.self) { try store.put(file: file, expecting: expected) }
        #expect(files.filter { $0.hasPrefix("blobs") } == [])
    }

    @Test func deadSessionsAreSweptAndLiveOnesAreNot() throws {
        try directory.write([], to: "store/tmp/dead.lock")
        try directory.write([1], to: "store/tmp/dead-1")
        try directory.write([2], to: "store/tmp/dead-2")
        let mine = try store.temporary()
        let file = try OpenFile.creating(mine)
        try file.write([3])
        _ = try Store(at: directory.path("store"))
        #expect(files == ["tmp/\(mine.split(separator: "/").last ?? "")"])
    }

    @Test func aStoreThatCannotBeMadeSaysWhatToDo() throws {
        let file = try directory.write([], to: "file")
        #expect { try Store(at: file + "/store") } throws: { error in
            (error as? FetchError)?.message.contains(file) == true
        }
    }

    @Test func aFileIsReplacedWhole() throws {
        let path = try directory.write(Array("old".utf8), to: "file")
        try Files.replace(path, with: Array("new content".utf8))
        #expect(try Files.read(path, limit: 100) == Array("new content".utf8))
        try Files.replace(directory.path("other"), with: [])
        #expect(directory.files() == ["file", "other"])
        #expect(throws: FetchError.self) { try Files.replace(directory.path, with: [1]) }
        #expect(directory.files() == ["file", "other"])
    }

    @Test(arguments: [
        (["BASALT_STORE": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"], "/a"),
        (["XDG_CACHE_HOME": "/b", "HOME": "/c"], "/b/basalt"),
        (["XDG_CACHE_HOME": "relative", "HOME": "/c"], "/c/.cache/basalt"),
        (["BASALT_STORE": "", "HOME": "/c"], "/c/.cache/basalt"),
    ])
    func thePlaceComesFromTheEnvironment(_ environment: [String: String], _ expected: String) throws {
        #expect(try Store.defaultRoot(environment: environment) == expected)
    }

    @Test func withoutAHomeThePlaceMustBeGiven() {
        #expect(throws: FetchError.self) { try Store.defaultRoot(environment: [:]) }
    }

    @Test func referencesAreKept() throws {
        let name = "index debian dists/trixie/InRelease"
        #expect(store.reference(for: name) == nil)
        let reference = Store.Reference(digest: .of("x"), time: 1_700_000_000)
        try store.remember(reference, for: name)
        #expect(store.reference(for: name) == reference)
        let absent = Store.Reference(digest: nil, time: 1_700_000_001)
        try store.remember(absent, for: name)
        #expect(store.reference(for: name) == absent)
        #expect(store.reference(for: name + "\n") == nil)
    }
}
