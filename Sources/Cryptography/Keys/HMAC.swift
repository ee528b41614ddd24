// SPDX-License-Identifier: Apache-2.0

/// HMAC with SHA-256 (RFC 2104).
package enum HMAC {
    package static func sha256(key: [UInt8], _ parts: [UInt8]...) -> [UInt8] {
        let block = 64
        var padded = key.count > block ? Digest.of(key).bytes : key
        padded.append(contentsOf: repeatElement(0, count: block - padded.count))
        let hasher = Hasher(.sha256)
        hasher.update(padded.map { $0 ^ 0x36 })
        for part in parts { hasher.update(part) }
        let inner = hasher.finish().bytes
        hasher.update(padded.map { $0 ^ 0x5C })
        hasher.update(inner)
        return hasher.finish().bytes
    }
}
