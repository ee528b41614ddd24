// SPDX-License-Identifier: Apache-2.0

internal import CArchive
internal import Glibc

/// Reads ar and tar archives, whatever their compression (gzip, xz, zstd, bzip2, lzma), as a stream through libarchive.
///
/// A reader may read from the current member of another one, which is how a `.deb` (tar in ar) is read without a
/// temporary file.
package final class ArchiveReader {
    /// Gives the next bytes of the archive, or an empty buffer at its end; the buffer is valid until the next call.
    package typealias Producer = () throws -> UnsafeRawBufferPointer

    package enum Format: Sendable { case ar, tar }

    private let handle: OpaquePointer
    private let name: String
    private let limits: ArchiveLimits
    private let source: Source
    private var entries = 0
    private var total = 0

    /// What libarchive's callbacks see; its error is kept here, since nothing can be thrown through C.
    private final class Source {
        let produce: Producer
        var error: (any Error)?
        init(_ produce: @escaping Producer) { self.produce = produce }
    }

    /// Opens a file.
    package convenience init(path: String, format: Format, limits: ArchiveLimits = ArchiveLimits()) throws {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let file = try FileProducer(path: path)
        try self.init(name: name, format: format, limits: limits, producer: { try file.next() })
    }

    /// Reads bytes that are in memory.
    package convenience init(
        bytes: [UInt8],
        name: String,
        format: Format,
        limits: ArchiveLimits = ArchiveLimits()
    ) throws {
        let memory = MemoryProducer(bytes)
        try self.init(name: name, format: format, limits: limits, producer: { memory.next() })
    }

    /// Reads the current member of another reader as an archive of its own.
    package convenience init(
        memberOf outer: ArchiveReader,
        name: String,
        format: Format,
        limits: ArchiveLimits = ArchiveLimits()
    ) throws {
        try self.init(
            name: name,
            format: format,
            limits: limits,
            producer: { try outer.nextBlock() ?? .init(start: nil, count: 0) }
        )
    }

    /// Reads what `producer` gives.
    ///
    /// - Parameter isPlain: whether the bytes are the archive itself; otherwise they may be compressed.
    package init(
        name: String,
        format: Format,
        limits: ArchiveLimits,
        isPlain: Bool = false,
        producer: @escaping Producer
    ) throws {
        guard CLocale.isAvailable else {
            throw ArchiveError(.unreadable, archive: name, detail: "the C library has no C.UTF-8 locale")
        }
        guard let handle = archive_read_new() else {
            throw ArchiveError(.unreadable, archive: name, detail: "out of memory")
        }
        self.handle = handle
        self.name = name
        self.limits = limits
        self.source = Source(producer)
        switch format {
        case .ar: archive_read_support_format_ar(handle)
        case .tar:
            archive_read_support_format_tar(handle)
            // An empty tar has no block that says so.
            archive_read_support_format_empty(handle)
        }
        if !isPlain {
            archive_read_support_filter_gzip(handle)
            archive_read_support_filter_xz(handle)
            archive_read_support_filter_lzma(handle)
            archive_read_support_filter_zstd(handle)
            archive_read_support_filter_bzip2(handle)
        }
        let pointer = Unmanaged.passUnretained(source).toOpaque()
        let status = CLocale.with {
            archive_read_open(
                handle,
                pointer,
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
        }
        // All properties are there by now, so that an error here runs deinit, which frees the handle.
        guard status == ARCHIVE_OK else { throw failure(status) }
    }

    deinit { archive_read_free(handle) }

    private func failure(_ status: Int32) -> any Error {
        if let error = source.error { return error }
        let text = archive_error_string(handle).map { String(cString: $0) } ?? "error \(status)"
        return ArchiveError(.malformed, archive: name, detail: text)
    }

    /// The next member's header; nil at the end. Data of the current member that was not read is skipped.
    package func next() throws -> ArchiveEntry? {
        var entry: OpaquePointer?
        let status = CLocale.with {
            // libarchive asks errno why a name cannot be converted: nobody's earlier trouble is to answer.
            errno = 0
            return archive_read_next_header(handle, &entry)
        }
        if status == ARCHIVE_EOF { return nil }
        // WARN says that a name could not be converted; the raw bytes, which we use, are there all the same.
        guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else { throw failure(status) }
        entries += 1
        if entries > limits.entries {
            throw ArchiveError(.limit, archive: name, detail: "it has more than \(limits.entries) entries")
        }
        let result = try CLocale.with { try convert(entry) }
        if result.size < 0 || result.size > limits.total || total > limits.total - result.size {
            let path = String(decoding: result.path, as: UTF8.self)
            throw ArchiveError(
                .limit,
                archive: name,
                detail: "with '\(path)' it claims more than \(limits.total) bytes of content"
            )
        }
        total += result.size
        return result
    }

    private func convert(_ entry: OpaquePointer) throws -> ArchiveEntry {
        func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8]? {
            text.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
        }
        guard let path = bytes(archive_entry_pathname(entry)), !path.isEmpty else {
            throw ArchiveError(.malformed, archive: name, detail: "entry \(entries) has no name")
        }
        let kind: ArchiveEntry.Kind
        if let target = bytes(archive_entry_hardlink(entry)) {
            kind = .hardLink(target)
        } else {
            switch UInt32(archive_entry_filetype(entry)) {
            case 0o100000: kind = .file
            case 0o040000: kind = .directory
            case 0o120000: kind = .symlink(bytes(archive_entry_symlink(entry)) ?? [])
            case 0o020000: kind = .characterDevice
            case 0o060000: kind = .blockDevice
            case 0o010000: kind = .fifo
            case 0o140000: kind = .socket
            // ar members have no type
            default: kind = .file
            }
        }
        var xattrs: [String: [UInt8]] = [:]
        archive_entry_xattr_reset(entry)
        var xattrName: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while archive_entry_xattr_next(entry, &xattrName, &value, &size) == ARCHIVE_OK {
            guard let xattrName, let value else { continue }
            xattrs[String(cString: xattrName)] = Array(UnsafeRawBufferPointer(start: value, count: size))
        }
        return ArchiveEntry(
            path: path,
            kind: kind,
            mode: UInt16(archive_entry_perm(entry) & 0o7777),
            uid: Int(archive_entry_uid(entry)),
            gid: Int(archive_entry_gid(entry)),
            userName: archive_entry_uname(entry).map { String(cString: $0) } ?? "",
            groupName: archive_entry_gname(entry).map { String(cString: $0) } ?? "",
            mtime: Int(archive_entry_mtime(entry)),
            size: kind == .file ? Int(archive_entry_size(entry)) : 0,
            xattrs: xattrs
        )
    }

    private static let zeros = [UInt8](repeating: 0, count: 1 << 16)

    /// The next bytes of the current member's data as libarchive has them; nil at its end.
    private func nextBlock() throws -> UnsafeRawBufferPointer? {
        var buffer: UnsafeRawPointer?
        var size = 0
        var offset: Int64 = 0
        while true {
            let status = archive_read_data_block(handle, &buffer, &size, &offset)
            if status == ARCHIVE_EOF { return nil }
            guard status == ARCHIVE_OK else { throw failure(status) }
            if size > 0 { return UnsafeRawBufferPointer(start: buffer, count: size) }
        }
    }

    /// Gives the current member's data to `body`, block by block; holes of sparse files come as zeros.
    package func readData(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var position: Int64 = 0
        while true {
            var buffer: UnsafeRawPointer?
            var size = 0
            var offset: Int64 = 0
            let status = archive_read_data_block(handle, &buffer, &size, &offset)
            if status != ARCHIVE_EOF && status != ARCHIVE_OK { throw failure(status) }
            while position < offset {
                let count = min(Int(offset - position), Self.zeros.count)
                try Self.zeros.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                position += Int64(count)
            }
            if status == ARCHIVE_EOF { return }
            if size > 0 { try body(UnsafeRawBufferPointer(start: buffer, count: size)) }
            position += Int64(size)
        }
    }

    /// The current member's data in memory.
    ///
    /// - Throws: `ArchiveError.limit` when it is larger than `limit` bytes.
    package func data(limit: Int) throws -> [UInt8] {
        var out: [UInt8] = []
        try readData { block in
            if out.count + block.count > limit {
                throw ArchiveError(.limit, archive: name, detail: "a member is larger than \(limit) bytes")
            }
            out.append(contentsOf: block)
        }
        return out
    }
}
