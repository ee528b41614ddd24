// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// A log's signed statement of its size and root (C2SP tlog-checkpoint) in a signed note (C2SP signed-note).
package struct Checkpoint: Hashable, Sendable {
    package struct Signature: Hashable, Sendable {
        package var name: String
        /// The first four bytes of the key's identifier.
        package var keyHash: [UInt8]
        package var bytes: [UInt8]
    }

    package let origin: String
    package let size: Int
    package let root: [UInt8]
    /// The lines that are signed, with the last one's newline.
    package let text: [UInt8]
    package let signatures: [Signature]

    /// - Throws: what is wrong with it, in words.
    package init(parsing note: String) throws(TransparencyError) {
        func fail(_ reason: String) -> TransparencyError {
            TransparencyError(.logEntry, "the log's checkpoint is malformed: \(reason)")
        }
        let bytes = Array(note.utf8)
        guard bytes.count <= 1 << 16 else { throw fail("it has more than 64 KiB") }
        guard bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0A }) else { throw fail("it has a control character") }
        // The last empty line parts the text from its signatures.
        guard bytes.count > 2,
            let blank = bytes.indices.dropLast().last(where: { bytes[$0] == 0x0A && bytes[$0 + 1] == 0x0A })
        else { throw fail("it has no signatures") }
        text = Array(bytes[...blank])
        let lines = String(decoding: text.dropLast(), as: UTF8.self).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        guard lines.count >= 3 else { throw fail("it has not the three lines of origin, size and root") }
        origin = String(lines[0])
        guard !origin.isEmpty else { throw fail("it names no origin") }
        guard let size = Int(lines[1]), size >= 0, String(size) == lines[1] else { throw fail("its size is no number") }
        self.size = size
        guard let root = Base64.decode(lines[2]), root.count == 32 else { throw fail("its root is no SHA-256") }
        self.root = root
        guard bytes.last == 0x0A else { throw fail("its last line does not end") }
        let tail = String(decoding: bytes[(blank + 2)...].dropLast(), as: UTF8.self)
        var signatures: [Signature] = []
        for line in tail.split(separator: "\n", omittingEmptySubsequences: false) {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "\u{2014}", !parts[1].isEmpty, let bytes = Base64.decode(parts[2]),
                bytes.count > 4
            else { throw fail("a signature line cannot be read") }
            signatures.append(
                Signature(name: String(parts[1]), keyHash: Array(bytes.prefix(4)), bytes: Array(bytes.dropFirst(4)))
            )
        }
        guard signatures.count <= 64 else { throw fail("it has more than 64 signatures") }
        self.signatures = signatures
    }

    /// Whether one of the signatures is the log's. Others, such as witnesses', are passed over.
    func isSigned(by log: TrustedRoot.Log) -> Bool {
        guard let key = log.key else { return false }
        return signatures.contains { signature in
            guard origin == signature.name || origin.hasPrefix("\(signature.name) - "),
                Self.identifiers(of: key, named: signature.name).contains(where: { $0.starts(with: signature.keyHash) })
            else { return false }
            return log.isSignature(signature.bytes, over: text)
        }
    }

    /// Whether the log's identifier is that of its key under the checkpoint's origin.
    func isNamed(by log: TrustedRoot.Log) -> Bool {
        guard let key = log.key, let name = Self.noteIdentifier(of: key, named: origin) else { return false }
        return log.identifiers.contains { $0.count >= 4 && name.starts(with: $0) }
    }

    /// What a note may name the key by: signed-note's hash for Ed25519, and for all kinds the hash of the
    /// SubjectPublicKeyInfo, which Rekor's first version and signed-note's ECDSA use.
    private static func identifiers(of key: PublicKey, named name: String) -> [[UInt8]] {
        [key.fingerprint.bytes] + [noteIdentifier(of: key, named: name)].compactMap { $0 }
    }

    /// signed-note's hash over name, algorithm and key; nil for other kinds than Ed25519.
    private static func noteIdentifier(of key: PublicKey, named name: String) -> [UInt8]? {
        guard key.kind == .ed25519 else { return nil }
        return Digest.of(Array(name.utf8) + [0x0A, 0x01] + key.der.suffix(32)).bytes
    }
}
