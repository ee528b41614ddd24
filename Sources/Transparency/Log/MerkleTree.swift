// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// The hashes of RFC 6962 section 2.1: SHA-256 with one byte in front, so that a leaf is never a node.
package enum MerkleTree {
    package static func leaf(_ entry: [UInt8]) -> [UInt8] { Digest.of([0] + entry).bytes }
    package static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { Digest.of([1] + left + right).bytes }

    /// The root that an inclusion proof leads to (RFC 9162 section 2.1.3.2).
    ///
    /// - Parameters:
    ///   - index: of the leaf, from 0.
    ///   - size: the number of leaves.
    /// - Returns: nil when the path does not have the length that index and size ask for.
    package static func root(leaf: [UInt8], index: Int, size: Int, path: [[UInt8]]) -> [UInt8]? {
        guard index >= 0, index < size else { return nil }
        var position = index
        var last = size - 1
        var hash = leaf
        for sibling in path {
            if last == 0 { return nil }
            if position & 1 == 1 || position == last {
                hash = node(sibling, hash)
                while position & 1 == 0 && position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                hash = node(hash, sibling)
            }
            position >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }
}
