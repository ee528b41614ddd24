// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// The operating system's randomness, for keys, salts and nonces only: nothing in an image depends on it.
package enum SecureRandom {
    package static func bytes(_ count: Int) throws(KeyError) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&out, Int32(count)) == 1 else { throw KeyError(.library, "no randomness is available") }
        return out
    }
}
