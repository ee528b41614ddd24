// SPDX-License-Identifier: Apache-2.0

internal import Archives
internal import Cryptography
internal import Foundation

/// A small Debian package that a test makes up.
///
///     FakeDebianPackage("hello", "1.0-1", depends: "libhello (>= 1)", files: ["usr/bin/hello": .executable("#!/bin/sh\n")])
package struct FakeDebianPackage: Sendable {
    package struct File: Sendable {
        var kind: ArchiveEntry.Kind
        var mode: UInt16
        var content: [UInt8]
        var owner: (uid: Int, gid: Int) = (0, 0)
        var xattrs: [String: [UInt8]] = [:]

        package static func text(_ text: String, mode: UInt16 = 0o644) -> File {
            File(kind: .file, mode: mode, content: Array(text.utf8))
        }
        package static func bytes(_ bytes: [UInt8], mode: UInt16 = 0o644) -> File {
            File(kind: .file, mode: mode, content: bytes)
        }
        package static func executable(_ text: String) -> File { .text(text, mode: 0o755) }
        package static func directory(mode: UInt16 = 0o755) -> File { File(kind: .directory, mode: mode, content: []) }
        package static func symlink(_ target: String) -> File {
            File(kind: .symlink(Array(target.utf8)), mode: 0o777, content: [])
        }
        package static func hardLink(_ target: String) -> File {
            File(kind: .hardLink(Array("./\(target)".utf8)), mode: 0o644, content: [])
        }

        package func owned(by uid: Int, _ gid: Int) -> File {
            var file = self
            file.owner = (uid, gid)
            return file
        }
        package func with(xattr name: String, _ value: [UInt8]) -> File {
            var file = self
            file.xattrs[name] = value
            return file
        }
    }

    package var name: String
    package var version: String
    /// `all`, one architecture, or `any`: built alike for each architecture of the repository.
    package var architecture: String
    /// Further control fields: `Depends`, `Provides`, `Multi-Arch` …
    package var fields: [(name: String, value: String)]
    /// By path without a leading slash. Directories above need not be given.
    package var files: [String: File]
    /// Maintainer scripts and other control members, by name.
    package var control: [String: String]

    package init(
        _ name: String,
        _ version: String = "1.0-1",
        architecture: String = "any",
        depends: String? = nil,
        fields: [(name: String, value: String)] = [],
        files: [String: File] = [:],
        control: [String: String] = [:]
    ) {
        self.name = name
        self.version = version
        self.architecture = architecture
        self.fields = (depends.map { [(name: "Depends", value: $0)] } ?? []) + fields
        self.files = files
        self.control = control
    }

    /// Modification time of everything in the package: 2026-01-01 00:00 UTC.
    package static let time = 1_767_225_600

    /// Where the file lies in the pool.
    func path(for architecture: String) -> String {
        let plain = version.split(separator: ":").last.map(String.init) ?? version
        return "pool/main/\(name.prefix(1))/\(name)/\(name)_\(plain)_\(architecture).deb"
    }

    /// The control file, without the fields that only an index has.
    func controlFile(for architecture: String) -> String {
        var lines = ["Package: \(name)", "Version: \(version)", "Architecture: \(architecture)"]
        let given = Set(fields.map { $0.name.lowercased() })
        let defaults = [
            ("Maintainer", "A Test <test@example.org>"), ("Installed-Size", "1"), ("Section", "misc"),
            ("Priority", "optional"),
            ("Description", "made by a test"),
        ]
        for (name, value) in defaults where !given.contains(name.lowercased()) { lines.append("\(name): \(value)") }
        lines += fields.map { "\($0.name): \($0.value)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The bytes of the `.deb`.
    package func archive(for architecture: String) throws -> [UInt8] {
        var members: [(path: String, file: File)] = [("control", .text(controlFile(for: architecture)))]
        for (name, text) in control {
            let isScript = ["preinst", "postinst", "prerm", "postrm", "config"].contains(name)
            members.append((name, .text(text, mode: isScript ? 0o755 : 0o644)))
        }
        if control["md5sums"] == nil, files.values.contains(where: { $0.kind == .file }) {
            members.append(("md5sums", .text(try md5sums())))
        }
        var out = Array("!<arch>\n".utf8)
        func add(_ name: String, _ bytes: [UInt8]) {
            let header = [
                name.padding(toLength: 16, withPad: " ", startingAt: 0),
                "\(Self.time)".padding(toLength: 12, withPad: " ", startingAt: 0), "0     0     100644  ",
                "\(bytes.count)".padding(toLength: 10, withPad: " ", startingAt: 0), "`\n",
            ]
            out += Array(header.joined().utf8) + bytes
            if bytes.count % 2 == 1 { out.append(0x0A) }
        }
        add("debian-binary", Array("2.0\n".utf8))
        add("control.tar.gz", try Self.gzip(Self.tar(members.sorted { $0.path < $1.path })))
        var tree: [String: File] = files
        for path in files.keys {
            var parts = path.split(separator: "/").dropLast()
            while !parts.isEmpty {
                let parent = parts.joined(separator: "/")
                if tree[parent] == nil { tree[parent] = .directory() }
                parts = parts.dropLast()
            }
        }
        // Hard links come after what they link to.
        let sorted = tree.sorted { a, b in
            let late = (Self.isHardLink(a.value), Self.isHardLink(b.value))
            return late.0 == late.1 ? a.key.utf8.lexicographicallyPrecedes(b.key.utf8) : late.1
        }
        add("data.tar.gz", try Self.gzip(Self.tar([("", .directory())] + sorted.map { ($0.key, $0.value) })))
        return out
    }

    private static func isHardLink(_ file: File) -> Bool {
        if case .hardLink = file.kind { true } else { false }
    }

    private func md5sums() throws -> String {
        let plain = files.filter { $0.value.kind == .file }.sorted {
            $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
        }
        return plain.map { "\(FakeDebianRepository.hash($0.value.content, .md5))  \($0.key)\n" }.joined()
    }

    private static func tar(_ files: [(path: String, file: File)]) throws -> [UInt8] {
        var out: [UInt8] = []
        let writer = try TarWriter(name: "package") { out.append(contentsOf: $0) }
        for (path, file) in files {
            let entry = ArchiveEntry(
                path: Array("./\(path)".utf8),
                kind: file.kind,
                mode: file.mode,
                uid: file.owner.uid,
                gid: file.owner.gid,
                mtime: time,
                size: file.kind == .file ? file.content.count : 0,
                xattrs: file.xattrs
            )
            try writer.begin(entry)
            try file.content.withUnsafeBytes { if !$0.isEmpty { try writer.write($0) } }
            try writer.endEntry()
        }
        try writer.finish()
        return out
    }

    static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        try bytes.withUnsafeBytes { raw in
            GzipFraming.header + (try Deflate.compress(raw, level: 6))
                + GzipFraming.trailer(crc32: Deflate.crc32(raw), size: raw.count)
        }
    }
}
