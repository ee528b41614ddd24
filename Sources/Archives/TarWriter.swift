// SPDX-License-Identifier: Apache-2.0

internal import CArchive
internal import Glibc

/// Writes a tar stream with libarchive: ustar, and a pax header only where a path or a value does not fit one
/// (POSIX.1-2017, pax, "ustar Interchange Format").
///
/// The bytes depend on nothing but the entries: owners are numeric, times are whole seconds, and libarchive's view of the
/// locale is pinned.
package final class TarWriter {
    /// Takes the bytes of the stream as they come.
    package typealias Consumer = (UnsafeRawBufferPointer) throws -> Void

    private let handle: OpaquePointer
    private let sink: Sink
    private let name: String

    private final class Sink {
        let consume: Consumer
        var error: (any Error)?
        init(_ consume: @escaping Consumer) { self.consume = consume }
    }

    package init(name: String, consumer: @escaping Consumer) throws {
        guard CLocale.isAvailable else {
            throw ArchiveError(.write, archive: name, detail: "the C library has no C.UTF-8 locale")
        }
        guard let handle = archive_write_new() else {
            throw ArchiveError(.write, archive: name, detail: "out of memory")
        }
        self.handle = handle
        self.name = name
        self.sink = Sink(consumer)
        archive_write_set_format_pax_restricted(handle)
        archive_write_add_filter_none(handle)
        // No blocking: every byte is passed on at once, and nothing is padded to a tape record.
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
        guard status == ARCHIVE_OK else {
            let error = failure("cannot be opened")
            archive_write_free(handle)
            throw error
        }
    }

    deinit {
        // Freeing an open writer would write the end of the archive; a writer that was not finished is abandoned.
        archive_write_fail(handle)
        archive_write_free(handle)
    }

    private func failure(_ what: String) -> any Error {
        if let error = sink.error { return error }
        let text = archive_error_string(handle).map { String(cString: $0) } ?? "unknown error"
        return ArchiveError(.write, archive: name, detail: "\(what): \(text)")
    }

    /// Writes a header. For a file, exactly `size` bytes of data must follow through `write`.
    package func begin(_ entry: ArchiveEntry) throws {
        guard let native = archive_entry_new() else {
            throw ArchiveError(.write, archive: name, detail: "out of memory")
        }
        defer { archive_entry_free(native) }
        func text(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> Void) {
            let terminated = bytes.map { CChar(bitPattern: $0) } + [0]
            terminated.withUnsafeBufferPointer { if let base = $0.baseAddress { body(base) } }
        }
        var names = [entry.path]
        // Directories are written with a trailing slash, as every tar does.
        text(entry.kind == .directory && entry.path.last != 0x2F ? entry.path + [0x2F] : entry.path) {
            archive_entry_copy_pathname(native, $0)
        }
        var type: UInt32 = 0o100000
        switch entry.kind {
        case .file: break
        case .directory: type = 0o040000
        case .symlink(let target):
            type = 0o120000
            names.append(target)
            text(target) { archive_entry_copy_symlink(native, $0) }
        case .hardLink(let target):
            names.append(target)
            text(target) { archive_entry_copy_hardlink(native, $0) }
        case .characterDevice, .blockDevice, .fifo, .socket:
            throw ArchiveError(
                .unsupported,
                archive: name,
                detail: "'\(String(decoding: entry.path, as: UTF8.self))' is a device"
            )
        }
        archive_entry_set_filetype(native, type)
        archive_entry_set_perm(native, mode_t(entry.mode))
        archive_entry_set_uid(native, Int64(entry.uid))
        archive_entry_set_gid(native, Int64(entry.gid))
        archive_entry_set_mtime(native, time_t(entry.mtime), 0)
        archive_entry_set_size(native, entry.kind == .file ? Int64(entry.size) : 0)
        for (name, value) in entry.xattrs.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            value.withUnsafeBytes { archive_entry_xattr_add_entry(native, name, $0.baseAddress, $0.count) }
        }
        let status = CLocale.with {
            // Where a name cannot be converted libarchive asks errno whether memory ran out, also for what somebody left there.
            errno = 0
            return archive_write_header(handle, native)
        }
        // A name that is no UTF-8 cannot be converted; libarchive warns, and writes it raw with hdrcharset=BINARY, which is
        // what we want. Any other warning would mean a loss.
        let isBinary = names.contains { String(validating: $0, as: UTF8.self) == nil }
        guard status == ARCHIVE_OK || (status == ARCHIVE_WARN && isBinary) else {
            throw failure("header of '\(String(decoding: entry.path, as: UTF8.self))'")
        }
    }

    /// Writes data of the current file.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        let count = archive_write_data(handle, base, bytes.count)
        guard count == bytes.count else { throw failure("data") }
    }

    /// Pads the current file to a whole block, so that everything up to here has reached the consumer.
    package func endEntry() throws {
        guard archive_write_finish_entry(handle) == ARCHIVE_OK else { throw failure("end of entry") }
    }

    /// Writes the end-of-archive marker. Nothing may be written after it.
    package func finish() throws {
        guard archive_write_close(handle) == ARCHIVE_OK else { throw failure("end of archive") }
    }
}
