// SPDX-License-Identifier: Apache-2.0

/// An Alpine version, ordered as apk orders them.
///
/// apk-package(5): `digits{.digits}…{letter}{_suffix{digits}}…{~hash}{-r digits}`. A text that does not follow this form can
/// still be compared: what comes before the first mistake counts, as it does for apk.
package struct Version: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// What a name has that is provided without a version: apk compares it as an empty text, which is less than all.
    package static let none = Version("")

    package init(_ text: String) { self.bytes = Array(text.utf8) }
    package init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    package var description: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether the whole text follows the form.
    package var isValid: Bool {
        var tokens = VersionTokens(bytes)
        while true {
            switch tokens.current.kind {
            case .end: return true
            case .invalid: return false
            default: tokens.advance()
            }
        }
    }

    /// How this version stands to another: exactly one of `.less`, `.equal` and `.greater`.
    ///
    /// - Parameter fuzzy: let `other` be a prefix: 1.2.3 equals 1.2 then.
    package func compared(to other: Version, fuzzy: Bool = false) -> Comparison {
        var mine = VersionTokens(bytes)
        var theirs = VersionTokens(other.bytes)
        while mine.current.kind == theirs.current.kind, mine.current.kind < .end {
            let result = mine.current.compared(to: theirs.current)
            if result != .equal { return result }
            mine.advance()
            theirs.advance()
        }
        let (a, b) = (mine.current, theirs.current)
        if a.kind == b.kind { return .equal }
        if b.kind == .end && fuzzy { return .equal }
        // Everything before is equal: the longer version is the newer one, unless what follows says that it comes before
        // a release.
        if a.kind == .suffix && a.isBeforeRelease { return .less }
        if b.kind == .suffix && b.isBeforeRelease { return .greater }
        return a.kind > b.kind ? .less : .greater
    }

    /// Whether this version satisfies `comparison wanted`.
    package func satisfies(_ comparison: Comparison, _ wanted: Version) -> Bool {
        if comparison.isSuperset(of: .any) { return true }
        return !compared(to: wanted, fuzzy: comparison.contains(.fuzzy)).isDisjoint(with: comparison)
    }
}
