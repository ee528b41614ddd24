// SPDX-License-Identifier: Apache-2.0

internal import CArchive
internal import Glibc

/// Decompresses a whole file (gzip, xz, zstd, bzip2, lzma or none, told by its first bytes) as a stream: whoever reads pulls
/// the bytes, and may hand them on to a reader of archives.
package final class Decompressor {
    private let handle: OpaquePointer
    private let name: String
    private let limit: Int
    private let source: Source
    private var isAtEnd = false
    /// Bytes that came out so far.
    package private(set) var total = 0

    /// What libarchive's callback sees; its error is kept here, since nothing can be thrown through C.
    private final class Source {
        let produce: ArchiveReader.Producer
        var error: (any Error)?
        init(_ produce: @escaping ArchiveReader.Producer) { self.produce = produce }
    }

    /// - Parameter limit: the most bytes that may come out.
    package convenience init(path: String, limit: Int) throws {
        let file = try FileProducer(path: path)
        try self.init(
            name: path.split(separator: "/").last.map(String.init) ?? path,
            limit: limit,
            producer: { try file.next() }
        )
    }

    private init(name: String, limit: Int, producer: @escaping ArchiveReader.Producer) throws {
        guard let handle = archive_read_new() else {
            throw ArchiveError(.unreadable, archive: name, detail: "out of memory")
        }
        self.handle = handle
        self.name = name
        self.limit = limit
        source = Source(producer)
        archive_read_support_format_raw(handle)
        archive_read_support_format_empty(handle)
        archive_read_support_filter_gzip(handle)
        archive_read_support_filter_xz(handle)
        archive_read_support_filter_lzma(handle)
        archive_read_support_filter_zstd(handle)
        archive_read_support_filter_bzip2(handle)
        // All properties are there by now, so that an error below runs deinit, which frees the handle.
        try check(
            archive_read_open(
                handle,
                Unmanaged.passUnretained(source).toOpaque(),
                nil,
                { archive, context, buffer in
                    guard let context, let buffer else { return -1 }
                    let source = Unmanaged<Source>.fromOpaque(context).takeUnretainedValue()
                    do {
                        let bytes = try source.produce()
                        buffer.pointee = bytes.baseAddress
                        return bytes.count
                    } catch {
                        source.error = error
                        archive_set_error_message(archive, "read failed")
                        return -1
                    }
                },
                nil
            )
        )
        var entry: OpaquePointer?
        let status = archive_read_next_header(handle, &entry)
        if status == ARCHIVE_EOF { isAtEnd = true } else { try check(status) }
    }

    deinit { archive_read_free(handle) }

    private func check(_ status: Int32) throws {
        if status == ARCHIVE_OK { return }
        if let error = source.error { throw error }
        let text = archive_error_string(handle).map { String(cString: $0) } ?? "error \(status)"
        throw ArchiveError(.malformed, archive: name, detail: text)
    }

    /// The next decompressed bytes, valid until the next call; an empty buffer at the end.
    ///
    /// - Throws: `ArchiveError.limit` once more than `limit` bytes have come out.
    package func next() throws -> UnsafeRawBufferPointer {
        while !isAtEnd {
            var buffer: UnsafeRawPointer?
            var size = 0
            var offset: Int64 = 0
            let status = archive_read_data_block(handle, &buffer, &size, &offset)
            if status == ARCHIVE_EOF {
                isAtEnd = true
                break
            }
            try check(status)
            total += size
            if total > limit {
                throw ArchiveError(.limit, archive: name, detail: "it expands to more than \(limit) bytes")
            }
            if size > 0 { return UnsafeRawBufferPointer(start: buffer, count: size) }
        }
        return UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// Gives the decompressed bytes of the file at `path` to `body`, block by block.
    ///
    /// - Throws: `ArchiveError.limit` once more than `limit` bytes come out.
    package static func decompress(
        path: String,
        limit: Int,
        into body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let stream = try Decompressor(path: path, limit: limit)
        while case let block = try stream.next(), !block.isEmpty { try body(block) }
    }

    /// Decompresses bytes in memory to bytes in memory.
    package static func decompress(_ bytes: [UInt8], name: String, limit: Int) throws -> [UInt8] {
        let memory = MemoryProducer(bytes)
        let stream = try Decompressor(name: name, limit: limit, producer: { memory.next() })
        var out: [UInt8] = []
        while case let block = try stream.next(), !block.isEmpty { out.append(contentsOf: block) }
        return out
    }
}
