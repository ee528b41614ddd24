// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// The password-based key derivation of RFC 7914.
package enum Scrypt {
    /// Whether parameters, which come from a file, ask for at most 256 MiB, and for at most eight times the work of the
    /// 65,536 × 8 × 1 that cosign writes.
    static func isAffordable(cost: Int, blockSize: Int, parallelization: Int) -> Bool {
        guard cost > 1, cost <= 1 << 22, (1...64).contains(blockSize), (1...16).contains(parallelization) else {
            return false
        }
        return cost * blockSize <= 1 << 21 && cost * blockSize * parallelization <= 1 << 22
    }

    /// - Parameters:
    ///   - cost: N, a power of two.
    /// - Throws: `.unsupported` when libcrypto refuses the parameters.
    package static func derive(
        password: [UInt8],
        salt: [UInt8],
        cost: Int,
        blockSize: Int,
        parallelization: Int,
        length: Int
    ) throws(KeyError) -> [UInt8] {
        guard isAffordable(cost: cost, blockSize: blockSize, parallelization: parallelization) else {
            throw KeyError(.unsupported, "scrypt with N=\(cost), r=\(blockSize), p=\(parallelization)")
        }
        var out = [UInt8](repeating: 0, count: length)
        let ok = password.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { password in
                EVP_PBE_scrypt(
                    password.baseAddress,
                    password.count,
                    salt,
                    salt.count,
                    UInt64(cost),
                    UInt64(blockSize),
                    UInt64(parallelization),
                    256 << 20,
                    &out,
                    length
                )
            }
        }
        guard ok == 1 else {
            ERR_clear_error()
            throw KeyError(.unsupported, "scrypt with N=\(cost), r=\(blockSize), p=\(parallelization)")
        }
        return out
    }
}
