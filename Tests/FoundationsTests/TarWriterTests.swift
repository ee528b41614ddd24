// SPDX-License-Identifier: Apache-2.0

import Archives
import Cryptography
import Foundation
import Glibc
import TestSupport
import Testing

/// What we write, GNU tar and bsdtar read back; and no locale changes a byte of it.
@Suite struct TarWriterTests {
    static let names: [[UInt8]] = [
        Array("usr/share/plain".utf8),
        Array("usr/share/ca-certificates/F\u{151}tan\u{fa}s\u{ed}tv\u{e1}ny.crt".utf8),
        Array("usr/share/".utf8) + [0xFF, 0xFE, 0x80] + Array("-not-utf8".utf8),
        Array((String(repeating: "d/", count: 80) + String(repeating: "n", count: 120)).utf8),
        Array(("long/" + String(repeating: "x", count: 230)).utf8),
    ]

    static func tar() throws -> [UInt8] {
        var out: [UInt8] = []
        let writer = try TarWriter(name: "test") { out.append(contentsOf: $0) }
        for name in names {
            let data = Array("content of ".utf8) + name
            try writer.begin(
                ArchiveEntry(
                    path: name,
                    kind: .file,
                    mode: 0o644,
                    uid: 0,
                    gid: 65532,
                    mtime: 1_700_000_000,
                    size: data.count
                )
            )
            try data.withUnsafeBytes { try writer.write($0) }
            try writer.endEntry()
        }
        try writer.begin(
            ArchiveEntry(
                path: Array("link".utf8),
                kind: .symlink(Array(String(repeating: "t", count: 150).utf8)),
                mode: 0o777,
                uid: 0,
                gid: 0,
                mtime: 0,
                size: 0
            )
        )
        try writer.begin(
            ArchiveEntry(
                path: Array("cap".utf8),
                kind: .file,
                mode: 0o755,
                uid: 3_000_000,
                gid: 0,
                mtime: 0,
                size: 0,
                xattrs: ["security.capability": [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]
            )
        )
        try writer.finish()
        return out
    }

    /// libarchive takes what is left in errno for the reason why a name cannot be converted.
    @Test func whatFailedBeforeOnTheThreadIsNoMatter() throws {
        errno = ENOMEM
        #expect(try Self.tar() == Self.tar())
    }

    @Test(
        .enabled(if: Tool.exists("tar") && Tool.exists("bsdtar"), "tar and bsdtar are not both installed"),
        arguments: ["tar", "bsdtar"]
    )
    func otherProgramsReadTheNames(_ program: String) throws {
        let listing = try Tool.run(
            program,
            ["-tf", "-"] + (program == "tar" ? ["--quoting-style=literal"] : []),
            input: try Self.tar(),
            environment: ["LC_ALL": "C.UTF-8"]
        )
        #expect(listing.status == 0, "\(listing.stderr)")
        let lines = listing.stdout.split(separator: 0x0A).map { Array($0) }
        // bsdtar escapes what it cannot print; the others must be there as they are.
        for name in Self.names where program == "tar" || String(validating: name, as: UTF8.self) != nil {
            #expect(lines.contains(name), "\(String(decoding: name, as: UTF8.self))")
        }
    }

    @Test func gnuTarReadsTheContent() throws {
        for name in Self.names {
            let folder = try TemporaryDirectory()
            try folder.write(try Self.tar(), to: "t.tar")
            let list = Array(name) + [0]
            try folder.write(list, to: "names")
            let out = try Tool.run("tar", ["-xOf", folder.path("t.tar"), "--null", "-T", folder.path("names")])
            #expect(out.stdout == Array("content of ".utf8) + name)
        }
    }

    @Test func noLocaleChangesAByte() throws {
        let expected = Digest.of(try Self.tar())
        for locale in ["C", "POSIX", "C.UTF-8"] {
            setlocale(LC_ALL, locale)
            defer { setlocale(LC_ALL, "C") }
            #expect(Digest.of(try Self.tar()) == expected, "under \(locale)")
        }
    }

    @Test func plainEntriesNeedNoPaxHeader() throws {
        var out: [UInt8] = []
        let writer = try TarWriter(name: "test") { out.append(contentsOf: $0) }
        try writer.begin(
            ArchiveEntry(
                path: Array("usr/bin/x".utf8),
                kind: .file,
                mode: 0o755,
                uid: 0,
                gid: 0,
                mtime: 1_700_000_000,
                size: 3
            )
        )
        try Array("abc".utf8).withUnsafeBytes { try writer.write($0) }
        try writer.finish()
        // One header, one block of data, two blocks of zeros (POSIX.1-2017, pax, ustar).
        #expect(out.count == 4 * 512)
        #expect(out[156] == UInt8(ascii: "0"))
        #expect(Array(out[257..<263]) == Array("ustar\0".utf8))
        #expect(out[265..<297].allSatisfy { $0 == 0 }, "no owner's name")
    }

    @Test func aReaderGetsBackWhatWasWritten() throws {
        let reader = try ArchiveReader(bytes: try Self.tar(), name: "test", format: .tar)
        for name in Self.names {
            let entry = try #require(try reader.next())
            #expect(entry.path == name)
            #expect(entry.gid == 65532)
            #expect(try reader.data(limit: 1000) == Array("content of ".utf8) + name)
        }
        let link = try #require(try reader.next())
        #expect(link.kind == .symlink(Array(repeating: UInt8(ascii: "t"), count: 150)))
        let capable = try #require(try reader.next())
        #expect(capable.xattrs["security.capability"]?.count == 20)
        #expect(capable.uid == 3_000_000)
        #expect(try reader.next() == nil)
    }
}
