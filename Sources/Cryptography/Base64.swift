// SPDX-License-Identifier: Apache-2.0

/// Base64, RFC 4648 section 4: the standard alphabet, with padding.
package enum Base64 {
    private static let alphabet: [UInt8] = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    /// The value of each character, 255 for those outside the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    package static func encode(_ bytes: [UInt8]) -> String {
        String(decoding: encoded(bytes), as: UTF8.self)
    }

    /// The encoded text as bytes, for writers that never need a `String`.
    package static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        let count = (bytes.count + 2) / 3 * 4
        return [UInt8](unsafeUninitializedCapacity: count) { out, initialized in
            alphabet.withUnsafeBufferPointer { alphabet in
                bytes.withUnsafeBufferPointer { bytes in
                    func write(_ first: UInt8, _ second: UInt8, _ third: UInt8, at place: Int) {
                        out[place] = alphabet[Int(first >> 2)]
                        out[place + 1] = alphabet[Int((first & 3) << 4 | second >> 4)]
                        out[place + 2] = alphabet[Int((second & 15) << 2 | third >> 6)]
                        out[place + 3] = alphabet[Int(third & 63)]
                    }
                    let whole = bytes.count / 3
                    for group in 0..<whole {
                        let index = group * 3
                        write(bytes[index], bytes[index + 1], bytes[index + 2], at: group * 4)
                    }
                    let rest = bytes.count - whole * 3
                    guard rest > 0 else { return }
                    write(bytes[whole * 3], rest > 1 ? bytes[whole * 3 + 1] : 0, 0, at: whole * 4)
                    for place in count - (3 - rest)..<count { out[place] = UInt8(ascii: "=") }
                }
            }
            initialized = count
        }
    }

    /// Strict: padded, no white space, no stray bits in the last character, so that no value has two texts.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? { decode(Array(text.utf8)) }

    /// What protobuf's JSON and DSSE allow besides: the URL-safe alphabet (RFC 4648 section 5), missing padding, line breaks.
    package static func decode(lenient text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 2)
        for byte in text.utf8 {
            switch byte {
            case 0x0A, 0x0D: continue
            case UInt8(ascii: "-"): bytes.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): bytes.append(UInt8(ascii: "/"))
            default: bytes.append(byte)
            }
        }
        if bytes.last != UInt8(ascii: "=") {
            bytes.append(contentsOf: repeatElement(UInt8(ascii: "="), count: (4 - bytes.count % 4) % 4))
        }
        return decode(bytes)
    }

    package static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let values = Self.values
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 4 * 3)
        var index = 0
        while index < text.count {
            let isLast = index + 4 == text.count
            let padding =
                isLast ? (text[index + 3] != UInt8(ascii: "=") ? 0 : text[index + 2] != UInt8(ascii: "=") ? 1 : 2) : 0
            var group: UInt32 = 0
            for offset in 0..<4 {
                let value = offset >= 4 - padding ? 0 : values[Int(text[index + offset])]
                if value == 255 { return nil }
                group = group << 6 | UInt32(value)
            }
            out.append(UInt8(truncatingIfNeeded: group >> 16))
            if padding < 2 {
                out.append(UInt8(truncatingIfNeeded: group >> 8))
            } else if group & 0xFF00 != 0 {
                return nil
            }
            if padding < 1 { out.append(UInt8(truncatingIfNeeded: group)) } else if group & 0xFF != 0 { return nil }
            index += 4
        }
        return out
    }
}
