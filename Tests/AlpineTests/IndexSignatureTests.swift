// SPDX-License-Identifier: Apache-2.0

internal import Alpine
internal import Cryptography
internal import TestSupport
internal import Testing

/// Every way in which an index can be wrong has an error of its own.
@Suite struct IndexSignatureTests {
    private static let text = "C:Q1EyN5AdpAOBJWKMR89pp/C66o+OE=\nP:a\nV:1\nA:x86_64\nS:1\nI:1\n\n"

    private func code(_ bytes: [UInt8], _ fixture: ApkFixture) -> String? {
        do {
            _ = try IndexArchive(bytes, name: "test", keyring: Keyring(fixture.keys))
            return nil
        } catch let error as AlpineError {
            return error.code
        } catch {
            return "\(error)"
        }
    }

    @Test("A good signature is accepted, SHA-1 and SHA-256", arguments: ["sha1", "sha256", "sha512"])
    func good(_ hash: String) throws {
        let fixture = try ApkFixture()
        let content = try fixture.index(Self.text)
        let archive = try IndexArchive(
            fixture.signature(over: content, hash: hash) + content,
            name: "test",
            keyring: Keyring(fixture.keys)
        )
        #expect(archive.signer == "test.rsa.pub")
        #expect(archive.entries.map(\.name) == ["a"])
    }

    @Test("One known signature among several is enough")
    func several() throws {
        let fixture = try ApkFixture()
        let content = try fixture.index(Self.text)
        let stranger = try fixture.signature(over: content, name: "stranger.rsa.pub")
        let known = try fixture.signature(over: content)
        #expect(code(stranger + known + content, fixture) == nil)
        #expect(code(known + stranger + content, fixture) == nil)
    }

    @Test("Unknown, wrong and missing signatures are told apart")
    func refused() throws {
        let fixture = try ApkFixture(keys: ["test.rsa.pub", "other.rsa.pub"])
        let content = try fixture.index(Self.text)
        let good = try fixture.signature(over: content)
        #expect(
            code(try fixture.signature(over: content, name: "stranger.rsa.pub") + content, fixture) == "unknown-key"
        )
        #expect(
            code(try fixture.signature(over: content, key: "other.rsa.pub", name: "test.rsa.pub") + content, fixture)
                == "bad-signature"
        )
        #expect(code(content, fixture) == "index-unsigned")
        #expect(code(good + (try fixture.index(Self.text + Self.text)), fixture) == "bad-signature")
        #expect(code(good, fixture) == "truncated")
        #expect(code([], fixture) == "malformed-index")
        #expect(code(Array("ADBd....".utf8), fixture) == "unsupported-format")
    }

    @Test("A file cut anywhere is truncated or malformed, and never accepted")
    func cut() throws {
        let fixture = try ApkFixture()
        let whole = try fixture.signedIndex(Self.text)
        for count in stride(from: 1, to: whole.count, by: 7) {
            #expect(code(Array(whole[..<count]), fixture) != nil, "\(count) of \(whole.count) bytes")
        }
        #expect(code(Array(whole.dropLast(5)), fixture) == "truncated")
    }

    @Test("A file with any byte changed is never accepted")
    func changed() throws {
        let fixture = try ApkFixture()
        let whole = try fixture.signedIndex(Self.text)
        // Gzip headers hold a time, a system and flags that no content depends on, but the signature covers the second one.
        let start = try fixture.signature(over: try fixture.index(Self.text)).count
        for index in stride(from: start, to: whole.count, by: 3) {
            var bytes = whole
            bytes[index] ^= 0x41
            #expect(code(bytes, fixture) != nil, "byte \(index)")
        }
    }

    @Test("What expands without end is refused, and not expanded at all before its signature is known to be good")
    func bomb() throws {
        let fixture = try ApkFixture(keys: ["test.rsa.pub", "other.rsa.pub"])
        // An index of 130 MiB of empty lines, in as many bytes as gzip needs for them.
        let entry = ApkFixture.Entry(path: "APKINDEX", bytes: [UInt8](repeating: 0x0A, count: 130 << 20))
        let bomb = try fixture.gzip(ApkFixture.tar([entry]))
        #expect(bomb.count < 200_000)
        #expect(code(try fixture.signature(over: bomb) + bomb, fixture) == "too-large")
        #expect(
            code(try fixture.signature(over: bomb, key: "other.rsa.pub", name: "test.rsa.pub") + bomb, fixture)
                == "bad-signature"
        )
        #expect(code(bomb, fixture) == "index-unsigned")
    }

    @Test("More signatures than anybody makes are refused")
    func manySignatures() throws {
        let fixture = try ApkFixture()
        let content = try fixture.index(Self.text)
        let signature = try fixture.signature(over: content)
        #expect(code((0..<17).flatMap { _ in signature } + content, fixture) == "malformed-index")
    }

    @Test("Lines that are none, and entries without checksum or version, are refused with their place")
    func malformed() throws {
        for text in [
            "P:a\nV:1\n\n", "C:Q1EyN5AdpAOBJWKMR89pp/C66o+OE=\nP:a\n\n", "P:a\nnonsense\n\n", "C:Q1zz\nP:a\nV:1\n\n",
        ] {
            #expect(throws: AlpineError.self) { try IndexReader.read(Array(text.utf8), source: "test") }
        }
    }

    @Test("An index of 5,400 entries is read in less than 100 ms")
    func speed() throws {
        var text = ""
        for number in 0..<5400 {
            let checksum = Checksum(.of("\(number)", .sha1))
            text +=
                "C:\(checksum)\nP:package-\(number)\nV:1.\(number).3-r2\nA:x86_64\nS:\(number * 17)\nI:\(number * 40)\n"
            text +=
                "T:A package that stands for many\nU:https://example.org/package-\(number)\nL:MIT AND GPL-2.0-or-later\n"
            text += "o:package-\(number / 3)\nm:Somebody <somebody@example.org>\nt:1700000000\n"
            text += "c:0123456789abcdef0123456789abcdef01234567\n"
            text += "D:so:libc.musl-x86_64.so.1 so:libcrypto.so.3 so:libssl.so.3 package-\(number / 2)>=1.2 /bin/sh\n"
            text +=
                "p:cmd:program-\(number)=1.\(number).3-r2 so:libpackage-\(number).so.1=1.0.\(number) pc:package-\(number)=1.3\n\n"
        }
        let bytes = Array(text.utf8)
        var best = Duration.seconds(10)
        for _ in 0..<5 {
            let clock = ContinuousClock()
            var count = 0
            let time = try clock.measure { count = try IndexReader.read(bytes, source: "test").count }
            #expect(count == 5400)
            best = min(best, time)
        }
        print("index of 5,400 entries, \(bytes.count) bytes: \(best)")
    }
}
