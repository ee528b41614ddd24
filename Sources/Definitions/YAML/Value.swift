// SPDX-License-Identifier: Apache-2.0

/// A value of a YAML document with its place: what the schema is checked against and what the model is read from.
package struct Value: Sendable {
    package enum Kind: Sendable {
        case null
        case boolean(Bool)
        /// An integer; nil when it does not fit 64 bits (the schema has no bounds, so it is still an integer).
        case integer(Int?)
        /// A number with a fraction part or exponent. JSON Schema calls 3.0 an integer, so `whole` holds 3 there.
        case number(whole: Int?)
        case string
        /// What YAML 1.1 gives a type that JSON has not: a date, binary data, a set. No schema type matches it.
        case foreign(String)
        case sequence([Value])
        case mapping([Entry])
    }

    package struct Entry: Sendable {
        package var key: String
        package var mark: Mark
        package var value: Value
    }

    package var kind: Kind
    /// The scalar's text as written, without quotes; empty for collections.
    package var text: String
    package var mark: Mark
    /// Whether the text stands on one line, so that an offset in it is an offset on the line.
    package var isInline: Bool

    package init(_ kind: Kind, text: String = "", mark: Mark = Mark(), isInline: Bool = false) {
        self.kind = kind
        self.text = text
        self.mark = mark
        self.isInline = isInline
    }

    package subscript(_ key: String) -> Value? {
        guard case .mapping(let entries) = kind else { return nil }
        return entries.last { $0.key == key }?.value
    }

    package var string: String? { if case .string = kind { text } else { nil } }
    package var elements: [Value]? { if case .sequence(let values) = kind { values } else { nil } }
    package var entries: [Entry]? { if case .mapping(let entries) = kind { entries } else { nil } }

    /// The type's name in messages.
    package var typeName: String {
        switch kind {
        case .null: "nothing (null)"
        case .boolean: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .foreign(let name): name
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
