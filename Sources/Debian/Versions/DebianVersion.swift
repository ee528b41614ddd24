// SPDX-License-Identifier: Apache-2.0

/// A Debian version number, `[epoch:]upstream[-revision]` (Debian Policy 5.6.12), ordered as dpkg orders it.
package struct DebianVersion: Comparable, Sendable, CustomStringConvertible {
    package let text: String

    /// Takes any text: what a signed index says is ordered even where Policy would not allow it, as apt does.
    package init(_ text: String) { self.text = text }

    package var description: String { text }

    /// The number before the first colon; 0 where there is none.
    package var epoch: String? {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        return String(text[..<colon])
    }

    /// The part between the epoch and the last hyphen.
    package var upstream: String {
        var rest = text[...]
        if let colon = rest.utf8.firstIndex(of: UInt8(ascii: ":")) { rest = rest[rest.index(after: colon)...] }
        if let hyphen = rest.utf8.lastIndex(of: UInt8(ascii: "-")) { rest = rest[..<hyphen] }
        return String(rest)
    }

    /// The part after the last hyphen; nil in a native package's version.
    package var revision: String? {
        var rest = text[...]
        if let colon = rest.utf8.firstIndex(of: UInt8(ascii: ":")) { rest = rest[rest.index(after: colon)...] }
        guard let hyphen = rest.utf8.lastIndex(of: UInt8(ascii: "-")) else { return nil }
        return String(rest[rest.index(after: hyphen)...])
    }

    /// The reason why dpkg would refuse this as a version, or nil.
    package var problem: String? {
        if text.isEmpty { return "it is empty" }
        if let epoch {
            if epoch.isEmpty { return "its epoch is empty" }
            guard epoch.utf8.allSatisfy({ (0x30...0x39).contains($0) }), epoch.utf8.count < 10 else {
                return "its epoch is not a number"
            }
        }
        let upstream = upstream
        guard let first = upstream.utf8.first else { return "it has no upstream version" }
        guard (0x30...0x39).contains(first) else { return "its upstream version does not start with a digit" }
        guard upstream.utf8.allSatisfy({ VersionOrder.isLetterOrDigit($0) || "-+._~:.".utf8.contains($0) }) else {
            return "its upstream version has a character that is not allowed"
        }
        if let revision {
            if revision.isEmpty { return "its revision is empty" }
            guard revision.utf8.allSatisfy({ VersionOrder.isLetterOrDigit($0) || "+.~_".utf8.contains($0) }) else {
                return "its revision has a character that is not allowed"
            }
        }
        return nil
    }

    package static func == (a: DebianVersion, b: DebianVersion) -> Bool { VersionOrder.compare(a.text, b.text) == 0 }
    package static func < (a: DebianVersion, b: DebianVersion) -> Bool { VersionOrder.compare(a.text, b.text) < 0 }
}
