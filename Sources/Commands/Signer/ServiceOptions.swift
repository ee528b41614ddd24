// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Building
internal import Fetching
internal import Foundation
internal import Glibc
internal import SignerService

/// What a signer needs: a key, a policy, a log.
struct ServiceOptions: ParsableArguments {
    @OptionGroup var signing: SignerOptions

    @Option(name: .long, help: ArgumentHelp("What is signed, and for whom.", valueName: "file"))
    var policy: String

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where every decision is written down, appended (default: standard error).",
            valueName: "file"
        )
    )
    var log: String?

    init() {}

    func service() async throws -> SigningService {
        if let key = signing.key { try Self.check(key, forbidden: 0o077, "read") }
        return SigningService(
            signer: try await signing.required(),
            policy: try Self.policy(policy),
            log: try AuditLog(path: log) { Int(Date().timeIntervalSince1970) }
        )
    }

    static func policy(_ path: String) throws -> SignerPolicy {
        try check(path, forbidden: 0o022, "change")
        return try SignerPolicy(parsing: Files.read(path, limit: 1 << 20), name: path)
    }

    /// A key that others can read, or a policy that others can write, protects nothing.
    private static func check(_ path: String, forbidden: mode_t, _ action: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & forbidden != 0 else { return }
        throw BuildError(
            "unsafe-file",
            "others than its owner can \(action) '\(path)'",
            hint: "chmod \(action == "read" ? "600" : "go-w") \(path)"
        )
    }
}
