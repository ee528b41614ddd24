// SPDX-License-Identifier: Apache-2.0

internal import CArchive
internal import Glibc

/// Decompresses a whole file (gzip, xz, zstd, bzip2, lzma or none, told by its first bytes) as a stream.
package enum Decompressor {
    /// Gives the decompressed bytes of the file at `path` to `body`, block by block.
    ///
    /// - Throws: `ArchiveError.limit` once more than `limit` bytes come out.
    package static func decompress(
        path: String,
        limit: Int,
        into body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let file = try FileProducer(path: path)
        try run(
            name: path.split(separator: "/").last.map(String.init) ?? path,
            limit: limit,
            producer: { try file.next() },
            into: body
        )
    }

    /// Decompresses bytes in memory to bytes in memory.
    package static func decompress(_ bytes: [UInt8], name: String, limit: Int) throws -> [UInt8] {
        let memory = MemoryProducer(bytes)
        var out: [UInt8] = []
        try run(name: name, limit: limit, producer: { memory.next() }, into: { out.append(contentsOf: $0) })
        return out
    }

    private final class Source {
        let produce: ArchiveReader.Producer
        var error: (any Error)?
        init(_ produce: @escaping ArchiveReader.Producer) { self.produce = produce }
    }

    private static func run(
        name: String,
        limit: Int,
        producer: @escaping ArchiveReader.Producer,
        into body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard let handle = archive_read_new() else {
            throw ArchiveError(.unreadable, archive: name, detail: "out of memory")
        }
        defer { archive_read_free(handle) }
        archive_read_support_format_raw(handle)
        archive_read_support_format_empty(handle)
        archive_read_support_filter_gzip(handle)
        archive_read_support_filter_xz(handle)
        archive_read_support_filter_lzma(handle)
        archive_read_support_filter_zstd(handle)
        archive_read_support_filter_bzip2(handle)
        let source = Source(producer)
        func check(_ status: Int32) throws {
            if status == ARCHIVE_OK { return }
            if let error = source.error { throw error }
            let text = archive_error_string(handle).map { String(cString: $0) } ?? "error \(status)"
            throw ArchiveError(.malformed, archive: name, detail: text)
        }
        try withExtendedLifetime(source) {
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
            if status == ARCHIVE_EOF { return }
            try check(status)
            var total = 0
            while true {
                var buffer: UnsafeRawPointer?
                var size = 0
                var offset: Int64 = 0
                let status = archive_read_data_block(handle, &buffer, &size, &offset)
                if status == ARCHIVE_EOF { return }
                try check(status)
                total += size
                if total > limit {
                    throw ArchiveError(.limit, archive: name, detail: "it expands to more than \(limit) bytes")
                }
                if size > 0 { try body(UnsafeRawBufferPointer(start: buffer, count: size)) }
            }
        }
    }
}
