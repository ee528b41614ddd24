// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// OpenPGP public keys as files have them: binary packets, ASCII armour (RFC 9580 section 6), or several of either.
package enum Keyring {
    /// More than any archive's keyring has; Debian's whole one has 56 kB.
    static let limit = 16 << 20

    private static let begin = Array("-----BEGIN PGP PUBLIC KEY BLOCK-----".utf8)
    private static let end = Array("-----END PGP PUBLIC KEY BLOCK-----".utf8)

    /// The keys as binary packets, which is the one form that gpgv reads.
    ///
    /// - Parameter name: what the file is called in messages.
    /// - Throws: `bad-keyring` for anything else than public keys, damaged armour or a wrong checksum.
    package static func binary(_ bytes: [UInt8], name: String) throws(DebianError) -> [UInt8] {
        func bad(_ what: String) -> DebianError {
            DebianError(
                "bad-keyring",
                "\(name): \(what)",
                hint: "give a file with OpenPGP public keys, binary or armoured"
            )
        }
        guard bytes.count <= limit else { throw bad("it has more than \(limit) bytes") }
        var out: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte & 0x80 != 0 {
                guard let packet = packet(in: bytes, at: position) else {
                    throw bad("byte \(position) does not begin a whole packet")
                }
                // 6 and 14 are public keys and subkeys, 13 and 17 identities, 2 signatures, 12 trust, 10 and 21 padding.
                guard [2, 6, 10, 12, 13, 14, 17, 21].contains(packet.tag) else {
                    throw bad(
                        packet.tag == 5 || packet.tag == 7
                            ? "it holds a secret key" : "it holds a packet of type \(packet.tag)"
                    )
                }
                out += bytes[position..<packet.end]
                position = packet.end
            } else if bytes[position...].starts(with: begin) {
                let (block, next) = try armoured(in: bytes, at: position, bad)
                out += try binary(block, name: name)
                position = next
            } else {
                // Between blocks, lines of text are comments.
                position = (bytes[position...].firstIndex(of: 0x0A) ?? bytes.count - 1) + 1
            }
        }
        guard !out.isEmpty else { throw bad("it holds no key") }
        return out
    }

    /// A packet's tag and where it ends (RFC 9580 section 4.2); nil when it runs out of the bytes.
    private static func packet(in bytes: [UInt8], at start: Int) -> (tag: UInt8, end: Int)? {
        var position = start + 1
        func byte() -> Int? {
            guard position < bytes.count else { return nil }
            defer { position += 1 }
            return Int(bytes[position])
        }
        func number(_ count: Int) -> Int? {
            var value = 0
            for _ in 0..<count {
                guard let next = byte() else { return nil }
                value = value << 8 | next
            }
            return value
        }
        let tag: UInt8
        let length: Int?
        if bytes[start] & 0x40 != 0 {
            tag = bytes[start] & 0x3F
            guard let first = byte() else { return nil }
            switch first {
            case ..<192: length = first
            case ..<224: length = byte().map { (first - 192) << 8 + $0 + 192 }
            case 255: length = number(4)
            default: length = nil  // Partial lengths are for data only.
            }
        } else {
            tag = bytes[start] >> 2 & 0x0F
            let kind = Int(bytes[start] & 3)
            length = kind == 3 ? nil : number(1 << kind)
        }
        guard let length, length <= bytes.count - position else { return nil }
        return (tag, position + length)
    }

    /// Decodes one armoured block; its optional CRC-24 must fit.
    private static func armoured(
        in bytes: [UInt8],
        at start: Int,
        _ bad: (String) -> DebianError
    ) throws(DebianError) -> (block: [UInt8], next: Int) {
        var position = start
        func line() -> ArraySlice<UInt8>? {
            guard position < bytes.count else { return nil }
            let stop = bytes[position...].firstIndex(of: 0x0A) ?? bytes.count
            var line = bytes[position..<stop]
            position = min(stop + 1, bytes.count)
            while let last = line.last, last == 0x0D || last == 0x20 || last == 0x09 { line.removeLast() }
            return line
        }
        _ = line()
        // Headers such as `Comment:` end with an empty line.
        while true {
            guard let header = line() else { throw bad("an armoured block ends in its headers") }
            if header.isEmpty { break }
        }
        var text: [UInt8] = []
        var sum: [UInt8]?
        while true {
            guard let next = line() else { throw bad("an armoured block has no end") }
            if next.starts(with: end) { break }
            if next.first == UInt8(ascii: "="), next.count == 5 {
                sum = Base64.decode(Array(next.dropFirst()))
            } else {
                text += next
            }
        }
        guard let block = Base64.decode(text) else { throw bad("an armoured block is not base64") }
        if let sum {
            let crc = crc24(block)
            guard sum == [UInt8(crc >> 16 & 0xFF), UInt8(crc >> 8 & 0xFF), UInt8(crc & 0xFF)] else {
                throw bad("an armoured block does not fit its checksum")
            }
        }
        return (block, position)
    }

    /// RFC 9580 section 6.1.1.
    private static func crc24(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xB704CE
        for byte in bytes {
            crc ^= UInt32(byte) << 16
            for _ in 0..<8 {
                crc <<= 1
                if crc & 0x100_0000 != 0 { crc ^= 0x186_4CFB }
            }
        }
        return crc & 0xFF_FFFF
    }
}
