// SPDX-License-Identifier: Apache-2.0

import Debian
import TestSupport
import Testing

@Suite("Key rings")
struct KeyringTests {
    @Test(
        "of the archive are what gpgv reads",
        .enabled(if: FakeSigningKey.isAvailable, "gpg or gpgv is not installed")
    )
    func armour() throws {
        let key = try FakeSigningKey.shared()
        #expect(try Keyring.binary(key.publicKey, name: "key") == key.publicKey)
        #expect(try Keyring.binary(try key.armoured(), name: "key") == key.publicKey)
        let other = try FakeSigningKey.other()
        #expect(
            try Keyring.binary(try key.armoured() + other.publicKey, name: "keys") == key.publicKey + other.publicKey
        )
    }

    @Test("that are damaged are refused", .enabled(if: FakeSigningKey.isAvailable, "gpg or gpgv is not installed"))
    func damage() throws {
        let key = try FakeSigningKey.shared()
        let armoured = try key.armoured()
        // One character of the base64 body exchanged: the checksum no longer fits.
        var changed = armoured
        let body = try #require(changed.firstIndex(of: 0x0A)) + 30
        changed[body] = changed[body] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        for bad in [
            Array(key.publicKey.dropLast(3)), Array(armoured.dropLast(60)), changed, [], Array("hello\n".utf8),
            [0x95, 0x00, 0x01, 0x02],
        ] {
            let error = #expect(throws: DebianError.self) { try Keyring.binary(bad, name: "key") }
            #expect(error?.code == "bad-keyring")
        }
    }

    @Test("of Debian hold the keys that its Release files are signed by")
    func anchors() throws {
        let bytes = try Keyring.binary(try FrozenArchive.keys(), name: "keys/debian")
        // Six public keys: packets with tag 6 at the top level (0x98 or 0x99 in the old format).
        var position = 0
        var keys = 0
        while position < bytes.count {
            let head = bytes[position]
            #expect(head & 0xC0 == 0x80, "gpg writes old-format packets")
            let width = 1 << Int(head & 3)
            let length = bytes[(position + 1)..<(position + 1 + width)].reduce(0) { $0 << 8 | Int($1) }
            if head >> 2 & 0x0F == 6 { keys += 1 }
            position += 1 + width + length
        }
        #expect(keys == 6)
    }
}
