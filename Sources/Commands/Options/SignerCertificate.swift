// SPDX-License-Identifier: Apache-2.0

internal import Building
internal import Cryptography
internal import Fetching
internal import Signing
internal import Transparency

/// Reads the certificate of a signing key, and refuses one that no verifier would accept.
enum SignerCertificate {
    /// - Returns: DER, the leaf first, then what else is in the file.
    static func read(_ path: String, for key: PublicKey, now: Int) throws -> [[UInt8]] {
        func fail(_ reason: String) -> BuildError {
            BuildError(
                "unusable-certificate",
                "the certificate '\(path)' cannot sign: \(reason)",
                hint: "it is for code signing, names its holder as an alternative name, and comes first in the file"
            )
        }
        let blocks = try PEM.blocks(in: Files.read(path, limit: 1 << 20)).filter { $0.label == "CERTIFICATE" }
        guard (1...16).contains(blocks.count) else { throw fail("the file holds \(blocks.count) certificates") }
        guard let leaf = Certificate(der: blocks[0].bytes) else { throw fail("its DER is damaged") }
        guard leaf.publicKey == key else { throw fail("it is for another key than the one that signs") }
        guard !leaf.isAuthority else { throw fail("it is an authority's") }
        guard leaf.allowsCodeSigning else { throw fail("its extended key usage does not allow code signing") }
        guard !CertificateIdentity.names(of: leaf).isEmpty else { throw fail("it names nobody") }
        guard let first = leaf.notBefore, let last = leaf.notAfter, (first...max(first, last)).contains(now) else {
            throw fail("it is not valid now")
        }
        return blocks.map(\.bytes)
    }
}
