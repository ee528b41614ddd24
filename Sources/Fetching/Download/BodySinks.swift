// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// Takes an answer with status 200 into memory, up to a limit.
package final class MemorySink: ResponseSink, @unchecked Sendable {
    private let name: String
    private let limit: Int
    /// Bytes of an error's body that are kept: as many as a person reads.
    private let errorLimit: Int
    private let keepsErrors: Bool
    private let progress: @Sendable (Int) -> Void
    package private(set) var bytes: [UInt8] = []

    /// - Parameter keepsErrors: whether the body of an error is wanted, too; it is cut off at the limit, at 64 KiB at most.
    package init(
        name: String,
        limit: Int,
        keepsErrors: Bool = false,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.name = name
        self.limit = limit
        errorLimit = min(limit, 1 << 16)
        self.keepsErrors = keepsErrors
        self.progress = progress
    }

    private var isError = false

    package func begin(_ head: ResponseHead) throws -> Bool {
        isError = !(200...299).contains(head.status)
        bytes = []
        if isError { return keepsErrors }
        if let length = head.header("content-length").flatMap({ Int($0) }), length > limit { throw tooLarge }
        return true
    }

    package func write(_ buffer: UnsafeRawBufferPointer) throws {
        if isError {
            let room = errorLimit - bytes.count
            bytes.append(contentsOf: buffer.prefix(room))
            // The rest may have no end.
            if buffer.count > room { throw SinkIsFull() }
            return
        }
        guard bytes.count + buffer.count <= limit else { throw tooLarge }
        bytes.append(contentsOf: buffer)
        progress(bytes.count)
    }

    private var tooLarge: FetchError {
        FetchError(.tooLarge, "\(name) is larger than the \(limit) bytes that are allowed for it")
    }
}

/// Takes an answer into a partial file, and sees to it that it begins where the file ends.
final class PartialSink: ResponseSink, @unchecked Sendable {
    private let name: String
    private let partial: PartialFile
    /// The size that the file must have, or at most may have.
    private let size: Int
    private let isExact: Bool
    private let progress: @Sendable (Int) -> Void

    init(
        name: String,
        partial: PartialFile,
        size: Int,
        isExact: Bool,
        progress: @escaping @Sendable (Int) -> Void
    ) {
        self.name = name
        self.partial = partial
        self.size = size
        self.isExact = isExact
        self.progress = progress
    }

    func begin(_ head: ResponseHead) throws -> Bool {
        let length = head.header("content-length").flatMap { Int($0) }
        switch head.status {
        case 200:
            if let length, length > size || (isExact && length != size) { throw wrongSize("\(length)") }
            if partial.size > 0 { try partial.restart() }
        case 206:
            guard let start = head.header("content-range").flatMap(Self.start), start == partial.size else {
                throw FetchError(.unreachable, "\(name): the server sent another part than the one asked for")
            }
        default: return false
        }
        let source = Digest.of(head.url.text).hex
        if let tag = head.header("etag"), !tag.hasPrefix("W/") {
            partial.validator = (source, tag)
        } else if let date = head.header("last-modified") {
            partial.validator = (source, date)
        }
        progress(partial.size)
        return true
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard partial.size + bytes.count <= size else { throw wrongSize("more") }
        try partial.append(bytes)
        progress(partial.size)
    }

    private func wrongSize(_ received: String) -> FetchError {
        isExact
            ? FetchError(
                .sizeMismatch,
                "\(name) has another size than promised: expected \(size) bytes, received \(received)",
                hint:
                    "the mirror may be in the middle of an update, damaged or tampered with: try again, or another mirror"
            )
            : FetchError(.tooLarge, "\(name) is larger than the \(size) bytes that are allowed for it")
    }

    /// `bytes 100-199/200` gives 100.
    private static func start(_ range: String) -> Int? {
        guard range.hasPrefix("bytes "), let dash = range.firstIndex(of: "-") else { return nil }
        return Int(range[range.index(range.startIndex, offsetBy: 6)..<dash])
    }
}
