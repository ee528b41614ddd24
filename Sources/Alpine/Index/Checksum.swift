// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// A checksum in apk's notation: `Q1` and base64 for SHA-1, `Q2` for SHA-256, `X` in place of `Q` for hexadecimal.
///
/// The checksum of a package is that of its control stream as it lies in the file, compressed; two index entries with
/// one checksum are one package.
package struct Checksum: Hashable, Sendable, CustomStringConvertible {
    package let digest: Digest

    package init(_ digest: Digest) { self.digest = digest }

    /// Reads the notation; nil for another algorithm, a wrong length or a character that does not belong there.
    ///
    /// The last character's unused bits are not looked at, as apk does not.
    package init?(_ text: some Collection<UInt8>) {
        let bytes = Array(text)
        guard bytes.count > 2 else { return nil }
        let algorithm: Digest.Algorithm
        switch bytes[1] {
        case UInt8(ascii: "1"): algorithm = .sha1
        case UInt8(ascii: "2"): algorithm = .sha256
        default: return nil
        }
        switch bytes[0] {
        case UInt8(ascii: "Q"):
            guard let value = Self.decode(bytes[2...]), let digest = Digest(algorithm, bytes: value) else { return nil }
            self.init(digest)
        case UInt8(ascii: "X"):
            guard let digest = Digest(algorithm, hex: String(decoding: bytes[2...], as: UTF8.self)) else { return nil }
            self.init(digest)
        default: return nil
        }
    }

    package init?(_ text: String) { self.init(Array(text.utf8)) }

    /// `Q1` or `Q2` and base64.
    package var description: String { (digest.algorithm == .sha1 ? "Q1" : "Q2") + Base64.encode(digest.bytes) }
}

extension Checksum {
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, character) in alphabet.utf8.enumerated() { table[Int(character)] = UInt8(value) }
        return table
    }()

    /// Base64 as apk reads it, blind to the last character's unused bits.
    private static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var body = text
        for _ in 0..<2 where body.last == UInt8(ascii: "=") { body = body.dropLast() }
        var out: [UInt8] = []
        out.reserveCapacity(body.count * 3 / 4)
        var collected: UInt32 = 0
        var bits: UInt32 = 0
        for character in body {
            let value = values[Int(character)]
            if value == 0xFF { return nil }
            collected = collected << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                out.append(UInt8(truncatingIfNeeded: collected >> bits))
            }
        }
        return out
    }
}
