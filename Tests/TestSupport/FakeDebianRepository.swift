// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Foundation

/// A Debian archive that a test makes up, signs with a throw-away key, and reads through `file://`.
///
///     var archive = FakeDebianRepository(suite: "trixie", packages: [FakeDebianPackage("hello", depends: "libhello")])
///     try archive.write(to: directory, signedBy: .shared)
///
/// Several suites may be written to one directory. Everything that a Release says can be made wrong.
package struct FakeDebianRepository {
    package var suite: String
    package var codename: String
    package var components: [String] = ["main"]
    package var architectures: [String] = ["amd64", "arm64"]
    package var packages: [FakeDebianPackage]
    /// Seconds since the epoch.
    package var date = FakeDebianPackage.time
    package var validUntil: Int?
    package var acquiresByHash = true
    /// Leaves out the plain names beside `by-hash`.
    package var hasPlainNames = true
    /// `""` for a plain Packages file, `.gz` for a compressed one; the first is what is listed first.
    package var compressions: [String] = [".gz"]
    /// Further lines of the Release file.
    package var extraFields: [String] = []
    /// Makes the Release's text wrong in any other way.
    package var editRelease: (String) -> String = { $0 }
    /// Writes Release and Release.gpg in place of InRelease.
    package var isDetached = false

    package init(suite: String, codename: String? = nil, packages: [FakeDebianPackage] = []) {
        self.suite = suite
        self.codename = codename ?? suite
        self.packages = packages
    }

    /// Writes the pool, the indexes and the signed Release below `directory`, a file system path.
    ///
    /// - Parameter keys: whose signatures it gets; none leaves it unsigned.
    package func write(to directory: String, signedBy keys: [FakeSigningKey]) throws {
        var indexes: [(path: String, bytes: [UInt8])] = []
        for architecture in architectures {
            var text = ""
            for package in packages {
                let own = package.architecture == "any" ? architecture : package.architecture
                guard own == architecture || own == "all" else { continue }
                let bytes = try package.archive(for: own)
                let path = package.path(for: own)
                try Self.write(bytes, directory + "/" + path)
                text += package.controlFile(for: own)
                text += "Filename: \(path)\nSize: \(bytes.count)\nSHA256: \(Self.hash(bytes, .sha256))\n\n"
            }
            let folder = "main/binary-\(architecture)/Packages"
            let plain = Array(text.utf8)
            for ending in compressions {
                indexes.append((folder + ending, ending == ".gz" ? try FakeDebianPackage.gzip(plain) : plain))
            }
            // Archives list the plain form even where it cannot be fetched.
            if !compressions.contains("") { indexes.append((folder, plain)) }
        }

        var lines = [
            "Origin: Test", "Label: Test", "Suite: \(suite)", "Codename: \(codename)", "Date: \(Self.rfc5322(date))",
        ]
        if let validUntil { lines.append("Valid-Until: \(Self.rfc5322(validUntil))") }
        if acquiresByHash { lines.append("Acquire-By-Hash: yes") }
        lines += [
            "No-Support-for-Architecture-all: Packages", "Architectures: all \(architectures.joined(separator: " "))",
        ]
        lines += ["Components: \(components.joined(separator: " "))"] + extraFields + ["SHA256:"]
        let root = directory + "/dists/\(codename)"
        for (path, bytes) in indexes {
            let digest = Self.hash(bytes, .sha256)
            lines.append(" \(digest) \(bytes.count) \(path)")
            guard compressions.contains(where: { $0.isEmpty ? !path.contains(".") : path.hasSuffix($0) }) else {
                continue
            }
            if hasPlainNames || !acquiresByHash { try Self.write(bytes, root + "/" + path) }
            if acquiresByHash {
                let folder = path.split(separator: "/").dropLast().joined(separator: "/")
                try Self.write(bytes, root + "/\(folder)/by-hash/SHA256/\(digest)")
            }
        }
        let release = Array(editRelease(lines.joined(separator: "\n") + "\n").utf8)
        if isDetached || keys.isEmpty {
            try Self.write(release, root + "/Release")
            if !keys.isEmpty {
                try Self.write(FakeSigningKey.sign(release, by: keys, detached: true), root + "/Release.gpg")
            }
        } else {
            try Self.write(FakeSigningKey.sign(release, by: keys, detached: false), root + "/InRelease")
        }
    }

    // MARK: Helpers

    static func hash(_ bytes: [UInt8], _ algorithm: Digest.Algorithm) -> String { Digest.of(bytes, algorithm).hex }

    static func write(_ bytes: [UInt8], _ path: String) throws {
        let url = URL(filePath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    /// `Thu, 01 Jan 2026 00:00:00 UTC`.
    static func rfc5322(_ seconds: Int) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'UTC'"
        return formatter.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
    }
}
