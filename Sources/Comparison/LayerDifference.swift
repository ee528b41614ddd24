// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
internal import Cryptography
package import OCI

/// The layers of two images, by what a client that has the first must pull for the second.
package struct LayerDifference: Sendable {
    package var shared: [Descriptor] = []
    /// Those of the second image only, in its order.
    package var added: [Descriptor] = []
    /// Those of the first image only.
    package var removed: [Descriptor] = []
    /// Whether the same layers lie in another order.
    package var isReordered = false

    package init(_ before: [Descriptor], _ after: [Descriptor]) {
        let old = Set(before.map(\.digest))
        let new = Set(after.map(\.digest))
        shared = after.filter { old.contains($0.digest) }
        added = after.filter { !old.contains($0.digest) }
        removed = before.filter { !new.contains($0.digest) }
        isReordered = before.map(\.digest).filter(new.contains) != shared.map(\.digest)
    }

    package var isEmpty: Bool { added.isEmpty && removed.isEmpty && !isReordered }
    /// Compressed bytes that have to be pulled.
    package var bytesToPull: Int {
        var seen: Set<Digest> = []
        return added.reduce(0) { seen.insert($1.digest).inserted ? $0 + $1.size : $0 }
    }

    package var json: JSON {
        func list(_ layers: [Descriptor]) -> JSON {
            .array(layers.map { ["digest": .string($0.digest.description), "size": .integer($0.size)] })
        }
        return [
            "shared": list(shared), "added": list(added), "removed": list(removed), "reordered": .bool(isReordered),
            "bytesToPull": .integer(bytesToPull),
        ]
    }
}
