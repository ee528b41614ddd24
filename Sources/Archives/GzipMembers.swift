// SPDX-License-Identifier: Apache-2.0

internal import CZlib

/// Splits a file of concatenated gzip members (RFC 1952 section 2.2), as an APK package and an APKINDEX are.
package enum GzipMembers {
    /// One member: where its compressed bytes lie.
    package struct Member: Sendable {
        /// Range in the input.
        package var range: Range<Int>
        /// The decompressed bytes.
        package var data: [UInt8]
    }

    /// - Parameters:
    ///   - limit: bound on the decompressed size of all members together, in bytes.
    ///   - count: bound on their number.
    ///   - keep: asked with a member's index whether its decompressed bytes are wanted; others are decoded and dropped.
    package static func split(
        _ bytes: [UInt8],
        name: String,
        limit: Int,
        count: Int = 16,
        keep: (Int) -> Bool = { _ in true }
    ) throws -> [Member] {
        try bytes.withUnsafeBytes { try split($0, name: name, limit: limit, count: count, keep: keep) }
    }

    package static func split(
        _ input: UnsafeRawBufferPointer,
        name: String,
        limit: Int,
        count: Int = 16,
        keep: (Int) -> Bool = { _ in true }
    ) throws -> [Member] {
        var members: [Member] = []
        var position = 0
        var total = 0
        let chunk = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 16)
        defer { chunk.deallocate() }
        while position < input.count {
            if members.count == count {
                throw ArchiveError(.limit, archive: name, detail: "it has more than \(count) gzip members")
            }
            var stream = z_stream()
            // 31: a gzip wrapper is required.
            guard inflateInit2_(&stream, 31, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
                throw ArchiveError(.unreadable, archive: name, detail: "out of memory")
            }
            defer { inflateEnd(&stream) }
            let start = position
            var data: [UInt8] = []
            let isKept = keep(members.count)
            var status = Z_OK
            while status != Z_STREAM_END {
                if stream.avail_in == 0 {
                    // avail_in is 32 bits wide; feed at most 1 GiB at a time.
                    let available = min(input.count - position, 1 << 30)
                    if available == 0 {
                        throw ArchiveError(
                            .truncated,
                            archive: name,
                            detail: "gzip member \(members.count + 1) is cut short"
                        )
                    }
                    stream.next_in = UnsafeMutablePointer(
                        mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self).advanced(by: position)
                    )
                    stream.avail_in = UInt32(available)
                }
                let before = Int(stream.avail_in)
                stream.next_out = chunk.baseAddress
                stream.avail_out = UInt32(chunk.count)
                status = inflate(&stream, Z_NO_FLUSH)
                guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                    let detail = stream.msg.map { String(cString: $0) } ?? "zlib error \(status)"
                    throw ArchiveError(.malformed, archive: name, detail: "gzip member \(members.count + 1): \(detail)")
                }
                position += before - Int(stream.avail_in)
                let produced = chunk.count - Int(stream.avail_out)
                total += produced
                if total > limit {
                    throw ArchiveError(.limit, archive: name, detail: "it expands to more than \(limit) bytes")
                }
                if isKept { data.append(contentsOf: chunk[..<produced]) }
            }
            members.append(Member(range: start..<position, data: data))
        }
        return members
    }
}
