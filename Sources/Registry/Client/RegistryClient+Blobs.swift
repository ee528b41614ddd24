// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
package import Fetching
package import OCI

extension RegistryClient {
    /// How a blob came to be in the repository.
    package enum Delivery: Sendable, Equatable {
        case present, mounted, uploaded
    }

    func hasBlob(_ digest: Digest) async throws -> Bool {
        let answer = try await call(TransportRequest(.head, url("blobs/\(digest)")))
        switch answer.head.status {
        case 200: return true
        case 404: return false
        default: throw failure(answer, "tell whether it has the blob \(digest)")
        }
    }

    /// Where a blob can be downloaded.
    package func item(_ blob: Descriptor) -> Downloader.Item {
        Downloader.Item(
            name: "\(blob.digest) of \(reference.host)/\(repository)",
            sources: [url("blobs/\(blob.digest)")],
            server: .registry
        )
    }

    /// Brings a blob into the repository, if it is not there: from another repository of the same registry, or else by
    /// sending the file.
    ///
    /// - Parameters:
    ///   - origin: a repository of this registry that has the blob.
    ///   - file: gives a file with the blob's content; called when it must be sent.
    func deliver(
        _ blob: Descriptor,
        origin: String?,
        observer: @escaping FetchObserver,
        file: @Sendable () async throws -> String
    ) async throws -> Delivery {
        let name = "\(blob.digest) to \(reference.host)/\(repository)"
        if try await hasBlob(blob.digest) {
            observer(FetchProgress(item: name, received: blob.size, total: blob.size, state: .present))
            return .present
        }
        var session: Locator?
        if let origin, origin != repository, let answer = try await mount(blob, from: origin) {
            if answer.head.status == 201 { return .mounted }
            if answer.head.status == 202 { session = try location(answer) }
        }
        let path = try await file()
        try await upload(blob, path, name: name, session: session, observer: observer)
        observer(FetchProgress(item: name, received: blob.size, total: blob.size, state: .sent))
        return .uploaded
    }

    /// distribution-spec, "Mounting a blob from another repository".
    ///
    /// - Returns: nil when no token is given for both repositories, which says nothing about this one alone.
    private func mount(_ blob: Descriptor, from origin: String) async throws -> Answer? {
        let query = "mount=\(blob.digest)&from=\(origin)"
        do {
            return try await call(TransportRequest(.post, url("blobs/uploads/", query: query)))
        } catch let error as RegistryError where error.kind == .unauthorized {
            return nil
        }
    }

    private func upload(
        _ blob: Descriptor,
        _ path: String,
        name: String,
        session first: Locator?,
        observer: @escaping FetchObserver
    ) async throws {
        var session = first.map { UploadSession(location: $0, offset: 0) }
        var attempt = 0
        var best = 0
        while true {
            do {
                if session == nil { session = try await begin() }
                try await send(
                    blob,
                    path,
                    &session,
                    progress: { count in
                        observer(
                            FetchProgress(
                                item: name,
                                received: min(count, blob.size),
                                total: blob.size,
                                state: .running
                            )
                        )
                    }
                )
                return
            } catch let error as FetchError where error.isTransient {
                // Whoever gets ahead is not giving up.
                if let offset = session?.offset, offset > best {
                    best = offset
                    attempt = 0
                }
                guard try await settings.retries.wait(after: attempt, asked: error.retryAfter) else { throw error }
                attempt += 1
                observer(
                    FetchProgress(item: name, received: best, total: blob.size, state: .retrying(reason: error.message))
                )
                if blob.size > settings.chunk { session = await resume(session) } else { session = nil }
            }
        }
    }

    /// An upload that the registry has begun to take.
    struct UploadSession {
        var location: Locator
        /// Bytes that the registry has.
        var offset: Int
    }

    private func begin() async throws -> UploadSession {
        let answer = try await call(TransportRequest(.post, url("blobs/uploads/")))
        guard answer.head.status == 202 else { throw failure(answer, "begin an upload") }
        return UploadSession(location: try location(answer), offset: 0)
    }

    private func location(_ answer: Answer) throws -> Locator {
        guard let text = answer.head.header("location") else {
            throw RegistryError(
                .refused,
                "\(reference.host)/\(repository) does not say where an upload goes (no Location)"
            )
        }
        let next = try answer.head.url.resolving(text)
        guard next.scheme == "https" || base.scheme == "http" else {
            throw RegistryError(.refused, "\(reference.host) wants an upload sent to \(next), without TLS")
        }
        return next
    }

    /// Asks how far an upload came; nil when it must start anew.
    private func resume(_ session: UploadSession?) async -> UploadSession? {
        guard let session, let answer = try? await send(TransportRequest(.get, session.location)),
            answer.head.status == 204 || answer.head.status == 202, let offset = Self.end(answer.head)
        else { return nil }
        let next = (try? location(answer)) ?? session.location
        return UploadSession(location: next, offset: offset)
    }

    /// `Range: 0-99` says that 100 bytes are there; `0-0` is also what registries say of none, and a chunk is never 1 byte.
    private static func end(_ head: ResponseHead) -> Int? {
        guard let range = head.header("range") else { return nil }
        let text = range.hasPrefix("bytes=") ? range.dropFirst(6) : range[...]
        guard text.hasPrefix("0-"), let last = Int(text.dropFirst(2)), last >= 0 else { return nil }
        return last == 0 ? 0 : last + 1
    }

    private func send(
        _ blob: Descriptor,
        _ path: String,
        _ session: inout UploadSession?,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws {
        guard var current = session else { return }
        let headers = [(name: "Content-Type", value: "application/octet-stream")]
        if blob.size > settings.chunk {
            // distribution-spec, "Pushing a blob in chunks".
            while current.offset < blob.size {
                let start = current.offset
                let end = min(start + settings.chunk, blob.size)
                let request = TransportRequest(
                    .patch,
                    current.location,
                    headers: headers + [("Content-Range", "\(start)-\(end - 1)")],
                    body: .file(path: path, range: start..<end)
                )
                let counter = SentCounter(start, progress)
                let answer = try succeeding(try await self.send(request) { counter.add($0) })
                if answer.head.status == 416 {
                    throw FetchError(.unreachable, "\(reference.host) has another part of \(blob.digest) than it said")
                }
                guard answer.head.status == 202 || answer.head.status == 201 || answer.head.status == 204 else {
                    throw failure(answer, "take a part of the blob \(blob.digest)")
                }
                current.location = try location(answer)
                current.offset = Self.end(answer.head).map { $0 == 0 ? end : $0 } ?? end
                guard current.offset > start, current.offset <= end else {
                    throw RegistryError(.refused, "\(reference.host) counts the bytes of an upload wrongly")
                }
                session = current
            }
        }
        // "POST then PUT", or the end of the chunks.
        let isWhole = current.offset == 0
        let query = [current.location.query, "digest=\(blob.digest)"].compactMap { $0 }.filter { !$0.isEmpty }.joined(
            separator: "&"
        )
        let counter = SentCounter(0) { count in if isWhole { progress(count) } }
        let request = TransportRequest(
            .put,
            current.location.with(query: query),
            headers: headers,
            body: isWhole ? .file(path: path, range: 0..<blob.size) : .bytes([])
        )
        let answer = try succeeding(try await self.send(request) { counter.add($0) })
        guard answer.head.status == 201 || answer.head.status == 204 else {
            // Also what a registry says of a session that ended meanwhile.
            if answer.head.status == 404 { session = nil }
            throw failure(answer, "take the blob \(blob.digest)")
        }
        if let said = answer.head.header("docker-content-digest").flatMap({ Digest($0) }), said.algorithm == .sha256,
            said != blob.digest
        {
            throw RegistryError(.mismatch, "\(reference.host)/\(repository) stored \(said) instead of \(blob.digest)")
        }
    }
}

/// Adds up what was sent; called from the transport's thread alone.
private final class SentCounter: @unchecked Sendable {
    private var count: Int
    private let progress: @Sendable (Int) -> Void

    init(_ start: Int, _ progress: @escaping @Sendable (Int) -> Void) {
        count = start
        self.progress = progress
    }

    func add(_ more: Int) {
        count += more
        progress(count)
    }
}
