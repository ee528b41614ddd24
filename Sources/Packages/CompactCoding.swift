// SPDX-License-Identifier: Apache-2.0

/// Writes numbers and byte strings one after the other, for derived files in the store: compact, and quick to read.
package struct CompactWriter {
    package private(set) var out: [UInt8]

    /// - Parameter magic: what the bytes begin with: the format's name and version.
    package init(_ magic: String) { out = Array(magic.utf8) }

    /// LEB128 of the zig-zag form.
    package mutating func integer(_ value: Int) {
        var rest = UInt(bitPattern: (value << 1) ^ (value >> 63))
        while rest >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        out.append(UInt8(rest))
    }

    package mutating func bytes(_ value: [UInt8]) {
        integer(value.count)
        out.append(contentsOf: value)
    }
}

/// Reads what `CompactWriter` wrote; everything it gives is nil where the bytes are not that.
package struct CompactReader {
    private let input: [UInt8]
    private var position: Int

    package init(_ input: [UInt8], _ magic: String) {
        self.input = input
        position = input.starts(with: magic.utf8) ? magic.utf8.count : input.count
    }

    package var isAtEnd: Bool { position == input.count }

    package mutating func integer() -> Int? {
        var value: UInt = 0
        var shift: UInt = 0
        while position < input.count, shift < 64 {
            let byte = input[position]
            position += 1
            value |= UInt(byte & 0x7F) << shift
            if byte < 0x80 { return Int(bitPattern: value >> 1) ^ -Int(bitPattern: value & 1) }
            shift += 7
        }
        return nil
    }

    /// A number of things that follow, each at least a byte long.
    package mutating func count() -> Int? {
        guard let value = integer(), value >= 0, value <= input.count - position else { return nil }
        return value
    }

    package mutating func bytes() -> [UInt8]? {
        guard let count = count() else { return nil }
        defer { position += count }
        return Array(input[position..<position + count])
    }
}
