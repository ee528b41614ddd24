// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
internal import Cryptography

/// Alterations, for tests of what must be refused.
extension JSON {
    /// Changes a member along a path of names and positions.
    package mutating func change(_ path: [String], _ body: (inout JSON) -> Void) {
        guard let first = path.first else { return body(&self) }
        switch self {
        case .object(var members):
            if let index = members.firstIndex(where: { $0.0 == first }) {
                members[index].1.change(Array(path.dropFirst()), body)
            } else {
                var value = JSON.object([])
                value.change(Array(path.dropFirst()), body)
                members.append((first, value))
            }
            self = .object(members)
        case .array(var elements):
            if let index = Int(first), elements.indices.contains(index) {
                elements[index].change(Array(path.dropFirst()), body)
            }
            self = .array(elements)
        default: break
        }
    }

    /// Flips one bit of a Base64 value.
    package mutating func flipBase64() {
        guard let text, var bytes = Base64.decode(text), !bytes.isEmpty else { return }
        bytes[bytes.count / 2] ^= 1
        self = .string(Base64.encode(bytes))
    }
}
