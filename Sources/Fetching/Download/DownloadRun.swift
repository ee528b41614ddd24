// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// The attempts to fetch one item.
struct DownloadRun {
    let item: Downloader.Item
    let sha256: Digest
    let size: Int?
    let limit: Int
    let partial: PartialFile
    let store: Store
    let transport: any Transport
    let settings: Downloader.Settings
    let observer: FetchObserver

    /// An attempt that brought less does not count as headway.
    private static let headway = 1 << 16

    /// Tries the sources in turn, and again after a while if one of them may recover.
    func path() async throws -> String {
        var sources = item.sources
        var failure: FetchError?
        var attempt = 0
        var total = 0
        while true {
            var asked: Int?
            var gained = false
            for source in sources {
                total += 1
                let before = partial.size
                do throws(FetchError) {
                    return try await once(source)
                } catch {
                    try Task.checkCancellation()
                    asked = error.retryAfter ?? asked
                    failure = .worse(failure, error)
                    gained = gained || partial.size >= before + Self.headway
                    switch error.kind {
                    case .diskFull, .readOnly, .storage: throw error
                    case .unreachable: break
                    default: sources.removeAll { $0 == source }
                    }
                }
            }
            if gained { attempt = 0 }
            let last = failure ?? FetchError(.noMirror, "\(item.name): nothing says where it lies")
            guard !sources.isEmpty, total < settings.attemptLimit,
                try await settings.retries.wait(after: attempt, asked: asked)
            else { throw last }
            attempt += 1
            observer(progress(partial.size, .retrying(reason: last.message)))
        }
    }

    /// One source; when a resumed download turns out wrong, once more from the start.
    private func once(_ source: Locator) async throws(FetchError) -> String {
        let isResumed = partial.size > 0
        do throws(FetchError) {
            return try await attempt(source)
        } catch {
            let isDoubtful = [.hashMismatch, .sizeMismatch, .tooLarge, .refused].contains(error.kind)
            guard isResumed, isDoubtful else {
                if isDoubtful { try partial.restart() }
                throw error
            }
            try partial.restart()
            observer(progress(0, .retrying(reason: error.message)))
            do throws(FetchError) {
                return try await attempt(source)
            } catch {
                if [.hashMismatch, .sizeMismatch, .tooLarge].contains(error.kind) { try partial.restart() }
                throw error
            }
        }
    }

    private func attempt(_ source: Locator) async throws(FetchError) -> String {
        // A run that was killed after the last byte left nothing to ask for.
        if let size, partial.size == size {
            return try partial.finish(as: sha256, name: item.name, store: store)
        }
        if let size, partial.size > size { try partial.restart() }
        var request = TransportRequest(.get, source, usesNetrc: true)
        if partial.size > 0 {
            request.headers.append(("Range", "bytes=\(partial.size)-"))
            // Another mirror's tag says nothing here; then the digest alone decides in the end.
            if let validator = partial.validator, validator.source == Digest.of(source.text).hex {
                request.headers.append(("If-Range", validator.tag))
            }
        }
        let sink = PartialSink(
            name: item.name,
            partial: partial,
            size: size ?? limit,
            isExact: size != nil,
            progress: { [self] in observer(progress($0, .running)) }
        )
        let head = try await transport.fetch(request, into: sink)
        guard head.status == 200 || head.status == 206 else {
            if head.status == 416 {
                throw FetchError(
                    .refused,
                    "\(item.name): the server has no more bytes than the \(partial.size) that are here"
                )
            }
            throw .status(head, item.name, from: item.server)
        }
        if let size, partial.size < size {
            throw FetchError(
                .unreachable,
                "\(item.name) ends early: expected \(size) bytes, received \(partial.size)",
                hint: "try again: the download goes on where it stopped"
            )
        }
        return try partial.finish(as: sha256, name: item.name, store: store)
    }

    private func progress(_ received: Int, _ state: FetchProgress.State) -> FetchProgress {
        FetchProgress(item: item.name, received: received, total: size, state: state)
    }
}
