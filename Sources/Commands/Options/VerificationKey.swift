// SPDX-License-Identifier: Apache-2.0

internal import Building
internal import Cryptography
internal import Fetching

/// Reads public keys, with errors that name the file.
enum VerificationKey {
    static func read(_ path: String) throws -> PublicKey {
        let text: [UInt8]
        do {
            text = try Files.read(path, limit: 1 << 20)
        } catch {
            throw BuildError(
                "no-key",
                "the public key '\(path)' cannot be read: \(error.message)",
                hint: "'basalt key generate' writes it beside the private one, as NAME.pub"
            )
        }
        do {
            return try PublicKey(pem: text)
        } catch {
            let isPrivate = String(decoding: text, as: UTF8.self).contains("PRIVATE KEY-----")
            throw BuildError(
                error.code,
                isPrivate ? "'\(path)' is a private key, where a public one is wanted" : "'\(path)': \(error.message)",
                hint: isPrivate
                    ? "give its public half, which 'basalt key generate' wrote beside it as NAME.pub" : error.hint
            )
        }
    }
}
