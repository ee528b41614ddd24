// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON

/// Writes the language as a JSON Schema (draft 2020-12), for editors and other validators.
package enum SchemaWriter {
    package static var schema: JSON {
        var members: [(String, JSON)] = [
            ("$schema", "https://json-schema.org/draft/2020-12/schema"),
            ("title", "basalt definition"),
            ("description", "A definition of a hardened image, a package or a chart, as basalt reads it."),
        ]
        members += object(Definition.shape).members ?? []
        return .object(members)
    }

    private static func object(_ shape: Shape) -> JSON {
        switch shape {
        case .string(let rule): string(rule)
        case .integer: ["type": "integer"]
        case .boolean: ["type": "boolean"]
        case .list(let element): ["type": "array", "items": object(element)]
        case .map(let element): ["type": "object", "additionalProperties": object(element)]
        case .anything: ["type": "object"]
        case .object(let shape): .object([("type", "object")] + members(shape))
        case .exactlyOneObject(let shapes):
            ["type": "object", "oneOf": .array(shapes.map { .object(members($0)) })]
        case .exactlyOne(let shapes): ["oneOf": .array(shapes.map(object))]
        }
    }

    private static func string(_ rule: StringRule) -> JSON {
        var members: [(String, JSON)] = [("type", "string")]
        if let values = rule.values { members.append(("enum", .strings(values))) }
        if let pattern = rule.pattern { members.append(("pattern", .string(pattern.source))) }
        if !rule.suggestions.isEmpty {
            let known = rule.suggestions.map { suggestion -> JSON in
                [
                    "const": .string(suggestion.value), "title": .string(suggestion.title),
                    "description": .string(suggestion.description),
                ]
            }
            members.append(("anyOf", .array(known + [["type": "string"]])))
        }
        return .object(members)
    }

    private static func members(_ shape: ObjectShape) -> [(String, JSON)] {
        var members: [(String, JSON)] = [("properties", .object(shape.fields.map { ($0.name, property($0)) }))]
        let required = shape.fields.filter(\.isRequired).map(\.name)
        if !required.isEmpty { members.append(("required", .strings(required))) }
        if !shape.anyOf.isEmpty {
            members.append(("anyOf", .array(shape.anyOf.map { ["required": [.string($0)]] })))
        }
        if shape.isClosed { members.append(("additionalProperties", false)) }
        return members
    }

    private static func property(_ field: FieldShape) -> JSON {
        var members = object(field.shape).members ?? []
        if let description = field.description { members.append(("description", .string(description))) }
        if let value = field.defaultValue { members.append(("default", value)) }
        if !field.examples.isEmpty { members.append(("examples", .strings(field.examples))) }
        return .object(members)
    }
}
