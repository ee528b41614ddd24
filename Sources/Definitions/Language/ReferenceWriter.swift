// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON

/// Writes the reference page's list of fields from the model, so that the page cannot lag behind.
package enum ReferenceWriter {
    /// Markdown: one line for each field, by its path.
    package static var fields: String {
        var out = "| field | type | meaning |\n|---|---|---|\n"
        write(Definition.shape, "", &out)
        return out
    }

    private static func write(_ shape: Shape, _ path: String, _ out: inout String) {
        switch shape {
        case .list(let element): write(element, path + "[]", &out)
        case .object(let shape):
            for field in shape.fields {
                let name = path.isEmpty ? field.name : path + "." + field.name
                var meaning = field.description ?? ""
                if field.isRequired { meaning = "**Required.** " + meaning }
                if let value = field.defaultValue {
                    meaning += " Default: `\(String(decoding: value.compact, as: UTF8.self))`."
                }
                let escaped = meaning.replacing("|", with: "\\|")
                out += "| `\(name)` | \(typeName(field.shape)) | \(escaped) |\n"
                write(field.shape, name, &out)
            }
        default: return
        }
    }

    private static func typeName(_ shape: Shape) -> String {
        switch shape {
        case .string(let rule):
            if let values = rule.values { return values.map { "`\($0)`" }.joined(separator: ", ") }
            return rule.pattern.map { "string like `\($0.source.replacing("|", with: "\\|"))`" } ?? "string"
        case .integer: return "integer"
        case .boolean: return "boolean"
        case .list(.object), .list(.exactlyOneObject): return "list of mappings"
        case .list(let element): return "list of " + plural(typeName(element))
        case .map(let element): return "map of " + plural(typeName(element))
        case .object, .anything, .exactlyOneObject: return "mapping"
        case .exactlyOne(let shapes): return shapes.map(typeName).joined(separator: " or ")
        }
    }

    private static func plural(_ name: String) -> String { name == "string" ? "strings" : name }
}
