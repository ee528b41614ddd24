// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
package import Fetching

/// One repository of a registry, by the distribution-spec 1.1.1.
package final class RegistryClient: Sendable {
    package struct Settings: Sendable {
        package var retries = RetrySchedule()
        /// Blobs larger than this are sent in chunks of this many bytes: a broken connection costs one chunk.
        package var chunk = 16 << 20
        /// A number around 1 that pauses are multiplied with where several clients may be in each other's way.
        package var jitter: @Sendable () -> Double = { Double.random(in: 0.5...1.5) }
        package init() {}
    }

    package let reference: RegistryReference
    package let base: Locator
    let transport: any Transport
    let settings: Settings

    package init(
        _ reference: RegistryReference,
        base: Locator,
        transport: any Transport,
        settings: Settings = Settings()
    ) {
        self.reference = reference
        self.base = base
        self.transport = transport
        self.settings = settings
    }

    var repository: String { reference.repository }

    /// The media types of documents that are understood, besides whatever a registry gives unasked.
    static let documentTypes = [
        "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ]

    /// A manifest is refused when it is larger; registries take at most 4 MiB (distribution-spec, "Pushing Manifests").
    static let documentLimit = 16 << 20

    // MARK: Requests

    struct Answer {
        var head: ResponseHead
        var body: [UInt8]
    }

    /// The URL of something in the repository: `manifests/latest`.
    func url(_ path: String, query: String? = nil) -> Locator {
        base.appending("v2/\(repository)/\(path)").with(query: query)
    }

    /// Sends once.
    func send(_ request: TransportRequest, sent: @escaping @Sendable (Int) -> Void = { _ in }) async throws -> Answer {
        let sink = AnswerSink(name: "the answer of \(reference.host)", limit: Self.documentLimit, sent: sent)
        let head = try await transport.send(request, into: sink)
        return Answer(head: head, body: sink.memory.bytes)
    }

    /// Sends, and again after a while if the registry has trouble.
    func call(_ request: TransportRequest) async throws -> Answer {
        try await retrying { try await self.succeeding(self.send(request)) }
    }

    /// Turns the registry's trouble into an error that is worth another attempt.
    func succeeding(_ answer: Answer) throws -> Answer {
        switch answer.head.status {
        case 408, 425, 429, 500...599:
            throw FetchError.status(answer.head, "\(reference.host)/\(repository)", from: .registry)
        default: return answer
        }
    }

    func retrying<Value>(_ work: () async throws -> Value) async throws -> Value {
        var attempt = 0
        while true {
            do {
                return try await work()
            } catch let error as FetchError where error.isTransient {
                guard try await settings.retries.wait(after: attempt, asked: error.retryAfter) else { throw error }
                attempt += 1
            }
        }
    }

    /// The first error of an answer (distribution-spec, "Error Codes").
    private func error(of answer: Answer) -> JSON? {
        (try? JSON(parsing: answer.body, depth: 16))?["errors"]?.elements?.first
    }

    func errorCode(_ answer: Answer) -> String? { error(of: answer)?["code"]?.text }

    /// The error for an answer that is not the hoped-for one; quotes what the registry says.
    func failure(_ answer: Answer, _ action: String) -> any Error {
        var said = ""
        if let first = error(of: answer) {
            let text = [first["code"]?.text, first["message"]?.text].compactMap { $0 }.joined(separator: ": ")
            said = ": " + String(decoding: text.utf8.prefix(300).map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self)
        }
        let place = "\(reference.host)/\(repository)"
        switch answer.head.status {
        case 401, 403:
            return RegistryError(
                .unauthorized,
                "\(place) does not let us \(action) (HTTP status \(answer.head.status))\(said)",
                hint: "log in with any registry client, or let REGISTRY_AUTH_FILE name a credentials file"
            )
        case 404:
            return RegistryError(.notFound, "\(place) cannot \(action): there is no such thing\(said)")
        default:
            return RegistryError(.refused, "\(place) does not \(action): HTTP status \(answer.head.status)\(said)")
        }
    }
}

/// Keeps an answer in memory, an error's body too, and tells of bytes sent.
private final class AnswerSink: ResponseSink, @unchecked Sendable {
    let memory: MemorySink
    private let onSent: @Sendable (Int) -> Void

    init(name: String, limit: Int, sent: @escaping @Sendable (Int) -> Void) {
        memory = MemorySink(name: name, limit: limit, keepsErrors: true)
        onSent = sent
    }

    func begin(_ head: ResponseHead) throws -> Bool { try memory.begin(head) }
    func write(_ bytes: UnsafeRawBufferPointer) throws { try memory.write(bytes) }
    func sent(_ count: Int) { onSent(count) }
}
