// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Diagnostics
internal import Packages

/// Public keys by the file name that signatures call them by, as `/etc/apk/keys` holds them (apk-keys(5)).
package struct Keyring: Sendable {
    /// The files' bytes, as they are put into an image.
    package private(set) var files: [String: [UInt8]] = [:]

    package init(_ files: [String: [UInt8]] = [:]) { self.files = files }

    package mutating func add(_ bytes: [UInt8], named name: String) { files[name] = bytes }

    /// Names of the keys with which Alpine has signed its repositories; their files belong to the deployment
    /// (`keys/alpine/`), which may leave some out.
    package static let official = [
        "4a6a0840", "5243ef4b", "524d27bb", "5261cecb", "58199dcc", "58cbb476", "58e4f17d", "5e69ca50", "60ac2099",
        "6165ee59",
        "61666e3f", "616a9724", "616abc23", "616ac3bc", "616adfeb", "616ae350", "616db30d", "66ba20fe",
    ].map { "alpine-devel@lists.alpinelinux.org-\($0).rsa.pub" }

    /// Alpine's own keys and those that the repositories name.
    ///
    /// - Throws: what `access` throws where a named key can't be had; one of Alpine's own that is not there is left out.
    static func load(for repositories: [Repository], access: any RepositoryAccess) async throws -> Keyring {
        var keyring = Keyring()
        for name in official {
            if let bytes = try? await access.key("alpine/" + name) { keyring.add(bytes, named: name) }
        }
        for entry in repositories.flatMap(\.keys) {
            let name = entry.split(separator: "/").last.map(String.init) ?? entry
            keyring.add(try await access.key(entry), named: name)
        }
        return keyring
    }

    /// Verifies that one of a file's signatures is by a key of ours.
    ///
    /// - Returns: the name of the key.
    /// - Throws: `index-unsigned` where there is no signature, `unknown-key` where none is by a known key, `bad-signature`
    ///   where a known key's signature is wrong, `bad-key` where the key's file is none.
    package func verify(_ signatures: [SignedStream.Signature], over message: [UInt8], of subject: String)
        throws(AlpineError) -> String
    {
        if signatures.isEmpty {
            throw AlpineError(.unsigned, subject, "it has no signature")
        }
        var failed: String?
        // The stronger algorithm first: SHA-1 only where there is nothing else.
        for signature in signatures.sorted(by: { $0.digest.length > $1.digest.length }) {
            guard let bytes = files[signature.key] else { continue }
            let key: PublicKey
            do {
                key = try PublicKey(pem: bytes)
            } catch {
                throw AlpineError(.badKey, subject, "the key '\(signature.key)' can't be read: \(error.message)")
            }
            guard case .rsa = key.kind else {
                throw AlpineError(.badKey, subject, "the key '\(signature.key)' is no RSA key")
            }
            if key.verify(signature: signature.bytes, message: message, digest: signature.digest) {
                return signature.key
            }
            failed = failed ?? signature.key
        }
        if let failed {
            throw AlpineError(
                .badSignature,
                subject,
                "the signature by '\(failed)' is wrong: the file was changed, or the key is another one",
                hint: "fetch it again; if it stays so, do not trust the place it comes from"
            )
        }
        let names = signatures.map { "'\($0.key)'" }.joined(separator: ", ")
        throw AlpineError(
            .unknownKey,
            subject,
            "it is signed with \(names), which is not among the known keys",
            hint: "add the key's URL to 'contents.keyring' if you trust it"
        )
    }
}
