// SPDX-License-Identifier: Apache-2.0

internal import Alpine
internal import Cryptography
internal import FileTree
internal import Packages
internal import TestSupport
internal import Testing

/// What is wrong on purpose.
@Suite struct HostilePackageTests {
    /// Counts what reaches the store, and keeps none of it.
    private final class CountingSink: PayloadSink {
        private(set) var count = 0
        private(set) var largest = 0
        private var current = 0
        func write(_ bytes: UnsafeRawBufferPointer) {
            count += bytes.count
            current += bytes.count
            largest = max(largest, bytes.count)
        }
        func finishFile() -> FileContent {
            defer { current = 0 }
            return FileContent(sha256: .of([]), size: current, place: .bytes([]))
        }
    }

    @Test("A large file reaches the store in small blocks")
    func streams() throws {
        let fixture = try ApkFixture()
        let size = 64 << 20
        let made = try fixture.package("a", [ApkFixture.Entry(path: "x", bytes: [UInt8](repeating: 7, count: size))])
        #expect(made.bytes.count < 200_000)
        let sink = CountingSink()
        let path = try fixture.write(made.bytes, "a.apk")
        let unpacked = try Alpine().unpack(path, archive: .of(made.bytes), into: sink)
        #expect(sink.count == size)
        #expect(sink.largest <= 1 << 20)
        #expect(unpacked.nodes.count == 1)
    }

    @Test("A control stream that expands without end is refused")
    func controlBomb() throws {
        let fixture = try ApkFixture()
        let made = try fixture.package(
            "a",
            [],
            scripts: [".post-install": String(repeating: "#\n", count: 6 << 20)]
        )
        #expect(made.control.count < 100_000)
        #expect(code { _ = try fixture.unpack(made.bytes) } == "too-large")
    }

    @Test("A data stream of which no byte is wanted is read to its end, and judged by its hash")
    func trailing() throws {
        let fixture = try ApkFixture()
        var made = try fixture.package("a", [.file("x", "a")])
        // The same entries, and behind the archive's end something else.
        let other = try fixture.gzip(
            ApkFixture.tar([.file("x", "a")]) + [UInt8](repeating: 0, count: 1024) + Array("more".utf8)
        )
        made.data = other
        #expect(code { _ = try fixture.unpack(made.bytes) } == "data-hash-mismatch")
    }

    @Test("A package cut anywhere, or with any byte of its data changed, is refused")
    func damaged() throws {
        let fixture = try ApkFixture()
        let made = try fixture.package(
            "a",
            [.directory("usr/"), .file("usr/x", "some content\n"), .link("usr/y", "x")]
        )
        for count in stride(from: 0, to: made.bytes.count, by: 5) {
            #expect(code { _ = try fixture.unpack(Array(made.bytes[..<count])) } != nil, "\(count) bytes")
        }
        let start = made.signature.count + made.control.count
        for index in start..<made.bytes.count {
            var bytes = made.bytes
            bytes[index] ^= 0x20
            #expect(code { _ = try fixture.unpack(bytes) } != nil, "byte \(index)")
        }
    }

    @Test("A checksum that the archive states for a file is compared, whatever stands between")
    func stated() throws {
        let fixture = try ApkFixture()
        func records(_ text: String) -> [UInt8] {
            let body = " APK-TOOLS.checksum.SHA1=\(text)\n"
            return Array("\(body.utf8.count + 2)\(body)".utf8)
        }
        func package(_ sum: String) throws -> [UInt8] {
            let entries = [
                ApkFixture.Entry(path: "first", bytes: [UInt8](repeating: 1, count: 200_001)),
                ApkFixture.Entry(path: "x.pax", type: "x", bytes: records(sum)), .file("x", "content"),
                ApkFixture.Entry(path: "y.pax", type: "x", bytes: records(String(repeating: "0", count: 40))),
                .directory("y/"),
            ]
            return try fixture.package("a", entries).bytes
        }
        // Taken with sha1sum.
        let right = "040f06fd774092478d450774f5ba30c5da78acc8"
        #expect(try fixture.unpack(package(right)).nodes.count == 3)
        #expect(code { _ = try fixture.unpack(package(String(right.reversed()))) } == "checksum-mismatch")
    }

    @Test("Extended attributes of a package are kept")
    func attributes() throws {
        let fixture = try ApkFixture()
        let body = " SCHILY.xattr.user.note=hello\n"
        let entries = [
            ApkFixture.Entry(path: "x.pax", type: "x", bytes: Array("\(body.utf8.count + 2)\(body)".utf8)),
            .file("x", "content"),
        ]
        let unpacked = try fixture.unpack(fixture.package("a", entries).bytes)
        #expect(unpacked.nodes.first?.xattrs == ["user.note": Array("hello".utf8)])
        let text = String(
            decoding: try InlineContents().read(
                #require(fixture.install([fixture.package("a", entries)]).tree["lib/apk/db/installed"]?.content)
            ),
            as: UTF8.self
        )
        // SHA-1 over 9 bytes' name and 5 bytes' value, each behind its length in four bytes, taken with sha1sum.
        #expect(text.contains("\na:0:0:644:Q1ncjzW0CelAr/GPsSYb8s1JXw8kY=\n"))
    }
}
