// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON

/// A type that values of the language are read into, and the shape that such a value has.
package protocol LanguageValue: Sendable {
    static var shape: Shape { get }
    /// Reads a value that has the shape; nil for one that has not (the validator has reported it).
    init?(_ value: Value)
}

/// A mapping of the language as a type: its fields are listed once, for reading, checking and documenting.
package protocol LanguageObject: LanguageValue {
    static var fields: [Field<Self>] { get }
    init(mark: Mark)
}

extension LanguageObject {
    package static var shape: Shape { .object(ObjectShape(fields: fields.map(\.shape))) }

    package init?(_ value: Value) {
        guard let entries = value.entries else { return nil }
        self.init(mark: value.mark)
        for entry in entries {
            guard let field = Self.fields.first(where: { $0.shape.name == entry.key }) else { continue }
            field.read(&self, entry.value)
        }
    }
}

/// One field of a `LanguageObject`.
package struct Field<Root: Sendable>: Sendable {
    package let shape: FieldShape
    let read: @Sendable (inout Root, Value) -> Void

    /// A field that may be absent.
    static func optional<T: LanguageValue>(
        _ name: String,
        _ path: any WritableKeyPath<Root, T?> & Sendable,
        _ description: String? = nil,
        defaultValue: JSON? = nil,
        examples: [String] = [],
        rule: StringRule? = nil
    ) -> Field {
        let shape = rule.map { Shape.string($0) } ?? T.shape
        return Field(
            shape: FieldShape(
                name,
                shape,
                description: description,
                defaultValue: defaultValue,
                examples: examples
            )
        ) { $0[keyPath: path] = T($1) }
    }

    /// A field that must be there and has no value of its own when it is not.
    static func needed<T: LanguageValue>(
        _ name: String,
        _ path: any WritableKeyPath<Root, T?> & Sendable,
        _ description: String? = nil
    ) -> Field {
        Field(shape: FieldShape(name, T.shape, isRequired: true, description: description)) {
            $0[keyPath: path] = T($1)
        }
    }

    /// A list or map that may be absent, which then is empty.
    static func many<T: LanguageValue>(
        _ name: String,
        _ path: any WritableKeyPath<Root, T> & Sendable,
        _ description: String? = nil,
        defaultValue: JSON? = nil
    ) -> Field {
        Field(shape: FieldShape(name, T.shape, description: description, defaultValue: defaultValue)) {
            if let value = T($1) { $0[keyPath: path] = value }
        }
    }

    /// A field that must be there.
    static func required<T: LanguageValue>(
        _ name: String,
        _ path: any WritableKeyPath<Root, T> & Sendable,
        _ description: String? = nil
    ) -> Field {
        Field(shape: FieldShape(name, T.shape, isRequired: true, description: description)) {
            if let value = T($1) { $0[keyPath: path] = value }
        }
    }
}
