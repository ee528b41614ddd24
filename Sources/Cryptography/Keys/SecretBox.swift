// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// NaCl's `crypto_secretbox`: XSalsa20 with Poly1305, which cosign's encrypted private keys use.
package enum SecretBox {
    /// The box: a 16-byte tag, then the ciphertext.
    ///
    /// - Parameters: key of 32 bytes, nonce of 24.
    package static func seal(_ plaintext: [UInt8], key: [UInt8], nonce: [UInt8]) throws(KeyError) -> [UInt8] {
        let stream = try keyStream(key: key, nonce: nonce, count: 32 + plaintext.count)
        let ciphertext = zip(plaintext, stream.dropFirst(32)).map { $0 ^ $1 }
        return try tag(of: ciphertext, key: Array(stream.prefix(32))) + ciphertext
    }

    /// The plaintext; nil when the tag does not match, so when the key is wrong or a byte was changed.
    package static func open(_ box: [UInt8], key: [UInt8], nonce: [UInt8]) throws(KeyError) -> [UInt8]? {
        guard box.count >= 16 else { return nil }
        let ciphertext = Array(box.dropFirst(16))
        let stream = try keyStream(key: key, nonce: nonce, count: 32 + ciphertext.count)
        let expected = try tag(of: ciphertext, key: Array(stream.prefix(32)))
        guard CRYPTO_memcmp(expected, Array(box.prefix(16)), 16) == 0 else { return nil }
        return zip(ciphertext, stream.dropFirst(32)).map { $0 ^ $1 }
    }

    private static func tag(of message: [UInt8], key: [UInt8]) throws(KeyError) -> [UInt8] {
        guard let algorithm = EVP_MAC_fetch(nil, "POLY1305", nil), let context = EVP_MAC_CTX_new(algorithm) else {
            throw KeyError(.library, "Poly1305 is not available")
        }
        defer {
            EVP_MAC_CTX_free(context)
            EVP_MAC_free(algorithm)
        }
        var out = [UInt8](repeating: 0, count: 16)
        var length = 0
        guard EVP_MAC_init(context, key, key.count, nil) == 1, EVP_MAC_update(context, message, message.count) == 1,
            EVP_MAC_final(context, &out, &length, out.count) == 1, length == 16
        else { throw KeyError(.library, "computing a Poly1305 tag") }
        return out
    }

    // MARK: XSalsa20

    private static func keyStream(key: [UInt8], nonce: [UInt8], count: Int) throws(KeyError) -> [UInt8] {
        guard key.count == 32, nonce.count == 24 else {
            throw KeyError(.malformed, "a secret box has a key of 32 bytes and a nonce of 24")
        }
        let mixed = core(words(key), words(Array(nonce.prefix(16))), addingInput: false)
        let subkey = [0, 5, 10, 15, 6, 7, 8, 9].map { mixed[$0] }
        let rest = words(Array(nonce.suffix(8)))
        var out: [UInt8] = []
        out.reserveCapacity(count + 64)
        var block: UInt64 = 0
        while out.count < count {
            let counter = [UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32)]
            for word in core(subkey, rest + counter, addingInput: true) {
                for shift in [0, 8, 16, 24] as [UInt32] { out.append(UInt8(truncatingIfNeeded: word >> shift)) }
            }
            block += 1
        }
        return Array(out.prefix(count))
    }

    private static func words(_ bytes: [UInt8]) -> [UInt32] {
        var out: [UInt32] = []
        for start in stride(from: 0, to: bytes.count, by: 4) {
            var word: UInt32 = 0
            for offset in [3, 2, 1, 0] { word = word << 8 | UInt32(bytes[start + offset]) }
            out.append(word)
        }
        return out
    }

    /// Salsa20's permutation of "expand 32-byte k" with a key of 8 words and an input of 4 (Bernstein, "The Salsa20
    /// family of stream ciphers", section 4); HSalsa20 is the same without the last addition.
    private static func core(_ key: [UInt32], _ input: [UInt32], addingInput: Bool) -> [UInt32] {
        var start: [UInt32] = [0x6170_7865]
        start.append(contentsOf: key[0..<4])
        start.append(0x3320_646E)
        start.append(contentsOf: input)
        start.append(0x7962_2D32)
        start.append(contentsOf: key[4..<8])
        start.append(0x6B20_6574)
        var x = start
        func quarter(_ a: Int, _ b: Int, _ c: Int, _ d: Int) {
            func rotated(_ value: UInt32, _ bits: UInt32) -> UInt32 { value << bits | value >> (32 - bits) }
            x[b] ^= rotated(x[a] &+ x[d], 7)
            x[c] ^= rotated(x[b] &+ x[a], 9)
            x[d] ^= rotated(x[c] &+ x[b], 13)
            x[a] ^= rotated(x[d] &+ x[c], 18)
        }
        for _ in 0..<10 {
            quarter(0, 4, 8, 12)
            quarter(5, 9, 13, 1)
            quarter(10, 14, 2, 6)
            quarter(15, 3, 7, 11)
            quarter(0, 1, 2, 3)
            quarter(5, 6, 7, 4)
            quarter(10, 11, 8, 9)
            quarter(15, 12, 13, 14)
        }
        return addingInput ? zip(x, start).map { $0 &+ $1 } : x
    }
}
