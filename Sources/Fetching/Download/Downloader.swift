// SPDX-License-Identifier: Apache-2.0

package import Cryptography
internal import Diagnostics

/// Brings content from mirrors into the store: in parallel, resumed, retried, and checked while it is written.
package final class Downloader: Sendable {
    package struct Settings: Sendable {
        /// Transfers at a time.
        package var width = 8
        package var retries = RetrySchedule()
        /// Attempts altogether for one item, however much each of them brings.
        package var attemptLimit = 50
        /// How long another process that holds the item's partial file may make no headway.
        package var patience: Duration = .seconds(30)
        package init() {}
    }

    /// What is to be fetched, and where it may be had.
    package struct Item: Sendable {
        /// For messages and progress: a path and the repository's id, say.
        package var name: String
        /// Tried in this order.
        package var sources: [Locator]
        package var server: ServerKind
        package init(name: String, sources: [Locator], server: ServerKind = .repository) {
            self.name = name
            self.sources = sources
            self.server = server
        }
    }

    package let store: Store
    let transport: any Transport
    let settings: Settings
    let observer: FetchObserver
    let gate: Gate
    private let locks = KeyedLock()

    package init(
        store: Store,
        transport: any Transport,
        settings: Settings = Settings(),
        observer: @escaping FetchObserver = { _ in }
    ) {
        self.store = store
        self.transport = transport
        self.settings = settings
        self.observer = observer
        gate = Gate(width: settings.width)
    }

    // MARK: Content with a known digest

    /// Gives the place of content in the store, and fetches it first where it is missing.
    ///
    /// - Parameters:
    ///   - size: in bytes, where it is known; an answer of another size is refused.
    ///   - limit: the most bytes that are taken, whatever the size is said to be.
    /// - Throws: `hash-mismatch`, `size-mismatch`, `not-found`, `unreachable`, `disk-full` … as `FetchError`.
    package func file(_ item: Item, sha256: Digest, size: Int?, limit: Int = 1 << 34) async throws -> String {
        if let path = present(item, sha256) { return path }
        // Whoever states the size, an image's manifest for one, does not choose what is too large.
        if let size { try Self.check(size, limit: limit, name: item.name) }
        return try await locks.exclusively(sha256.description) {
            if let path = present(item, sha256) { return path }
            return try await gate.pass { try await download(item, sha256, size: size, limit: limit) }
        }
    }

    /// Refuses a stated size before anything is asked for.
    static func check(_ size: Int, limit: Int, name: String) throws(FetchError) {
        guard size <= limit else {
            throw FetchError(
                .tooLarge,
                "\(name) is to have \(size) bytes, more than the \(limit) that are allowed for it"
            )
        }
    }

    private func present(_ item: Item, _ sha256: Digest) -> String? {
        guard let path = store.path(of: sha256) else { return nil }
        let size = FileStatus(of: path)?.size ?? 0
        observer(FetchProgress(item: item.name, received: size, total: size, state: .present))
        return path
    }

    private func download(_ item: Item, _ sha256: Digest, size: Int?, limit: Int) async throws -> String {
        let partial: PartialFile
        switch try await claim(item, sha256) {
        case .mine(let file): partial = file
        case .done(let path): return path
        }
        let run = DownloadRun(
            item: item,
            sha256: sha256,
            size: size,
            limit: limit,
            partial: partial,
            store: store,
            transport: transport,
            settings: settings,
            observer: observer
        )
        do {
            let path = try await run.path()
            observer(FetchProgress(item: item.name, received: partial.size, total: partial.size, state: .finished))
            return path
        } catch {
            observer(FetchProgress(item: item.name, received: partial.size, total: size, state: .failed))
            // What a broken connection left is a help next time; wrong bytes and a full disk are not.
            let isBroken = (error as? FetchError).map { $0.kind == .unreachable } ?? true
            if !isBroken || partial.size == 0 { partial.discard() }
            throw error
        }
    }

    private enum Claim {
        case mine(PartialFile)
        case done(String)
    }

    /// Gets hold of the partial file; while another process has it, waits for that process as long as it gets ahead.
    private func claim(_ item: Item, _ sha256: Digest) async throws -> Claim {
        let step = Duration.milliseconds(100)
        var idle = Duration.zero
        var lastSize = -1
        while true {
            if let partial = try PartialFile.open(sha256, in: store) {
                guard let path = present(item, sha256) else { return .mine(partial) }
                partial.discard()
                return .done(path)
            }
            let size = FileStatus(of: "\(store.root)/partial/\(sha256.hex)")?.size ?? 0
            idle = size == lastSize ? idle + step : .zero
            lastSize = size
            if idle > settings.patience { return .mine(try .unshared(in: store)) }
            try await settings.retries.sleep(step)
            if let path = present(item, sha256) { return .done(path) }
        }
    }
}

extension Transport {
    /// Sends, and makes every failure but a cancellation a `FetchError`.
    func fetch(_ request: TransportRequest, into sink: any ResponseSink) async throws(FetchError) -> ResponseHead {
        do {
            return try await send(request, into: sink)
        } catch let error as FetchError {
            throw error
        } catch let failure as any Failure {
            // What a transport of another module has to say, about credentials for one.
            throw FetchError(.unauthorized, failure.message, hint: failure.hint)
        } catch {
            throw FetchError(.storage, "\(request.url) was not fetched: the run was cancelled")
        }
    }
}
