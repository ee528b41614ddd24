// SPDX-License-Identifier: Apache-2.0

/// A range of versions in the notation of the `vers` specification (VERS, part of package-url): `vers:deb/>=1.2|<1.5`.
package struct VersionRange: Hashable, Sendable, CustomStringConvertible {
    package enum Comparator: String, Sendable, CaseIterable {
        case lessOrEqual = "<=", greaterOrEqual = ">=", notEqual = "!=", less = "<", greater = ">", equal = "="
    }

    package let text: String
    /// The scheme that orders versions: `deb`, `apk`.
    package let scheme: String
    /// nil for `*`: every version.
    package let constraints: [(comparator: Comparator, version: String)]?

    private static let limit = 64

    /// Reads a range; nil for what is none.
    package init?(_ text: String) {
        self.text = text
        guard text.hasPrefix("vers:"), let slash = text.firstIndex(of: "/") else { return nil }
        scheme = text[text.index(text.startIndex, offsetBy: 5)..<slash].lowercased()
        let rest = text[text.index(after: slash)...].filter { !$0.isWhitespace }
        guard !scheme.isEmpty, !rest.isEmpty else { return nil }
        if rest == "*" {
            constraints = nil
            return
        }
        let parts = rest.split(separator: "|", omittingEmptySubsequences: true)
        guard parts.count <= Self.limit else { return nil }
        var constraints: [(comparator: Comparator, version: String)] = []
        for part in parts {
            let comparator = Comparator.allCases.first { part.hasPrefix($0.rawValue) }
            let version = part.dropFirst(comparator?.rawValue.count ?? 0)
            guard !version.isEmpty else { return nil }
            constraints.append((comparator ?? .equal, PackageURL.decode(version) ?? String(version)))
        }
        self.constraints = constraints
    }

    package var description: String { text }

    /// Whether a version lies in the range (the specification's section "Checking if a version is contained within a range"):
    /// equalities first, then the intervals that pairs of bounds make.
    ///
    /// - Parameter compare: orders two versions of the scheme.
    package func contains(_ version: String, compare: (String, String) -> Int) -> Bool {
        guard let constraints else { return true }
        for constraint in constraints where compare(version, constraint.version) == 0 {
            switch constraint.comparator {
            case .equal, .lessOrEqual, .greaterOrEqual: return true
            case .notEqual: return false
            case .less, .greater: break
            }
        }
        let bounds = constraints.filter { $0.comparator != .equal && $0.comparator != .notEqual }
            .sorted { compare($0.version, $1.version) < 0 }
        if bounds.isEmpty { return constraints.contains { $0.comparator == .notEqual } }
        func isLower(_ comparator: Comparator) -> Bool { comparator == .greater || comparator == .greaterOrEqual }
        if let first = bounds.first, !isLower(first.comparator), compare(version, first.version) < 0 { return true }
        if let last = bounds.last, isLower(last.comparator), compare(version, last.version) > 0 { return true }
        return zip(bounds, bounds.dropFirst()).contains { low, high in
            isLower(low.comparator) && !isLower(high.comparator) && compare(version, low.version) > 0
                && compare(version, high.version) < 0
        }
    }

    package static func == (a: VersionRange, b: VersionRange) -> Bool { a.text == b.text }
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
