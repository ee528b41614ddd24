// SPDX-License-Identifier: Apache-2.0

internal import CZlib
internal import Glibc

/// Deflate in independent pieces: each is compressed alone, ends on a byte boundary, and the concatenation of all of them
/// is one deflate stream (RFC 1951). So pieces can be compressed in any order, on any number of cores, and kept.
package enum Deflate {
    /// What identifies the compressor's output: bytes are the same only for the same library, version and level.
    package static var identity: String { "zlib \(String(cString: zlibVersion()))" }

    /// Compresses one piece; every piece but the last of a stream ends in an empty stored block (Z_FULL_FLUSH).
    package static func compress(_ bytes: UnsafeRawBufferPointer, level: Int32) throws -> [UInt8] {
        var stream = z_stream()
        // -15: raw deflate with the largest window; 8: zlib's default memory level.
        let status = deflateInit2_(
            &stream,
            level,
            Z_DEFLATED,
            -15,
            8,
            Z_DEFAULT_STRATEGY,
            zlibVersion(),
            Int32(MemoryLayout<z_stream>.size)
        )
        guard status == Z_OK else { throw ArchiveError(.write, archive: "gzip stream", detail: "zlib error \(status)") }
        defer { deflateEnd(&stream) }
        // deflateBound assumes a finished stream; a full flush adds at most five bytes more.
        let capacity = Int(deflateBound(&stream, UInt(bytes.count))) + 16
        return try [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            stream.next_in = UnsafeMutablePointer(
                mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            )
            stream.avail_in = UInt32(bytes.count)
            stream.next_out = buffer.baseAddress
            stream.avail_out = UInt32(capacity)
            let status = deflate(&stream, Z_FULL_FLUSH)
            guard status == Z_OK, stream.avail_in == 0, stream.avail_out > 0 else {
                throw ArchiveError(.write, archive: "gzip stream", detail: "zlib error \(status)")
            }
            count = capacity - Int(stream.avail_out)
        }
    }

    /// CRC-32 (RFC 1952 section 8) of some bytes.
    package static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(CZlib.crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
    }

    /// CRC-32 of a concatenation, from the CRCs of its parts and the length of the second.
    package static func combine(_ first: UInt32, _ second: UInt32, length: Int) -> UInt32 {
        UInt32(crc32_combine(UInt(first), UInt(second), length))
    }
}
