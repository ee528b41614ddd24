// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// The names of hash algorithms in sigstore's documents (protobuf-specs, sigstore_common.proto, HashAlgorithm).
package enum SigstoreHash {
    package static func algorithm(_ name: String) -> Digest.Algorithm? {
        switch name {
        case "SHA2_256": .sha256
        case "SHA2_384": .sha384
        case "SHA2_512": .sha512
        default: nil
        }
    }

    package static func name(_ algorithm: Digest.Algorithm) -> String? {
        switch algorithm {
        case .sha256: "SHA2_256"
        case .sha384: "SHA2_384"
        case .sha512: "SHA2_512"
        case .md5, .sha1: nil
        }
    }
}
