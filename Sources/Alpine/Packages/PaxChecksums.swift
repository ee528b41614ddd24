// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// The checksums that abuild-tar writes beside each entry, as pax records `APK-TOOLS.checksum.SHA1`; libarchive does not
/// hand unknown records on, so this reads the same bytes on their way to it.
///
/// It is a help against damage, not a guard: the whole stream's hash is checked. So it reads what every archive has, and
/// gives up, without a word, at the first header that it does not understand.
final class PaxChecksums {
    private enum State { case header, records, skipping, done }

    private var state = State.header
    private var block: [UInt8] = []
    /// Bytes of the records, or of content, that are still to come, padding included.
    private var remaining = 0
    private var recordsSize = 0
    private var pending: Digest?
    private var pendingSize: Int?
    /// Checksums by entry, of those entries whose headers went by and which nobody asked for yet.
    private var queue: [Digest?] = []
    private var first = 0

    /// Larger records are not read.
    private static let maximalRecords = 1 << 20

    /// The checksum of the next entry; nil where it has none or it is not known.
    func next() -> Digest? {
        guard first < queue.count else { return nil }
        first += 1
        let digest = queue[first - 1]
        if first == queue.count {
            queue.removeAll(keepingCapacity: true)
            first = 0
        }
        return digest
    }

    func feed(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch state {
            case .done: return
            case .skipping:
                let count = min(remaining, rest.count)
                rest = rest.dropFirst(count)
                remaining -= count
                if remaining == 0 { state = .header }
            case .header:
                take(512, from: &rest)
                if block.count == 512 {
                    header()
                    block.removeAll(keepingCapacity: true)
                }
            case .records:
                take(remaining, from: &rest)
                if block.count == remaining {
                    records(block.prefix(recordsSize))
                    block.removeAll(keepingCapacity: true)
                    state = .header
                }
            }
        }
    }

    private func take(_ count: Int, from rest: inout Slice<UnsafeRawBufferPointer>) {
        let part = rest.prefix(count - block.count)
        block.append(contentsOf: part)
        rest = rest.dropFirst(part.count)
    }

    private func header() {
        guard block[0] != 0, let sum = octal(148, 8), sum == checksum, let stated = octal(124, 12) else {
            state = .done
            return
        }
        let type = block[156]
        let isRecords = type == UInt8(ascii: "x")
        let size = isRecords ? stated : pendingSize ?? stated
        let padded = size.addingReportingOverflow(511)
        guard size >= 0, !padded.overflow else {
            state = .done
            return
        }
        remaining = padded.partialValue / 512 * 512
        recordsSize = size
        switch type {
        case UInt8(ascii: "x") where size <= Self.maximalRecords: state = remaining == 0 ? .header : .records
        case UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "L"), UInt8(ascii: "K"):
            state = remaining == 0 ? .header : .skipping
        default:
            // Links and directories have no content, whatever their header says of a size.
            if (UInt8(ascii: "1")...UInt8(ascii: "6")).contains(type) { remaining = 0 }
            queue.append(pending)
            pending = nil
            pendingSize = nil
            state = remaining == 0 ? .header : .skipping
        }
    }

    /// The sum of the header's bytes, its own field counted as blanks.
    private var checksum: Int {
        block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element)) }
    }

    /// nil for the base-256 form as well: that is for sizes beyond 8 GiB, which are refused anyway.
    private func octal(_ start: Int, _ count: Int) -> Int? {
        var value = 0
        for byte in block[start..<(start + count)] {
            if byte == 0x20 || byte == 0 { continue }
            guard (0x30...0x37).contains(byte) else { return nil }
            value = value << 3 | Int(byte - 0x30)
        }
        return value
    }

    /// Reads `length key=value\n` records.
    private func records(_ bytes: ArraySlice<UInt8>) {
        let checksumKey = Array("APK-TOOLS.checksum.SHA1=".utf8)
        let sizeKey = Array("size=".utf8)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            guard let blank = bytes[index...].firstIndex(of: 0x20),
                let length = Int(String(decoding: bytes[index..<blank], as: UTF8.self)), length > blank - index,
                length <= bytes.endIndex - index
            else { return }
            let content = bytes[(blank + 1)..<(index + length)]
            func value(_ key: [UInt8]) -> String? {
                guard content.starts(with: key) else { return nil }
                return String(decoding: content.dropFirst(key.count).prefix { $0 != 0x0A }, as: UTF8.self)
            }
            if let text = value(checksumKey) { pending = Digest(.sha1, hex: text) }
            if let text = value(sizeKey) { pendingSize = Int(text) }
            index += length
        }
    }
}
