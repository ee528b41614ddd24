// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Signing
internal import TestSupport
internal import Testing

/// Key files that say how much work it is to open them, and say too much. What is refused is refused before any of it.
@Suite struct HostileKeyTests {
    // DER (X.690): a tag, a length, a value.
    private static func der(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] {
        value.count < 128 ? [tag, UInt8(value.count)] + value : [tag, 0x81, UInt8(value.count)] + value
    }
    private static func sequence(_ parts: [UInt8]...) -> [UInt8] { der(0x30, parts.flatMap { $0 }) }
    private static func octets(_ count: Int) -> [UInt8] { der(0x04, [UInt8](repeating: 1, count: count)) }
    private static func integer(_ value: Int) -> [UInt8] {
        der(0x02, (0..<8).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }.drop { $0 == 0 }.withSign)
    }
    private static func object(_ hex: String) -> [UInt8] { der(0x06, Hex.decode(hex) ?? []) }

    private static let pbes2 = object("2a864886f70d01050d")
    private static let pbkdf2 = object("2a864886f70d01050c")
    private static let scrypt = object("2b06010401da47040b")
    private static let hmac = sequence(object("2a864886f70d0209"), [5, 0])
    private static let cipher = sequence(object("60864801650304012a"), octets(16))

    /// An EncryptedPrivateKeyInfo (RFC 5958) by PBES2 (RFC 8018) with this function.
    private static func file(_ function: [UInt8]) -> [UInt8] {
        sequence(sequence(pbes2, sequence(function, cipher)), octets(48))
    }

    private func kind(_ file: [UInt8]) -> KeyError.Kind? {
        do throws(KeyError) {
            _ = try PrivateKey(encryptedDER: file, password: Array("password".utf8))
            return nil
        } catch {
            return error.kind
        }
    }

    @Test func roundsAreBounded() {
        func rounds(_ count: Int) -> [UInt8] {
            Self.file(Self.sequence(Self.pbkdf2, Self.sequence(Self.octets(8), Self.integer(count), Self.hmac)))
        }
        #expect(kind(rounds(2048)) == .wrongPassword)
        for count in [0, 10_000_001, 0x7FFF_FFFF, Int.max] { #expect(kind(rounds(count)) == .unsupported, "\(count)") }
    }

    @Test func scryptIsBounded() {
        func scrypt(_ cost: Int, _ size: Int, _ lanes: Int) -> [UInt8] {
            Self.file(
                Self.sequence(
                    Self.scrypt,
                    Self.sequence(Self.octets(8), Self.integer(cost), Self.integer(size), Self.integer(lanes))
                )
            )
        }
        #expect(kind(scrypt(1024, 8, 1)) == .wrongPassword)
        for (cost, size, lanes) in [
            (1 << 22, 8, 1), (1024, 8, 17), (1 << 18, 8, 4), (2, 65, 1), (1 << 40, 1, 1), (Int.max, Int.max, Int.max),
        ] {
            #expect(kind(scrypt(cost, size, lanes)) == .unsupported)
        }
    }

    @Test(arguments: [
        (1 << 22, 8, 1), (1 << 16, 8, 9), (1 << 40, 1, 1), (-1, 8, 1), (65_536, 0, 1), (65_536, 8, 1 << 30),
        (Int.max, Int.max, Int.max),
    ])
    func sigstoresKeysAreBounded(_ cost: Int, _ size: Int, _ lanes: Int) {
        let body: JSON = [
            "kdf": [
                "name": "scrypt", "params": ["N": .integer(cost), "r": .integer(size), "p": .integer(lanes)],
                "salt": "AAAA",
            ],
            "cipher": ["name": "nacl/secretbox", "nonce": .string(Base64.encode([UInt8](repeating: 0, count: 24)))],
            "ciphertext": .string(Base64.encode([UInt8](repeating: 0, count: 200))),
        ]
        let error = #expect(throws: KeyError.self) { try EncryptedKey.open(body.compact, password: []) }
        #expect(error?.kind == .unsupported)
    }
}

extension ArraySlice<UInt8> {
    /// As an INTEGER's content: not empty, and not taken for a negative number.
    fileprivate var withSign: [UInt8] { (first ?? 0x80) >= 0x80 ? [0] + self : Array(self) }
}
