// SPDX-License-Identifier: Apache-2.0

internal import CArchive
internal import Glibc

/// Compresses a stream to one zstd frame (RFC 8878) through libarchive's filter, single-threaded: the number of threads
/// would change the bytes.
package final class ZstdWriter {
    private let handle: OpaquePointer
    private let sink: Sink
    private let name: String

    private final class Sink {
        let consume: TarWriter.Consumer
        var error: (any Error)?
        init(_ consume: @escaping TarWriter.Consumer) { self.consume = consume }
    }

    /// Name and version of the library.
    package static var identity: String {
        "libzstd \(archive_libzstd_version().map { String(cString: $0) } ?? "unknown")"
    }

    package init(name: String, level: Int, consumer: @escaping TarWriter.Consumer) throws {
        guard let handle = archive_write_new(), let entry = archive_entry_new() else {
            throw ArchiveError(.write, archive: name, detail: "out of memory")
        }
        defer { archive_entry_free(entry) }
        self.handle = handle
        self.name = name
        sink = Sink(consumer)
        archive_write_set_format_raw(handle)
        guard archive_write_add_filter_zstd(handle) == ARCHIVE_OK,
            archive_write_set_filter_option(handle, "zstd", "compression-level", String(level)) == ARCHIVE_OK
        else {
            archive_write_free(handle)
            throw ArchiveError(.write, archive: name, detail: "this libarchive was built without zstd")
        }
        archive_write_set_bytes_per_block(handle, 0)
        archive_write_set_bytes_in_last_block(handle, 1)
        let status = archive_write_open(
            handle,
            Unmanaged.passUnretained(sink).toOpaque(),
            nil,
            { archive, context, buffer, count in
                guard let context else { return -1 }
                let sink = Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
                do {
                    try sink.consume(UnsafeRawBufferPointer(start: buffer, count: count))
                    return count
                } catch {
                    sink.error = error
                    archive_set_error_message(archive, "write failed")
                    return -1
                }
            },
            nil
        )
        archive_entry_set_filetype(entry, 0o100000)
        archive_entry_set_pathname(entry, "data")
        guard status == ARCHIVE_OK, archive_write_header(handle, entry) == ARCHIVE_OK else {
            let error = failure()
            archive_write_free(handle)
            throw error
        }
    }

    deinit {
        archive_write_fail(handle)
        archive_write_free(handle)
    }

    private func failure() -> any Error {
        if let error = sink.error { return error }
        let text = archive_error_string(handle).map { String(cString: $0) } ?? "unknown error"
        return ArchiveError(.write, archive: name, detail: text)
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count > 0 else { return }
        guard archive_write_data(handle, bytes.baseAddress, bytes.count) == bytes.count else { throw failure() }
    }

    /// Ends the frame.
    package func finish() throws {
        guard archive_write_close(handle) == ARCHIVE_OK else { throw failure() }
    }
}
