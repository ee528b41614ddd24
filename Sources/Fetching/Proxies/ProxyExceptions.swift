// SPDX-License-Identifier: Apache-2.0

/// The hosts of `no_proxy`, read as curl reads them: names separated by commas, each of which covers the names below it,
/// with or without a dot in front; addresses, and networks as `ADDRESS/BITS`; or one `*` for everything.
struct ProxyExceptions: Sendable {
    private let all: Bool
    private let entries: [Substring]

    init(_ text: String) {
        all = text == "*"
        var entries: [Substring] = []
        // A blank ends an entry, and without a comma behind it the list.
        scan: for part in text.split(separator: ",") {
            let words = part.split { $0 == " " || $0 == "\t" }
            if let first = words.first { entries.append(first) }
            if words.count > 1 { break scan }
        }
        self.entries = entries
    }

    /// - Parameter host: in lower case; an IPv6 address with its brackets.
    func contains(_ host: String) -> Bool {
        if all { return true }
        if let address = HostAddress(host) { return entries.contains { Self.covers($0, address) } }
        let name = Self.withoutDot(host[...])
        return entries.contains { Self.covers($0, name) }
    }

    private static func withoutDot(_ name: Substring) -> Substring { name.hasSuffix(".") ? name.dropLast() : name }

    private static func covers(_ entry: Substring, _ name: Substring) -> Bool {
        var entry = withoutDot(Substring(entry.lowercased()))
        if entry.hasPrefix(".") { entry = entry.dropFirst() }
        guard !entry.isEmpty, name.hasSuffix(entry) else { return false }
        return name.utf8.count == entry.utf8.count || name.dropLast(entry.count).hasSuffix(".")
    }

    private static func covers(_ entry: Substring, _ address: HostAddress) -> Bool {
        let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let network = HostAddress(String(parts[0])), network.bytes.count == address.bytes.count else {
            return false
        }
        var bits = network.bytes.count * 8
        if parts.count == 2 {
            guard let number = Int(parts[1]), number >= 0, number <= bits else { return false }
            // curl's reading: a network of no bits is one address.
            if number > 0 { bits = number }
        }
        for (index, pair) in zip(network.bytes, address.bytes).enumerated() {
            let counted = min(max(bits - index * 8, 0), 8)
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> counted)
            if (pair.0 ^ pair.1) & mask != 0 { return false }
        }
        return true
    }
}
