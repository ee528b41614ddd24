// SPDX-License-Identifier: Apache-2.0

/// How two versions may relate for a dependency to hold: a set, since `>=` is greater or equal.
///
/// apk-package(5), "DEPENDENCIES": `=`, `<`, `<=`, `>`, `>=`, `~` (the given components must match), `><` (the package's
/// checksum must match).
package struct Comparison: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let equal = Comparison(rawValue: 1)
    package static let less = Comparison(rawValue: 2)
    package static let greater = Comparison(rawValue: 4)
    /// The wanted version may be a prefix of the one there is.
    package static let fuzzy = Comparison(rawValue: 8)

    /// Any version will do.
    package static let any: Comparison = [.equal, .less, .greater]
    /// Not a version but a checksum is compared.
    package static let checksum: Comparison = [.less, .greater]

    /// Reads an operator; nil for what is none.
    package init?(_ text: some Sequence<UInt8>) {
        var value: Comparison = []
        for byte in text {
            switch byte {
            case UInt8(ascii: "<"): value.insert(.less)
            case UInt8(ascii: ">"): value.insert(.greater)
            case UInt8(ascii: "="): value.insert(.equal)
            case UInt8(ascii: "~"): value.formUnion([.fuzzy, .equal])
            default: return nil
            }
        }
        if value.isEmpty { return nil }
        self = value
    }

    /// The operator as apk writes it.
    package var text: String {
        switch self {
        case .any: return ""
        case .checksum: return "><"
        default: break
        }
        var out = contains(.less) ? "<" : contains(.greater) ? ">" : ""
        if contains(.fuzzy) {
            out += "~"
        } else if contains(.equal) {
            out += "="
        }
        return out
    }
}
