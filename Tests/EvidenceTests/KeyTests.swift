// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import TestSupport
internal import Testing

@Suite("Keys")
struct KeyTests {
    private static let rfcKey = Hex.decode("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721") ?? []

    /// RFC 6979 appendix A.2.5, P-256 with SHA-256.
    @Test(arguments: [
        (
            "sample", "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
            "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
        ),
        (
            "test", "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
            "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"
        ),
    ])
    func signsWithTheNonceOfRFC6979(message: String, r: String, s: String) throws {
        let key = try PrivateKey(scalar: Self.rfcKey)
        let signature = try key.sign(Array(message.utf8))
        func integer(_ hex: String) -> [UInt8] {
            var bytes = (Hex.decode(hex) ?? [])[...]
            while bytes.first == 0 { bytes = bytes.dropFirst() }
            let sign: [UInt8] = (bytes.first ?? 0) >= 0x80 ? [0] : []
            return [0x02, UInt8(bytes.count + sign.count)] + sign + bytes
        }
        let body = integer(r) + integer(s)
        #expect(signature == [0x30, UInt8(body.count)] + body)
        #expect(key.publicKey.verify(signature: signature, message: Array(message.utf8)))
    }

    /// RFC 6979 appendix A.2.5 gives the public point (Ux, Uy).
    @Test func derivesThePublicKey() throws {
        let point =
            "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB67903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"
        let key = try PrivateKey(scalar: Self.rfcKey)
        #expect(key.publicKey.kind == .p256)
        #expect(Hex.encode(key.publicKey.der.suffix(64)) == point.lowercased())
    }

    @Test func readsWhatItWrites() throws {
        let key = try PrivateKey.generate()
        let again = try PrivateKey(pem: key.pem)
        #expect(again.der == key.der)
        #expect(try PublicKey(pem: key.publicKey.pem) == key.publicKey)
        #expect(try PrivateKey.generate().der != key.der)
    }

    @Test(.enabled(if: Shared.exists, Comment(rawValue: Shared.reason)))
    func agreesWithTheSharedVectors() throws {
        let vectors = try JSON(parsing: Shared.bytes("cosign-examples/test-vectors.json"))
        let statement = Array(try #require(vectors["statement"]?.text).utf8)
        let simple = Array(try #require(vectors["simpleSigningPayload"]?.text).utf8)
        let type = "application/vnd.in-toto+json"
        let message = Array("DSSEv1 \(type.utf8.count) \(type) \(statement.count) ".utf8) + statement
        #expect(Digest.of(message).hex == vectors["paeSha256"]?.text)

        let key = try PrivateKey(pem: Shared.bytes("cosign-examples/keys/p256.pem"))
        #expect(key.publicKey.identifier == vectors["sig"]?["p256"]?["hint"]?.text)
        #expect(Base64.encode(try key.sign(message)) == vectors["sig"]?["p256"]?["dsse"]?.text)
        #expect(Base64.encode(try key.sign(simple)) == vectors["sig"]?["p256"]?["simplesigning"]?.text)

        for name in ["p256", "ed25519", "rsa3072"] {
            let key = try PublicKey(pem: Shared.bytes("cosign-examples/keys/\(name).pub"))
            #expect(key.identifier == vectors["sig"]?[name]?["hint"]?.text)
            let signature = try #require(Base64.decode(vectors["sig"]?[name]?["dsse"]?.text ?? ""))
            #expect(key.verify(signature: signature, message: message), "\(name)")
            #expect(!key.verify(signature: signature, message: simple), "\(name)")
        }
    }

    /// What a verifier has to refuse, after the families of Project Wycheproof's ECDSA vectors.
    @Test func refusesEveryChangedSignature() throws {
        let key = try PrivateKey(scalar: Self.rfcKey)
        let message = Array("sample".utf8)
        let signature = try key.sign(message)
        for index in signature.indices {
            for bit in 0..<8 {
                var changed = signature
                changed[index] ^= 1 << UInt8(bit)
                #expect(!key.publicKey.verify(signature: changed, message: message), "byte \(index), bit \(bit)")
            }
        }
        let order = Hex.decode("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551") ?? []
        let refused: [(String, [UInt8])] = [
            ("empty", []), ("truncated", Array(signature.dropLast())), ("trailing byte", signature + [0]),
            ("r = s = 0", [0x30, 6, 2, 1, 0, 2, 1, 0]), ("r = s = 1", [0x30, 6, 2, 1, 1, 2, 1, 1]),
            ("r = order", [0x30, 38, 2, 33, 0] + order + [2, 1, 1]),
            ("negative r", [0x30, 6, 2, 1, 0xFF, 2, 1, 1]),
            ("length in long form", [0x30, 0x81] + signature.dropFirst()),
            ("raw r and s", Array(repeating: 1, count: 64)),
        ]
        for (name, bytes) in refused { #expect(!key.publicKey.verify(signature: bytes, message: message), "\(name)") }
        #expect(!key.publicKey.verify(signature: signature, message: message, digest: .sha512))
        #expect(!key.publicKey.verify(signature: signature, message: message + [0]))
    }

    @Test func refusesKeysThatAreNone() throws {
        for scalar in [[UInt8](repeating: 0, count: 32), [UInt8](repeating: 0xFF, count: 32), [1]] {
            #expect(throws: KeyError.self) { try PrivateKey(scalar: scalar) }
        }
        for text in [
            "", "-----BEGIN PUBLIC KEY-----\n", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        ] {
            #expect(throws: KeyError.self) { try PublicKey(pem: text) }
            #expect(throws: KeyError.self) { try PrivateKey(pem: text) }
        }
        let key = try PrivateKey(scalar: Self.rfcKey).publicKey
        #expect(throws: KeyError.self) { try PublicKey(der: key.der + [0]) }
        var offCurve = key.der
        offCurve[offCurve.count - 1] ^= 1
        #expect(throws: KeyError.self) { try PublicKey(der: offCurve) }
    }

    /// RFC 7914 section 12.
    @Test func derivesKeysAsRFC7914Says() throws {
        let key = try Scrypt.derive(
            password: Array("password".utf8),
            salt: Array("NaCl".utf8),
            cost: 1024,
            blockSize: 8,
            parallelization: 16,
            length: 64
        )
        #expect(
            Hex.encode(key)
                == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        )
        #expect(throws: KeyError.self) {
            try Scrypt.derive(password: [], salt: [], cost: 1 << 30, blockSize: 8, parallelization: 1, length: 32)
        }
    }

    /// The vector of NaCl's own tests (secretbox.c): key, nonce, and the first bytes of what comes out.
    @Test func sealsAsNaClDoes() throws {
        let key = try #require(Hex.decode("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389"))
        let nonce = try #require(Hex.decode("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37"))
        let message = try #require(
            Hex.decode(
                "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705"
            )
        )
        let box = try SecretBox.seal(message, key: key, nonce: nonce)
        #expect(Hex.encode(box.prefix(32)) == "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce")
        #expect(try SecretBox.open(box, key: key, nonce: nonce) == message)
        for index in box.indices {
            var changed = box
            changed[index] ^= 1
            #expect(try SecretBox.open(changed, key: key, nonce: nonce) == nil)
        }
    }

    /// RFC 4648 section 10, and texts with more than one decoding.
    @Test func encodesBase64Strictly() {
        let table = [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
        for (plain, encoded) in table {
            #expect(Base64.encode(Array(plain.utf8)) == encoded)
            #expect(Base64.decode(encoded) == Array(plain.utf8))
        }
        for bad in ["Zg", "Zg=", "Zh==", "Zm9=", "Z g=", "Zg==Zg==", "====", "Zm9v\n", "Zm-_"] {
            #expect(Base64.decode(bad) == nil, "\(bad)")
        }
    }
}
