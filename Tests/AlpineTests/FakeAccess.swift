// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Foundation
internal import Packages

/// Repositories that lie in folders, by their identifier, and keys in one more folder.
struct FolderAccess: RepositoryAccess {
    var folders: [String: String]
    var keys: [String: [UInt8]] = [:]
    var now: Int { 1_700_000_000 }
    var isLocked: Bool { false }

    struct Missing: Error { var name: String }

    func index(_ path: String, of repository: Repository, limit: Int) async throws -> [UInt8]? {
        guard let folder = folders[repository.id] else { return nil }
        return (try? Data(contentsOf: URL(filePath: folder + "/" + path))).map { Array($0) }
    }

    func file(
        _ path: String,
        alternatives: [String],
        of repository: Repository,
        sha256: Digest,
        size: Int
    ) async throws -> String {
        guard let folder = folders[repository.id] else { throw Missing(name: repository.id) }
        return folder + "/" + path
    }

    func key(_ name: String) async throws -> [UInt8] {
        guard let bytes = keys[name] else { throw Missing(name: name) }
        return bytes
    }

    func derived(
        from source: Digest,
        form: String,
        make: @Sendable (_ temporary: String) throws -> Void
    ) async throws -> String { throw Missing(name: form) }
}
