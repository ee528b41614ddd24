// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
package import Foundation

/// Makes and signs small APKv2 packages and indexes, whole ones and damaged ones. Keys are made by openssl for the moment.
package final class ApkFixture {
    /// One tar entry, as it stands in the archive, however wrong.
    package struct Entry: Sendable {
        package var path: String
        /// `0` file, `1` hard link, `2` symbolic link, `3` character device, `5` directory, `6` FIFO.
        package var type: Character = "0"
        package var bytes: [UInt8] = []
        package var target = ""
        package var mode = 0o644
        package var owner = "root"
        /// What the header says of the size, where it lies.
        package var statedSize: Int?

        package init(
            path: String,
            type: Character = "0",
            bytes: [UInt8] = [],
            target: String = "",
            mode: Int = 0o644,
            owner: String = "root",
            statedSize: Int? = nil
        ) {
            self.path = path
            self.type = type
            self.bytes = bytes
            self.target = target
            self.mode = mode
            self.owner = owner
            self.statedSize = statedSize
        }

        package static func file(_ path: String, _ text: String, mode: Int = 0o644, owner: String = "root") -> Entry {
            Entry(path: path, bytes: Array(text.utf8), mode: mode, owner: owner)
        }
        package static func directory(_ path: String, mode: Int = 0o755) -> Entry {
            Entry(path: path, type: "5", mode: mode)
        }
        package static func link(_ path: String, _ target: String) -> Entry {
            Entry(path: path, type: "2", target: target, mode: 0o777)
        }
    }

    package let folder: URL
    /// Bytes of the public key files by name.
    package private(set) var keys: [String: [UInt8]] = [:]

    /// Signs where nothing else is said.
    private let firstKey: String

    package init(keys names: [String] = ["test.rsa.pub"]) throws {
        firstKey = names.first ?? ""
        folder = FileManager.default.temporaryDirectory.appending(path: "apk-fixture-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in names {
            let secret = folder.appending(path: name + ".key").path
            _ = try run("openssl", ["genrsa", "-out", secret, "2048"])
            keys[name] = try run("openssl", ["rsa", "-in", secret, "-pubout"])
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    package func run(_ program: String, _ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
        let source = folder.appending(path: "input-\(UInt64.random(in: 0 ... .max))")
        try Data(input).write(to: source)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardInput = try FileHandle(forReadingFrom: source)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Array(output)
    }

    // MARK: Archives

    /// A ustar archive without the blocks that end one, as abuild cuts it.
    package static func tar(_ entries: [Entry]) -> [UInt8] {
        var out: [UInt8] = []
        for entry in entries {
            var header = [UInt8](repeating: 0, count: 512)
            func put(_ text: String, _ offset: Int) {
                for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
            }
            func octal(_ value: Int, _ offset: Int, _ width: Int) {
                let digits = String(value, radix: 8)
                put(String(repeating: "0", count: max(0, width - 1 - digits.count)) + digits, offset)
            }
            put(entry.path, 0)
            octal(entry.mode, 100, 8)
            octal(0, 108, 8)
            octal(0, 116, 8)
            octal(entry.statedSize ?? entry.bytes.count, 124, 12)
            octal(1_700_000_000, 136, 12)
            put("        ", 148)
            put(String(entry.type), 156)
            put(entry.target, 157)
            put("ustar", 257)
            put("00", 263)
            put(entry.owner, 265)
            put(entry.owner, 297)
            octal(header.reduce(0) { $0 + Int($1) }, 148, 7)
            out += header + entry.bytes
            out += [UInt8](repeating: 0, count: (512 - entry.bytes.count % 512) % 512)
        }
        return out
    }

    package func gzip(_ bytes: [UInt8]) throws -> [UInt8] { try run("gzip", ["-n", "-c"], input: bytes) }

    /// The gzip member that holds a signature over `message`.
    package func signature(over message: [UInt8], key: String? = nil, name: String? = nil, hash: String = "sha1")
        throws -> [UInt8]
    {
        let key = key ?? firstKey
        let bytes = try run(
            "openssl",
            ["dgst", "-\(hash)", "-sign", folder.appending(path: key + ".key").path],
            input: message
        )
        let kind = hash == "sha256" ? "RSA256" : hash == "sha512" ? "RSA512" : "RSA"
        return try gzip(Self.tar([Entry(path: ".SIGN.\(kind).\(name ?? key)", bytes: bytes)]))
    }

    // MARK: Packages

    package struct Made {
        package var signature: [UInt8]
        package var control: [UInt8]
        package var data: [UInt8]
        package var name: String
        package var version: String
        package var bytes: [UInt8] { signature + control + data }
        package var checksum: String { "Q1" + Base64.encode(Digest.of(control, .sha1).bytes) }
        package func entry(_ extra: String = "") -> String {
            "C:\(checksum)\nP:\(name)\nV:\(version)\nA:x86_64\nS:\(bytes.count)\nI:1\n\(extra)\n"
        }
    }

    /// A package of the version that most tests do not care about.
    package func package(
        _ name: String,
        _ entries: [Entry],
        info: [String] = [],
        scripts: [String: String] = [:]
    ) throws -> Made {
        try package(name, "1-r0", entries, info: info, scripts: scripts)
    }

    package func package(
        _ name: String,
        _ version: String,
        _ entries: [Entry],
        info: [String] = [],
        scripts: [String: String] = [:]
    ) throws -> Made {
        // The data stream is the last, so it ends as a tar does.
        let data = try gzip(Self.tar(entries) + [UInt8](repeating: 0, count: 1024))
        let text =
            (["pkgname = \(name)", "pkgver = \(version)", "arch = x86_64", "size = 1"] + info
            + ["datahash = \(Digest.of(data).hex)"]).joined(separator: "\n") + "\n"
        let members =
            [Entry.file(".PKGINFO", text)]
            + scripts.sorted { $0.key < $1.key }.map { Entry.file($0.key, $0.value, mode: 0o755) }
        let control = try gzip(Self.tar(members))
        return Made(signature: try signature(over: control), control: control, data: data, name: name, version: version)
    }

    package func index(_ text: String) throws -> [UInt8] {
        try gzip(
            Self.tar([.file("DESCRIPTION", "test"), .file("APKINDEX", text)]) + [UInt8](repeating: 0, count: 1024)
        )
    }

    /// An index signed by the first key.
    package func signedIndex(_ text: String) throws -> [UInt8] {
        let content = try index(text)
        return try signature(over: content) + content
    }
}
