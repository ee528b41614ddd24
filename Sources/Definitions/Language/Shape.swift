// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON

/// What a value of the language may look like. One description serves three readers: the validator, the JSON schema that
/// editors load, and the reference page, so that they cannot disagree.
package indirect enum Shape: Sendable {
    case string(StringRule)
    case integer
    case boolean
    case list(Shape)
    /// Any keys, all values alike.
    case map(Shape)
    case object(ObjectShape)
    /// A mapping whose content the language leaves to someone else (an action's arguments).
    case anything
    /// A mapping that has exactly one of these shapes.
    case exactlyOneObject([ObjectShape])
    /// Exactly one of these shapes.
    case exactlyOne([Shape])
}

/// A rule for a string beyond being one.
package struct StringRule: Sendable {
    /// The only values, in the order of the schema.
    package var values: [String]?
    /// A regular expression that must be found in it.
    package var pattern: Pattern?
    /// Well-known values: others are legal too.
    package var suggestions: [Suggestion] = []

    package struct Suggestion: Sendable {
        package var value: String
        package var title: String
        package var description: String
    }

    package static let any = StringRule()
}

/// The fields of a mapping.
package struct ObjectShape: Sendable {
    package var fields: [FieldShape]
    /// Whether a field that is not listed is an error.
    package var isClosed: Bool
    /// At least one of these must be there; empty for no such rule.
    package var anyOf: [String]

    package init(fields: [FieldShape], isClosed: Bool = true, anyOf: [String] = []) {
        self.fields = fields
        self.isClosed = isClosed
        self.anyOf = anyOf
    }

    package func field(_ name: String) -> FieldShape? { fields.first { $0.name == name } }
}

/// A field of a mapping.
package struct FieldShape: Sendable {
    package var name: String
    package var shape: Shape
    package var isRequired: Bool
    /// What it means, for the schema and the reference page.
    package var description: String?
    package var defaultValue: JSON?
    package var examples: [String]

    package init(
        _ name: String,
        _ shape: Shape,
        isRequired: Bool = false,
        description: String? = nil,
        defaultValue: JSON? = nil,
        examples: [String] = []
    ) {
        self.name = name
        self.shape = shape
        self.isRequired = isRequired
        self.description = description
        self.defaultValue = defaultValue
        self.examples = examples
    }
}
