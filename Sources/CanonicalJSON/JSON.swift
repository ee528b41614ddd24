// SPDX-License-Identifier: Apache-2.0

/// A JSON value (RFC 8259) as canonical documents have it (RFC 8785): names appear once, and a number is one that a double can
/// be, or a whole one of 64 bits, which keeps all its digits. Documents of our own have whole numbers only.
package enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    /// Finite, and no value of `integer`.
    case number(Double)
    case string(String)
    case array([JSON])
    /// Members in the order in which they were given; the writer sorts unless told otherwise.
    case object([(String, JSON)])

    package static func == (a: JSON, b: JSON) -> Bool { a.canonical == b.canonical }
    package func hash(into hasher: inout Swift.Hasher) { hasher.combine(canonical) }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSON {
    /// An object without the members whose value is nil.
    package static func members(_ members: [(String, JSON?)]) -> JSON {
        .object(members.compactMap { name, value in value.map { (name, $0) } })
    }

    package static func strings(_ values: some Sequence<String>) -> JSON { .array(values.map { .string($0) }) }

    /// A string map, in byte order of its keys.
    package static func map(_ values: [String: String]) -> JSON {
        .object(values.sorted { precedes($0.key, $1.key) }.map { ($0.key, .string($0.value)) })
    }

    package subscript(_ key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.0 == key }?.1
    }

    package subscript(_ index: Int) -> JSON? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }

    package var text: String? { if case .string(let value) = self { value } else { nil } }
    package var int: Int? { if case .integer(let value) = self { value } else { nil } }
    package var boolean: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var elements: [JSON]? { if case .array(let values) = self { values } else { nil } }
    package var members: [(String, JSON)]? { if case .object(let members) = self { members } else { nil } }

    /// RFC 8785 sorts property names by UTF-16 code units, not by code points: they differ above U+FFFF.
    package static func precedes(_ a: String, _ b: String) -> Bool {
        var (a, b) = (a, b)
        return a.withUTF8 { left in
            b.withUTF8 { right in
                let count = min(left.count, right.count)
                guard let place = (0..<count).first(where: { left[$0] != right[$0] }) else {
                    return left.count < right.count
                }
                let (x, y) = (left[place], right[place])
                // Below U+E000, whose first byte is EE, bytes have the order of code units.
                if max(x, y) < 0xEE { return x < y }
                return String(decoding: left, as: UTF8.self).utf16
                    .lexicographicallyPrecedes(String(decoding: right, as: UTF8.self).utf16)
            }
        }
    }
}
