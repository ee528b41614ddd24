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
        package init(name: String, sources: [Locator]) {
            self.name = name
            self.sources = sources
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
    /// - Parameter size: in bytes, where it is known; an answer of another size is refused.
    /// - Throws: `hash-mismatch`, `size-mismatch`, `not-found`, `unreachable`, `disk-full` … as `FetchError`.
    package func file(_ item: Item, sha256: Digest, size: Int?, limit: Int = 1 << 34) async throws -> String {
        if let path = present(item, sha256) { return path }
        return try await locks.exclusively(sha256.description) {
            if let path = present(item, sha256) { return path }
            return try await gate.pass { try await download(item, sha256, size: size, limit: limit) }
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

extension ResponseHead {
    /// Retry-After in seconds; its other form, a date, is not used.
    package var retryAfter: Int? { header("retry-after").flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }
}

extension FetchError {
    /// What an answer means that does not carry the content.
    package static func status(_ head: ResponseHead, _ name: String) -> FetchError {
        switch head.status {
        case 404, 410:
            FetchError(
                .notFound,
                "\(name): there is no such file at \(head.url)",
                hint: "check the repository's place and suite; an archive drops versions that were replaced"
            )
        case 401, 403, 407:
            FetchError(
                .unauthorized,
                "\(name): \(head.url.authority) refuses access (HTTP status \(head.status))",
                hint: "credentials for a host belong in ~/.netrc"
            )
        case 408, 425, 429, 500...599:
            FetchError(
                .unreachable,
                "\(name): \(head.url.authority) answers with HTTP status \(head.status)",
                hint: "the server has trouble: try again later, or give another mirror"
            )
        default:
            FetchError(.refused, "\(name): \(head.url) answers with HTTP status \(head.status)")
        }
    }

    /// Of the failures of several mirrors, the one that tells most.
    static func worse(_ a: FetchError?, _ b: FetchError) -> FetchError {
        guard let a else { return b }
        let order: [Code] = [.diskFull, .readOnly, .storage, .hashMismatch, .sizeMismatch, .tooLarge, .redirect]
        let rank = { (kind: Code) in order.firstIndex(of: kind) ?? (kind == .notFound ? 99 : 50) }
        return rank(b.kind) <= rank(a.kind) ? b : a
    }
}
