// SPDX-License-Identifier: Apache-2.0

/// A set of code points: what one step of an expression matches.
struct ScalarSet: Sendable {
    typealias Category = Unicode.GeneralCategory

    private(set) var ranges: [ClosedRange<UInt32>] = []
    private var categories: Set<Category> = []
    /// Sets whose complement belongs to this one, such as `\D` in `[\D5]`.
    private var complements: [ScalarSet] = []
    private var isInverted = false
    /// Of a set that ignores case: the folded forms of its members, if they are few enough to list.
    private var folded: Set<UInt32>?
    private var ignoresCase = false

    private static let dotless: UInt32 = 0x131
    private static let last: UInt32 = 0x10FFFF
    static let any = ScalarSet([0...last])
    static let anyButNewline = ScalarSet([0...9, 11...last])
    static let digit = ScalarSet([0x30...0x39])
    static let word = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    /// Without the vertical tab, as in RE2.
    static let space = ScalarSet([9...10, 12...13, 32...32])

    init(_ ranges: [ClosedRange<UInt32>] = []) { self.ranges = ranges }
    init(_ scalar: UInt32) { ranges = [scalar...scalar] }
    init(categories: Set<Category>) { self.categories = categories }

    mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }

    mutating func formUnion(_ other: ScalarSet) {
        if other.isInverted {
            complements.append(other.inverted)
        } else {
            ranges += other.ranges
            categories.formUnion(other.categories)
            complements += other.complements
        }
    }

    var inverted: ScalarSet {
        var copy = self
        copy.isInverted.toggle()
        return copy
    }

    /// The same members, and those that differ from one of them by case only. An inverted set stays the complement of that.
    var ignoringCase: ScalarSet {
        var copy = self
        copy.ignoresCase = true
        copy.complements = complements.map(\.ignoringCase)
        let count = ranges.reduce(0) { $0 + $1.count }
        if count <= 1024 { copy.folded = Set(ranges.flatMap { $0.map(Self.fold) }) }
        return copy
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool { holds(scalar) != isInverted }

    private func holds(_ scalar: Unicode.Scalar) -> Bool {
        if isMember(scalar) { return true }
        // A letter without its dot is like none, though its capital is that of another.
        guard ignoresCase, scalar.value != Self.dotless else { return false }
        let fold = Self.fold(scalar.value)
        if let folded, folded.contains(fold) { return true }
        let properties = scalar.properties
        return [fold, Self.single(properties.uppercaseMapping), Self.single(properties.titlecaseMapping)].contains {
            $0.flatMap(Unicode.Scalar.init).map(isMember) ?? false
        }
    }

    private func isMember(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) }
            || !categories.isEmpty && categories.contains(scalar.properties.generalCategory)
            || complements.contains { !$0.contains(scalar) }
    }

    /// One form for all code points that Unicode's simple case folding takes for the same.
    private static func fold(_ value: UInt32) -> UInt32 {
        guard value != dotless, let scalar = Unicode.Scalar(value) else { return value }
        let upper = single(scalar.properties.uppercaseMapping).flatMap(Unicode.Scalar.init) ?? scalar
        return single(upper.properties.lowercaseMapping) ?? upper.value
    }

    private static func single(_ text: String) -> UInt32? {
        text.unicodeScalars.count == 1 ? text.unicodeScalars.first?.value : nil
    }
}
