// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// Content whose digest nobody knows yet: it is checked by whoever asked, by a signature or another checksum.
extension Downloader {
    /// Fetches something small and mutable into memory.
    ///
    /// - Returns: nil when every source says that there is no such thing.
    package func bytes(_ item: Item, limit: Int) async throws -> [UInt8]? {
        try await gate.pass {
            try await inTurn(item) { (source) throws(FetchError) in
                let sink = MemorySink(name: item.name, limit: limit) { [observer] count in
                    observer(FetchProgress(item: item.name, received: count, total: nil, state: .running))
                }
                let head = try await transport.fetch(TransportRequest(.get, source, usesNetrc: true), into: sink)
                guard head.status == 200 else { throw .status(head, item.name, from: item.server) }
                return (sink.bytes, sink.bytes.count)
            }
        }
    }

    /// Fetches a file into the store under the digest that it turns out to have.
    ///
    /// - Parameter size: what the file must have, in bytes, where that is known.
    /// - Returns: nil when every source says that there is no such thing.
    package func unnamedFile(_ item: Item, size: Int?, limit: Int = 1 << 34) async throws -> Digest? {
        if let size { try Self.check(size, limit: limit, name: item.name) }
        return try await gate.pass {
            try await inTurn(item) { (source) throws(FetchError) in
                let sink = WriterSink(name: item.name, writer: try store.writer(), limit: size ?? limit) {
                    [observer] count in
                    observer(FetchProgress(item: item.name, received: count, total: size, state: .running))
                }
                let head = try await transport.fetch(TransportRequest(.get, source, usesNetrc: true), into: sink)
                guard head.status == 200 else { throw .status(head, item.name, from: item.server) }
                if let size, sink.writer.size != size {
                    throw FetchError(
                        .sizeMismatch,
                        "\(item.name) has another size than promised: expected \(size) bytes, received \(sink.writer.size)"
                    )
                }
                return (try sink.writer.finish(name: item.name), sink.writer.size)
            }
        }
    }

    /// Tries the sources in turn, and again after a while if one of them may recover.
    ///
    /// - Parameter once: gives the value and its size.
    private func inTurn<Value>(
        _ item: Item,
        _ once: (Locator) async throws(FetchError) -> (Value, Int)
    ) async throws -> Value? {
        var sources = item.sources
        var failure: FetchError?
        var attempt = 0
        while true {
            var asked: Int?
            for source in sources {
                do throws(FetchError) {
                    let (value, count) = try await once(source)
                    observer(FetchProgress(item: item.name, received: count, total: count, state: .finished))
                    return value
                } catch {
                    try Task.checkCancellation()
                    asked = error.retryAfter ?? asked
                    if !error.isTransient { sources.removeAll { $0 == source } }
                    if error.kind != .notFound { failure = .worse(failure, error) }
                }
            }
            guard let failure else {
                if item.sources.isEmpty { throw FetchError(.noMirror, "\(item.name): nothing says where it lies") }
                return nil
            }
            guard !sources.isEmpty, try await settings.retries.wait(after: attempt, asked: asked) else {
                observer(FetchProgress(item: item.name, received: 0, total: nil, state: .failed))
                throw failure
            }
            attempt += 1
            observer(FetchProgress(item: item.name, received: 0, total: nil, state: .retrying(reason: failure.message)))
        }
    }
}

/// Takes an answer with status 200 into an object of the store.
private final class WriterSink: ResponseSink, @unchecked Sendable {
    let writer: StoreWriter
    private let name: String
    private let limit: Int
    private let progress: @Sendable (Int) -> Void

    init(name: String, writer: StoreWriter, limit: Int, progress: @escaping @Sendable (Int) -> Void) {
        self.name = name
        self.writer = writer
        self.limit = limit
        self.progress = progress
    }

    func begin(_ head: ResponseHead) throws -> Bool { head.status == 200 }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard writer.size + bytes.count <= limit else {
            throw FetchError(.tooLarge, "\(name) is larger than the \(limit) bytes that are allowed for it")
        }
        try writer.write(bytes)
        progress(writer.size)
    }
}
