// SPDX-License-Identifier: Apache-2.0

/// The bytes around a deflate stream that make it a gzip member (RFC 1952 section 2.3).
package enum GzipFraming {
    /// No name, no time, no extra flags, operating system "unknown": nothing that differs between machines.
    package static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

    /// Ends the deflate stream with an empty final block, then CRC-32 and the length modulo 2^32.
    package static func trailer(crc32: UInt32, size: Int) -> [UInt8] {
        var out: [UInt8] = [0x03, 0x00]
        for value in [crc32, UInt32(truncatingIfNeeded: size)] {
            for shift in [0, 8, 16, 24] as [UInt32] { out.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }
        return out
    }
}
