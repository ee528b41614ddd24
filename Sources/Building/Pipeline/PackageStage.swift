// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Fetching
internal import FileTree
internal import Packages

/// Decodes packages, once ever each: what comes out is kept in the store under the package file's digest.
struct PackageStage {
    let store: Store
    let ecosystem: any Ecosystem
    /// The most packages that are decoded at once.
    let width: Int

    struct Unpacked: Sendable {
        var packages: [InstalledPackage]
        /// Payload files by package digest, for reading contents.
        var payloads: [Digest: String]
    }

    private struct Piece: Sendable {
        var index: Int
        var payload: String
        var contents: UnpackedPackage
    }

    /// - Parameters:
    ///   - files: the package files' places in the store, in the order of `packages`.
    ///   - advance: told the number of packages that are done.
    func unpack(
        _ packages: [Package],
        files: [(path: String, sha256: Digest)],
        advance: @Sendable (Int) -> Void
    ) async throws -> Unpacked {
        // The largest first: it decides how long all of them take.
        let order = packages.indices.sorted { packages[$0].installedSize > packages[$1].installedSize }
        var pieces: [Piece?] = Array(repeating: nil, count: packages.count)
        try await withThrowingTaskGroup(of: Piece.self) { group in
            var running = 0
            var done = 0
            func collect() async throws {
                guard let piece = try await group.next() else { return }
                pieces[piece.index] = piece
                running -= 1
                done += 1
                advance(done)
            }
            for index in order {
                if running == width { try await collect() }
                running += 1
                let (path, sha256) = files[index]
                group.addTask { try await unpack(path, sha256, index: index) }
            }
            while running > 0 { try await collect() }
        }
        var result = Unpacked(packages: [], payloads: [:])
        for (index, package) in packages.enumerated() {
            guard let piece = pieces[index] else { continue }
            var package = package
            package.sha256 = files[index].sha256
            result.packages.append(InstalledPackage(package: package, contents: piece.contents))
            result.payloads[files[index].sha256] = piece.payload
        }
        return result
    }

    private func unpack(_ path: String, _ sha256: Digest, index: Int) async throws -> Piece {
        for _ in 0..<2 {
            let payload = try await store.derived(from: sha256, form: PayloadFile.form + "-" + ecosystem.name) {
                temporary in
                try PayloadFile.write(to: temporary, archive: sha256) { sink in
                    try ecosystem.unpack(path, archive: sha256, into: sink)
                }
            }
            if let contents = try PayloadFile.read(payload) {
                return Piece(index: index, payload: payload, contents: contents)
            }
            // Whatever damaged it, the package file is still there to make it from.
            Files.remove(payload)
        }
        throw BuildError("store-damaged", "the decoded form of '\(path)' cannot be read from the store, twice in a row")
    }
}
