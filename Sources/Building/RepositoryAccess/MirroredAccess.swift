// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Fetching
package import Packages
internal import Synchronization

/// Reaches repositories through mirrors and the store; offline through the store alone.
package final class MirroredAccess: RepositoryAccess {
    /// A file that a lock vouches for.
    package struct LockedFile: Sendable, Hashable {
        /// `Repository.id`.
        package var repository: String
        /// Path below the repository's base.
        package var path: String
        package var sha256: Digest
        package init(repository: String, path: String, sha256: Digest) {
            self.repository = repository
            self.path = path
            self.sha256 = sha256
        }
        package init(_ index: SignedIndex) {
            self.init(repository: index.repository, path: index.path, sha256: index.sha256)
        }
    }

    package struct Options: Sendable {
        package var mirrors: Mirrors
        /// Whether the network is not used: all comes from the store.
        package var isOffline = false
        /// Directories in which keys are looked up by name, in this order.
        package var keyDirectories: [String] = []
        /// When validity is judged, and what is noted as the time of fetching; seconds since the epoch.
        package var now: Int
        /// With a lock, its indexes: no others are used.
        package var locked: [LockedFile]?
        /// The indexes that this run fetched already.
        package var fresh = FreshIndexes()
        package init(mirrors: Mirrors, now: Int) {
            self.mirrors = mirrors
            self.now = now
        }
    }

    /// What was read on the way, for the lock and the provenance.
    package struct Record: Sendable, Equatable {
        /// Signed files, by repository and path.
        package var indexes: [LockedFile] = []
        /// Keys by the name under which they were asked for.
        package var keys: [(name: String, sha256: Digest)] = []

        package static func == (a: Record, b: Record) -> Bool {
            a.indexes == b.indexes && a.keys.elementsEqual(b.keys) { $0.name == $1.name && $0.sha256 == $1.sha256 }
        }
    }

    /// A mutable file that was fetched, and not yet shown to be good.
    private struct Pending {
        var repository: String
        var name: String
        var reference: Store.Reference
    }

    private struct State {
        var pending: [Pending] = []
        var indexes: [String: LockedFile] = [:]
        var keys: [String: Digest] = [:]
    }

    let store: Store
    let downloader: Downloader
    let options: Options
    private let state = Mutex(State())

    package init(downloader: Downloader, options: Options) {
        store = downloader.store
        self.downloader = downloader
        self.options = options
    }

    package var now: Int { options.now }
    package var isLocked: Bool { options.locked != nil }

    /// In byte order of repository and path, whatever the order of asking.
    package var record: Record {
        state.withLock { state in
            Record(
                indexes: state.indexes.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value),
                keys: state.keys.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
                    ($0.key, $0.value)
                }
            )
        }
    }

    // MARK: Signed indexes

    package func index(_ path: String, of repository: Repository, limit: Int) async throws -> [UInt8]? {
        try RepositoryPath.check(path)
        let bytes =
            if let locked = options.locked {
                try await lockedIndex(path, of: repository, limit: limit, among: locked)
            } else if options.isOffline {
                try rememberedIndex(path, of: repository, limit: limit)
            } else {
                try await freshIndex(path, of: repository, limit: limit)
            }
        if let bytes {
            let file = LockedFile(repository: repository.id, path: path, sha256: .of(bytes))
            state.withLock { $0.indexes["\(repository.id)\n\(path)"] = file }
        }
        return bytes
    }

    private func lockedIndex(
        _ path: String,
        of repository: Repository,
        limit: Int,
        among locked: [LockedFile]
    ) async throws -> [UInt8]? {
        let ofRepository = locked.filter { $0.repository == repository.id }
        guard !ofRepository.isEmpty else {
            throw FetchError(
                .lock,
                "the lock names no index of the repository '\(repository.id)'",
                hint: "the definition changed since it was locked: lock it again"
            )
        }
        // A repository may sign in one of several forms; the lock has the one that was used.
        guard let file = ofRepository.first(where: { $0.path == path }) else { return nil }
        if let bytes = try store.bytes(of: file.sha256, limit: limit) { return bytes }
        guard !options.isOffline else { throw missing([name(path, repository)]) }
        guard let bytes = try await downloader.bytes(try item(path, repository), limit: limit) else {
            throw FetchError(
                .notFound,
                "the locked index \(name(path, repository)) is neither in the store nor at the mirror"
            )
        }
        let digest = Digest.of(bytes)
        guard digest == file.sha256 else {
            throw FetchError(
                .lock,
                "\(name(path, repository)) is another than the locked one: expected \(file.sha256), received \(digest)",
                hint:
                    "the archive has moved on, and the store does not hold the locked index: use the store that the lock "
                    + "was made with, a mirror as of that time, or lock again"
            )
        }
        try store.put(bytes)
        return bytes
    }

    private func rememberedIndex(_ path: String, of repository: Repository, limit: Int) throws -> [UInt8]? {
        guard let reference = store.reference(for: indexName(path, repository)) else {
            throw missing([name(path, repository)])
        }
        guard let digest = reference.digest else { return nil }
        guard let bytes = try store.bytes(of: digest, limit: limit) else { throw missing([name(path, repository)]) }
        return bytes
    }

    private func freshIndex(_ path: String, of repository: Repository, limit: Int) async throws -> [UInt8]? {
        let item = try item(path, repository)
        let bytes = try await options.fresh.bytes(indexName(path, repository)) { [downloader] in
            try await downloader.bytes(item, limit: limit)
        }
        let digest = try bytes.map { try store.put($0) }
        // Not remembered before it proves good: a tampered index must not take the place of the last good one.
        let pending = Pending(
            repository: repository.id,
            name: indexName(path, repository),
            reference: .init(digest: digest, time: options.now)
        )
        state.withLock { $0.pending.append(pending) }
        return bytes
    }

    /// Remembers the indexes fetched so far for offline runs. Called when their signatures were found good; fetching a
    /// file that an index lists, or deriving from an index, implies it.
    package func keepIndexes() throws { try keep { _ in true } }

    func keepIndexes(of repository: String) throws { try keep { $0.repository == repository } }

    private func keep(where isGood: (Pending) -> Bool) throws {
        let good = state.withLock { state in
            let good = state.pending.filter(isGood)
            state.pending.removeAll(where: isGood)
            return good
        }
        for pending in good { try store.remember(pending.reference, for: pending.name) }
    }

    // MARK: Files

    package func file(
        _ path: String,
        alternatives: [String],
        of repository: Repository,
        sha256: Digest,
        size: Int
    ) async throws -> String {
        try keepIndexes(of: repository.id)
        if let path = store.path(of: sha256) { return path }
        guard !options.isOffline else { throw missing([name(path, repository)]) }
        return try await downloader.file(
            try item(path, alternatives: alternatives, repository),
            sha256: sha256,
            size: size
        )
    }

    package func derived(
        from source: Digest,
        form: String,
        make: @Sendable (_ temporary: String) throws -> Void
    ) async throws -> String {
        let path = try await store.derived(from: source, form: form, make: make)
        try keep { $0.reference.digest == source }
        return path
    }

    /// Notes for the record which key was asked for.
    func note(_ key: [UInt8], name: String) {
        state.withLock { $0.keys[name] = .of(key) }
    }

    // MARK: Names

    /// What messages call a file.
    func name(_ path: String, _ repository: Repository) -> String {
        let id = (try? Locator(repository.id))?.description ?? repository.id
        return "\(path) of \(id)"
    }

    private func indexName(_ path: String, _ repository: Repository) -> String { "index \(repository.id) \(path)" }

    func item(_ path: String, alternatives: [String] = [], _ repository: Repository) throws(FetchError)
        -> Downloader.Item
    {
        let paths = [path] + alternatives
        for path in paths { try RepositoryPath.check(path) }
        let bases = try options.mirrors.bases(id: repository.id, url: repository.url)
        return Downloader.Item(
            name: name(path, repository),
            sources: bases.flatMap { base in paths.map { base.appending($0) } }
        )
    }

    /// The error of an offline run that lacks something.
    func missing(_ names: [String]) -> FetchError {
        let shown = names.prefix(20).map { "\n  \($0)" }.joined()
        let rest = names.count > 20 ? "\n  and \(names.count - 20) more" : ""
        return FetchError(
            .offline,
            "the store does not hold what this offline run needs:\(shown)\(rest)",
            hint: "run `basalt fetch` where there is a network, with the same store, or leave out --offline"
        )
    }
}
