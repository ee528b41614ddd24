// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// A throw-away OpenPGP key, made by gpg for one test run.
package struct FakeSigningKey: Sendable {
    /// The primary key's fingerprint, upper-case hexadecimal.
    package let fingerprint: String
    /// The public key as binary packets.
    package let publicKey: [UInt8]
    /// What gpg is to take for the time while this key signs; nil for the real one.
    private let time: String?

    /// Whether gpg and gpgv are installed; a test that signs is enabled only then.
    package static let isAvailable = ["gpg", "gpgv"].allSatisfy { tool in
        ["/usr/bin/", "/usr/local/bin/", "/bin/"].contains { FileManager.default.isExecutableFile(atPath: $0 + tool) }
    }
    package static let reason = "gpg or gpgv is not installed (Debian packages gnupg and gpgv)"

    private static let good = Result { try FakeSigningKey() }
    private static let second = Result { try FakeSigningKey() }

    /// A good key, made once for all tests.
    package static func shared() throws -> FakeSigningKey { try good.get() }
    /// Another good one.
    package static func other() throws -> FakeSigningKey { try second.get() }

    /// Makes a key.
    ///
    /// - Parameters:
    ///   - isExpired: it was made in 2020 and lasted a day.
    ///   - isRevoked: its public form says that it is revoked.
    package init(isExpired: Bool = false, isRevoked: Bool = false) throws {
        let name = "test-\(UInt64.random(in: 0 ... .max))@example.org"
        time = isExpired ? "20200101T000000" : nil
        let clock = time.map { ["--faked-system-time", $0] } ?? []
        _ = try Self.gpg(
            clock + [
                "--passphrase", "", "--pinentry-mode", "loopback", "--quick-gen-key", name, "ed25519", "sign",
                isExpired ? "1d" : "never",
            ]
        )
        let listing = String(decoding: try Self.gpg(["--with-colons", "--list-keys", name]), as: UTF8.self)
        guard let line = listing.split(separator: "\n").first(where: { $0.hasPrefix("fpr:") }),
            let fingerprint = line.split(separator: ":").last.map(String.init)
        else { throw CocoaError(.featureUnsupported) }
        self.fingerprint = fingerprint
        let plain = try Self.gpg(["--export", name])
        guard isRevoked else {
            publicKey = plain
            return
        }
        // gpg prepares a revocation and disables it with a colon. It goes into another key ring, so that the key can
        // still be made to sign.
        let path = Self.home.path("openpgp-revocs.d/\(fingerprint).rev")
        let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        let elsewhere = try TemporaryDirectory()
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: elsewhere.path)
        let key = try elsewhere.write(plain, to: "key")
        let revocation = try elsewhere.write(
            Array(text.replacingOccurrences(of: ":-----BEGIN", with: "-----BEGIN").utf8),
            to: "revocation"
        )
        _ = try Self.gpg(["--import", key], home: elsewhere.path)
        _ = try Self.gpg(["--import", revocation], home: elsewhere.path)
        publicKey = try Self.gpg(["--export", name], home: elsewhere.path)
    }

    /// The public key in ASCII armour.
    package func armoured() throws -> [UInt8] { try Self.gpg(["--armor", "--export", fingerprint]) }

    /// Signs bytes: a clear-signed text, or a detached, armoured signature.
    package static func sign(
        _ bytes: [UInt8],
        by keys: [FakeSigningKey],
        detached: Bool,
        digest: String = "SHA256"
    ) throws -> [UInt8] {
        let directory = try TemporaryDirectory()
        let input = try directory.write(bytes, to: "input")
        let clock = keys.compactMap(\.time).first.map { ["--faked-system-time", $0] } ?? []
        let users = keys.flatMap { ["--local-user", $0.fingerprint] }
        return try gpg(
            clock + users + [
                "--digest-algo", digest, "--armor", "--output", "-", detached ? "--detach-sign" : "--clear-sign", input,
            ]
        )
    }

    // MARK: gpg

    private static let home: TemporaryDirectory = {
        guard let directory = try? TemporaryDirectory() else { preconditionFailure("no temporary directory") }
        try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory.path)
        atexit { FakeSigningKey.cleanUp() }
        return directory
    }()

    private static func cleanUp() {
        _ = try? run("gpgconf", ["--homedir", home.path, "--kill", "gpg-agent"])
        try? FileManager.default.removeItem(atPath: home.path)
    }

    private static func gpg(_ arguments: [String], home: String? = nil) throws -> [UInt8] {
        try run("gpg", ["--homedir", home ?? Self.home.path, "--batch", "--yes", "--quiet", "--no-tty"] + arguments)
    }

    private struct Failed: Error {
        var command: String
        var log: String
    }

    private static func run(_ tool: String, _ arguments: [String]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [tool] + arguments
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let bytes = Array(output.fileHandleForReading.readDataToEndOfFile())
        let log = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(
                command: ([tool] + arguments).joined(separator: " "),
                log: String(decoding: log, as: UTF8.self)
            )
        }
        return bytes
    }
}
