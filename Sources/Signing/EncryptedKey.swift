// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography

/// cosign's encrypted private key: PKCS #8 in a NaCl secret box whose key comes from a password by scrypt
/// (go-securesystemslib, encrypted/encrypted.go).
package enum EncryptedKey {
    package static let label = "ENCRYPTED SIGSTORE PRIVATE KEY"
    /// Older cosign versions wrote this one.
    package static let olderLabel = "ENCRYPTED COSIGN PRIVATE KEY"

    /// The cost that cosign writes itself.
    private static let cost = 65_536
    private static let blockSize = 8
    private static let parallelization = 1

    /// The PEM text that both cosigns read.
    package static func seal(_ key: PrivateKey, password: [UInt8]) throws(KeyError) -> String {
        let salt = try SecureRandom.bytes(32)
        let nonce = try SecureRandom.bytes(24)
        let secret = try Scrypt.derive(
            password: password,
            salt: salt,
            cost: cost,
            blockSize: blockSize,
            parallelization: parallelization,
            length: 32
        )
        let box = try SecretBox.seal(key.der, key: secret, nonce: nonce)
        let json = JSON.object([
            (
                "kdf",
                .object([
                    ("name", "scrypt"),
                    (
                        "params",
                        .object([
                            ("N", .integer(cost)), ("r", .integer(blockSize)), ("p", .integer(parallelization)),
                        ])
                    ),
                    ("salt", .string(Base64.encode(salt))),
                ])
            ),
            ("cipher", .object([("name", "nacl/secretbox"), ("nonce", .string(Base64.encode(nonce)))])),
            ("ciphertext", .string(Base64.encode(box))),
        ])
        return PEM(label: label, bytes: json.compact).text
    }

    /// Opens the body of such a PEM block.
    package static func open(_ body: [UInt8], password: [UInt8]) throws(KeyError) -> PrivateKey {
        guard body.count <= 1 << 16, let json = try? JSON(parsing: body) else {
            throw KeyError(.malformed, "the encrypted key is not JSON")
        }
        guard json["kdf"]?["name"]?.text == "scrypt", json["cipher"]?["name"]?.text == "nacl/secretbox" else {
            throw KeyError(.unsupported, "its encryption is not scrypt with nacl/secretbox")
        }
        let parameters = json["kdf"]?["params"]
        guard let salt = json["kdf"]?["salt"]?.text.flatMap({ Base64.decode($0) }),
            let nonce = json["cipher"]?["nonce"]?.text.flatMap({ Base64.decode($0) }),
            let box = json["ciphertext"]?.text.flatMap({ Base64.decode($0) }),
            let cost = parameters?["N"]?.int, let blockSize = parameters?["r"]?.int,
            let parallelization = parameters?["p"]?.int
        else { throw KeyError(.malformed, "the encrypted key lacks a parameter") }
        let secret = try Scrypt.derive(
            password: password,
            salt: salt,
            cost: cost,
            blockSize: blockSize,
            parallelization: parallelization,
            length: 32
        )
        guard let plain = try SecretBox.open(box, key: secret, nonce: nonce) else {
            throw KeyError(.wrongPassword, "the password is wrong, or the file was changed")
        }
        return try PrivateKey(der: plain)
    }
}

extension PrivateKey {
    /// Reads a key file: PKCS #8, plain or encrypted with a password (RFC 5958), or encrypted as cosign does.
    ///
    /// - Parameter password: asked only for an encrypted key.
    package static func read(_ text: [UInt8], password: () throws -> [UInt8]?) throws -> PrivateKey {
        let block = try PEM(first: text)
        let isCosigns = block.label == EncryptedKey.label || block.label == EncryptedKey.olderLabel
        guard isCosigns || block.label == "ENCRYPTED PRIVATE KEY" else { return try PrivateKey(pem: text) }
        guard let password = try password() else {
            throw KeyError(.wrongPassword, "it is encrypted and no password was given")
        }
        return isCosigns
            ? try EncryptedKey.open(block.bytes, password: password)
            : try PrivateKey(encryptedDER: block.bytes, password: password)
    }
}
