// SPDX-License-Identifier: Apache-2.0

/// A string of a definition, with its place.
package struct Text: LanguageValue, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    package var string: String
    package var mark: Mark
    /// Whether it stands on one line, unfolded, so that an offset in it is an offset on that line.
    package var isInline: Bool

    package init(_ string: String, mark: Mark = Mark(), isInline: Bool = false) {
        self.string = string
        self.mark = mark
        self.isInline = isInline
    }

    package init(stringLiteral value: String) { self.init(value) }

    package static var shape: Shape { .string(.any) }
    package init?(_ value: Value) {
        guard let string = value.string else { return nil }
        self.init(string, mark: value.mark, isInline: value.isInline)
    }

    package var description: String { string }
    package var isEmpty: Bool { string.isEmpty }
}

/// A whole number of a definition, with its place.
package struct WholeNumber: LanguageValue, Hashable {
    /// nil when it does not fit 64 bits.
    package var value: Int?
    package var text: String
    package var mark: Mark

    package static var shape: Shape { .integer }
    package init?(_ value: Value) {
        switch value.kind {
        case .integer(let number): self.value = number
        case .number(let whole): self.value = whole
        default: return nil
        }
        text = value.text
        mark = value.mark
    }

    package init(_ value: Int, mark: Mark = Mark()) {
        self.value = value
        self.text = String(value)
        self.mark = mark
    }
}

extension Bool: LanguageValue {
    package static var shape: Shape { .boolean }
    package init?(_ value: Value) {
        guard case .boolean(let flag) = value.kind else { return nil }
        self = flag
    }
}

extension Array: LanguageValue where Element: LanguageValue {
    package static var shape: Shape { .list(Element.shape) }
    package init?(_ value: Value) {
        guard let elements = value.elements else { return nil }
        self = elements.compactMap { Element($0) }
    }
}

/// A map from strings to strings, in the order of the file.
package struct TextMap: LanguageValue, Hashable {
    package struct Entry: Hashable, Sendable {
        package var name: Text
        package var value: Text

        package init(name: Text, value: Text) {
            self.name = name
            self.value = value
        }
    }

    package var entries: [Entry]

    package init(_ entries: [Entry] = []) { self.entries = entries }

    package static var shape: Shape { .map(.string(.any)) }
    package init?(_ value: Value) {
        guard let source = value.entries else { return nil }
        entries = source.compactMap { entry in
            Text(entry.value).map { Entry(name: Text(entry.key, mark: entry.mark, isInline: true), value: $0) }
        }
    }

    package subscript(_ name: String) -> Text? { entries.last { $0.name.string == name }?.value }
    package var isEmpty: Bool { entries.isEmpty }
}

/// A mapping that the language does not look into.
package struct AnyMapping: LanguageValue {
    package var value: Value
    package static var shape: Shape { .anything }
    package init?(_ value: Value) {
        guard value.entries != nil else { return nil }
        self.value = value
    }
}

/// A word of a closed list, with its place.
package struct Word<Choice: RawRepresentable & CaseIterable & Sendable & Hashable>: LanguageValue, Hashable
where Choice.RawValue == String {
    package var choice: Choice
    package var mark: Mark

    package static var shape: Shape { .string(StringRule(values: Choice.allCases.map(\.rawValue))) }
    package init?(_ value: Value) {
        guard let string = value.string, let choice = Choice(rawValue: string) else { return nil }
        self.choice = choice
        mark = value.mark
    }

    package init(_ choice: Choice, mark: Mark = Mark()) {
        self.choice = choice
        self.mark = mark
    }
}
