// SPDX-License-Identifier: Apache-2.0

/// A content digest: an algorithm and the bytes it produced.
///
/// The textual form is the OCI image-spec's `algorithm ":" lower-case-hex` (descriptor.md, "Digests").
package struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// A digest algorithm, named as OCI and the distributions name it.
    package enum Algorithm: String, Sendable, Hashable, CaseIterable {
        case md5, sha1, sha256, sha384, sha512

        /// The digest's length in bytes.
        package var length: Int {
            switch self {
            case .md5: 16
            case .sha1: 20
            case .sha256: 32
            case .sha384: 48
            case .sha512: 64
            }
        }
    }

    package let algorithm: Algorithm
    /// `algorithm.length` bytes.
    package let bytes: [UInt8]

    /// Wraps bytes that a hasher produced; nil when the length is not the algorithm's.
    package init?(_ algorithm: Algorithm, bytes: [UInt8]) {
        guard bytes.count == algorithm.length else { return nil }
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// Parses hexadecimal of either case; nil when it is not exactly the algorithm's length.
    package init?(_ algorithm: Algorithm, hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(algorithm, bytes: bytes)
    }

    /// Parses `sha256:…`; nil for an unknown algorithm, upper-case hex or a wrong length.
    package init?(_ text: some StringProtocol) {
        guard let colon = text.firstIndex(of: ":"), let algorithm = Algorithm(rawValue: String(text[..<colon])) else {
            return nil
        }
        let hex = text[text.index(after: colon)...]
        guard hex.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else { return nil }
        self.init(algorithm, hex: hex)
    }

    /// Lower-case hexadecimal.
    package var hex: String { Hex.encode(bytes) }
    package var description: String { "\(algorithm.rawValue):\(hex)" }

    package static func < (a: Digest, b: Digest) -> Bool {
        a.algorithm == b.algorithm
            ? a.bytes.lexicographicallyPrecedes(b.bytes) : a.algorithm.rawValue < b.algorithm.rawValue
    }
}

extension Digest: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let digest = Digest(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a digest")
        }
        self = digest
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
