// SPDX-License-Identifier: Apache-2.0

package import Cryptography
internal import Foundation
package import Packages

/// Repositories in directories, for tests that need neither a store nor a network.
package final class DirectoryAccess: RepositoryAccess {
    package struct Mismatch: Error {
        package var path: String
    }

    private let bases: [String: String]
    private let keys: [String: [UInt8]]
    private let scratch: TemporaryDirectory
    package let now: Int
    package let isLocked: Bool

    /// - Parameters:
    ///   - bases: a directory for each `Repository.id`.
    ///   - keys: what `key(_:)` answers.
    package init(bases: [String: String], keys: [String: [UInt8]] = [:], now: Int, isLocked: Bool = false) throws {
        self.bases = bases
        self.keys = keys
        self.now = now
        self.isLocked = isLocked
        scratch = try TemporaryDirectory()
    }

    private func bytes(_ path: String, _ repository: Repository) -> [UInt8]? {
        guard let base = bases[repository.id], let data = FileManager.default.contents(atPath: base + "/" + path) else {
            return nil
        }
        return Array(data)
    }

    package func index(_ path: String, of repository: Repository, limit: Int) async throws -> [UInt8]? {
        bytes(path, repository)
    }

    package func file(
        _ path: String,
        alternatives: [String],
        of repository: Repository,
        sha256: Digest,
        size: Int
    ) async throws -> String {
        for candidate in [path] + alternatives {
            guard let base = bases[repository.id], let bytes = bytes(candidate, repository) else { continue }
            guard bytes.count == size, Digest.of(bytes) == sha256 else { throw Mismatch(path: candidate) }
            return base + "/" + candidate
        }
        throw CocoaError(.fileNoSuchFile)
    }

    package func key(_ name: String) async throws -> [UInt8] {
        guard let key = keys[name] else { throw CocoaError(.fileNoSuchFile) }
        return key
    }

    package func derived(
        from source: Digest,
        form: String,
        make: @Sendable (String) throws -> Void
    ) async throws -> String {
        let path = scratch.path + "/\(source.hex)-\(form)"
        if !FileManager.default.fileExists(atPath: path) {
            let temporary = path + "-\(UUID().uuidString)"
            try make(temporary)
            // Replaces what another task may have made meanwhile.
            guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        }
        return path
    }
}
