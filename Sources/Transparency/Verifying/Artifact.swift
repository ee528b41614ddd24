// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography
package import Fetching
internal import Signing

/// What a bundle is said to be about: a file, or the digest of one.
package struct Artifact: Sendable {
    /// One for each algorithm that is known.
    package let digests: [Digest]
    /// The content, for signatures of keys that hash it themselves; nil when it is too large or only a digest is known.
    package let content: [UInt8]?

    private static let contentLimit = 64 << 20

    package init(digest: Digest) {
        digests = [digest]
        content = nil
    }

    package init(_ bytes: [UInt8]) {
        digests = [.of(bytes), .of(bytes, .sha384), .of(bytes, .sha512)]
        content = bytes
    }

    /// Reads a file of any size, once.
    package init(file path: String) throws(FetchError) {
        let file = try OpenFile.reading(path)
        let hashers = [Hasher(.sha256), Hasher(.sha384), Hasher(.sha512)]
        var content: [UInt8]? = []
        var offset = 0
        while true {
            let chunk = try file.bytes(offset..<offset + 1 << 20)
            if chunk.isEmpty { break }
            for hasher in hashers { hasher.update(chunk) }
            offset += chunk.count
            if offset <= Self.contentLimit { content?.append(contentsOf: chunk) } else { content = nil }
        }
        digests = hashers.map { $0.finish() }
        self.content = content
    }

    /// The type of the predicate that a statement in an envelope has about it.
    ///
    /// - Throws: where the statement does not name it among its subjects.
    func predicateType(ofStatementIn envelope: Envelope) throws(TransparencyError) -> String {
        guard envelope.payloadType == Envelope.inToto else {
            throw TransparencyError(.artifact, "the envelope holds '\(envelope.payloadType)' and no in-toto statement")
        }
        guard let statement = try? JSON(parsing: envelope.payload, depth: 64),
            let subjects = statement["subject"]?.elements, subjects.count <= 1024
        else { throw TransparencyError(.artifact, "the envelope's statement has no subjects, or more than 1024") }
        // What another version means by its members is not known (in-toto attestation, spec/v1/statement.md).
        let type = statement["_type"]?.text ?? ""
        guard type == "https://in-toto.io/Statement/v1" || type == "https://in-toto.io/Statement/v0.1" else {
            throw TransparencyError(.artifact, "the envelope's statement is of the type '\(type)', which is not known")
        }
        guard let predicateType = statement["predicateType"]?.text, !predicateType.isEmpty else {
            throw TransparencyError(.artifact, "the envelope's statement has no predicate type")
        }
        let isNamed = subjects.contains { subject in
            digests.contains { subject["digest"]?[$0.algorithm.rawValue]?.text == $0.hex }
        }
        guard isNamed else { throw TransparencyError(.artifact, "the statement is not about \(digests[0])") }
        return predicateType
    }
}
