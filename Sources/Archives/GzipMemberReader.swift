// SPDX-License-Identifier: Apache-2.0

internal import CZlib

/// Reads concatenated gzip members (RFC 1952 section 2.2) one after the other, as an APK package and an APKINDEX are made
/// of them: each member's decompressed bytes block by block, whatever its size.
package final class GzipMemberReader {
    private let name: String
    private let limit: Int
    private let produce: ArchiveReader.Producer
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    /// What the producer gave last and zlib has not taken.
    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    private var observe: ((UnsafeRawBufferPointer) -> Void)?
    private var isOpen = false
    private var isAtEnd = true
    private var total = 0
    private var members = 0
    /// Compressed bytes taken so far: between two members, where the next one begins.
    package private(set) var position = 0

    /// - Parameter limit: bound on the decompressed size of all members together, in bytes.
    package init(name: String, limit: Int, producer: @escaping ArchiveReader.Producer) {
        self.name = name
        self.limit = limit
        self.produce = producer
    }

    package convenience init(path: String, name: String, limit: Int) throws {
        let file = try FileProducer(path: path)
        self.init(name: name, limit: limit, producer: { try file.next() })
    }

    package convenience init(bytes: [UInt8], name: String, limit: Int) {
        let memory = MemoryProducer(bytes)
        self.init(name: name, limit: limit, producer: { memory.next() })
    }

    deinit {
        if isOpen { inflateEnd(stream) }
        stream.deallocate()
        chunk.deallocate()
    }

    /// Goes on to the next member, past what was not read of the current one; false at the end.
    ///
    /// - Parameter observe: is given the member's compressed bytes while they are read.
    package func nextMember(observing observe: ((UnsafeRawBufferPointer) -> Void)? = nil) throws -> Bool {
        try skip()
        guard try fill() else { return false }
        if isOpen { inflateEnd(stream) }
        isOpen = false
        stream.initialize(to: z_stream())
        // 31: a gzip wrapper is required.
        guard inflateInit2_(stream, 31, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw ArchiveError(.unreadable, archive: name, detail: "out of memory")
        }
        isOpen = true
        isAtEnd = false
        members += 1
        self.observe = observe
        return true
    }

    /// The next decompressed bytes of the member, valid until the next call; an empty buffer at its end.
    ///
    /// - Parameter limit: how many of them are wanted; no more are decoded.
    /// - Throws: `ArchiveError.truncated` where the input ends within the member, `.malformed`, and `.limit`.
    package func read(upTo limit: Int = .max) throws -> UnsafeRawBufferPointer {
        let room = min(chunk.count, limit)
        while !isAtEnd {
            guard try fill() else {
                throw ArchiveError(.truncated, archive: name, detail: "gzip member \(members) is cut short")
            }
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(min(input.count, 1 << 30))
            stream.pointee.next_out = chunk.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(room)
            let offered = Int(stream.pointee.avail_in)
            let status = inflate(stream, Z_NO_FLUSH)
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                let detail = stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)"
                throw ArchiveError(.malformed, archive: name, detail: "gzip member \(members): \(detail)")
            }
            let taken = offered - Int(stream.pointee.avail_in)
            observe?(UnsafeRawBufferPointer(rebasing: input[..<taken]))
            input = UnsafeRawBufferPointer(rebasing: input[taken...])
            position += taken
            isAtEnd = status == Z_STREAM_END
            let count = room - Int(stream.pointee.avail_out)
            total += count
            if total > self.limit {
                throw ArchiveError(.limit, archive: name, detail: "it expands to more than \(self.limit) bytes")
            }
            if count > 0 { return UnsafeRawBufferPointer(rebasing: chunk[..<count]) }
        }
        return UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// The rest of the member, decoded and dropped.
    package func skip() throws { while try !read().isEmpty {} }

    /// Whether there is input left, fetching more where none is at hand.
    private func fill() throws -> Bool {
        if input.isEmpty { input = try produce() }
        return !input.isEmpty
    }
}
