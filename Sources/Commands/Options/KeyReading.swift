// SPDX-License-Identifier: Apache-2.0

internal import Building
internal import Cryptography
internal import Fetching

/// Reads files with keys, with errors that name the file and say when it is the other half of the pair.
enum KeyReading {
    enum Half: String {
        case `private`, `public`
        var other: Half { self == .private ? .public : .private }
        /// What `basalt key generate` ends its name with.
        var suffix: String { self == .private ? ".key" : ".pub" }
    }

    static func publicKey(_ path: String) throws -> PublicKey {
        try read(path, .public) { text in try PublicKey(pem: text) }
    }

    static func read<Key>(_ path: String, _ half: Half, parse: ([UInt8]) throws -> Key) throws -> Key {
        let text: [UInt8]
        do {
            text = try Files.read(path, limit: 1 << 20)
        } catch {
            throw BuildError(
                "no-key",
                "the \(half) key '\(path)' cannot be read: \(error.message)",
                hint: "'basalt key generate' makes a pair, NAME.key and NAME.pub"
            )
        }
        do {
            return try parse(text)
        } catch let error as KeyError {
            if String(decoding: text, as: UTF8.self).contains("\(half.other)".uppercased() + " KEY-----") {
                throw BuildError(
                    error.code,
                    "'\(path)' is a \(half.other) key, where a \(half) one is wanted",
                    hint: "give its other half, which 'basalt key generate' wrote beside it as NAME\(half.suffix)"
                )
            }
            throw BuildError(error.code, "'\(path)': \(error.message)", hint: error.hint)
        }
    }
}
