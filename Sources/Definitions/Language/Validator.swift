// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// Checks a value against the language, and says everything that is wrong with it.
package struct Validator {
    private let sources: [SourceFile]
    private var problems: ProblemList

    private init(_ sources: [SourceFile], most: Int? = nil) {
        self.sources = sources
        problems = most.map { ProblemList(most: $0) } ?? ProblemList()
    }

    /// The problems of a document; none for one that the language accepts.
    package static func check(
        _ value: Value,
        against shape: Shape = Definition.shape,
        sources: [SourceFile]
    ) -> [Diagnostic] {
        var validator = Validator(sources)
        validator.check(value, shape, FieldPath())
        return validator.problems.diagnostics
    }

    /// Where in the document a value is, for messages: `contents.builds[2].pipeline`.
    struct FieldPath: CustomStringConvertible {
        var description = ""
        var isRoot: Bool { description.isEmpty }
        func appending(_ name: String) -> FieldPath {
            let short = name.unicodeScalars.count > 40 ? String(name.prefix(40)) + "…" : name
            return FieldPath(description: isRoot ? short : "\(description).\(short)")
        }
        func appending(_ index: Int) -> FieldPath { FieldPath(description: "\(description)[\(index)]") }
    }

    private mutating func check(_ value: Value, _ shape: Shape, _ path: FieldPath) {
        switch shape {
        case .string(let rule): check(value, rule, path)
        case .integer:
            switch value.kind {
            case .integer, .number(whole: .some): return
            default: mismatch(value, "an integer", path)
            }
        case .boolean:
            guard case .boolean = value.kind else { return mismatch(value, "true or false", path) }
        case .list(let element):
            guard let values = value.elements else { return mismatch(value, "a list", path) }
            for (index, value) in values.enumerated() { check(value, element, path.appending(index)) }
        case .map(let element):
            guard let entries = value.entries else { return mismatch(value, "a mapping", path) }
            for entry in entries { check(entry.value, element, path.appending(entry.key)) }
        case .anything:
            if value.entries == nil { mismatch(value, "a mapping", path) }
        case .object(let shape): check(value, shape, path)
        case .exactlyOneObject(let shapes):
            guard value.entries != nil else { return mismatch(value, "a mapping", path) }
            checkAlternatives(value, shapes, path)
        case .exactlyOne(let shapes):
            let fitting = shapes.filter { fits(value, $0) }
            if fitting.count != 1 { mismatch(value, shapes.map(Self.name).joined(separator: " or "), path) }
        }
    }

    private mutating func check(_ value: Value, _ rule: StringRule, _ path: FieldPath) {
        guard let text = value.string else { return mismatch(value, "a string", path) }
        if let values = rule.values, !values.contains(text) {
            let hint = Spelling.nearest(to: text, in: values).map { "did you mean '\($0)'?" }
            report(
                "invalid-value",
                "\(path) must be one of \(Self.list(values)), not '\(Self.short(text))'",
                value.mark,
                hint: hint
            )
        }
        if let pattern = rule.pattern, !pattern.isFound(in: text) {
            report(
                "invalid-value",
                "\(path) is '\(Self.short(text))', which does not match \(pattern.source)",
                value.mark
            )
        }
    }

    private mutating func check(_ value: Value, _ shape: ObjectShape, _ path: FieldPath) {
        guard let entries = value.entries else {
            if path.isRoot {
                return report(
                    "not-a-definition",
                    "the file holds \(value.typeName), not a mapping of fields",
                    value.mark,
                    hint: "a definition begins with fields such as 'image:' and 'contents:'"
                )
            }
            return mismatch(value, "a mapping", path)
        }
        for entry in entries {
            if let field = shape.field(entry.key) {
                check(entry.value, field.shape, path.appending(entry.key))
            } else if shape.isClosed {
                unknown(entry, shape, path)
            }
        }
        for field in shape.fields where field.isRequired && !entries.contains(where: { $0.key == field.name }) {
            let place = path.isRoot ? "the definition" : path.description
            report("missing-field", "\(place) has no '\(field.name)'", value.mark, hint: "add '\(field.name):'")
        }
        if !shape.anyOf.isEmpty, !shape.anyOf.contains(where: { name in entries.contains { $0.key == name } }) {
            report("missing-field", "\(path) needs one of \(Self.list(shape.anyOf))", value.mark)
        }
    }

    private mutating func unknown(_ entry: Value.Entry, _ shape: ObjectShape, _ path: FieldPath) {
        let names = shape.fields.map(\.name)
        let nearest = Spelling.nearest(to: entry.key, in: names)
        let place = path.isRoot ? "a definition" : "\(path)"
        let hint = nearest.map { "did you mean '\($0)'?" } ?? "the fields here are \(Self.list(names))"
        report("unknown-field", "'\(Self.short(entry.key))' is not a field of \(place)", entry.mark, hint: hint)
    }

    /// Says what is wrong with a mapping by the alternative that it means to be, which its `type` tells.
    private mutating func checkAlternatives(_ value: Value, _ shapes: [ObjectShape], _ path: FieldPath) {
        let fitting = shapes.filter { fits(value, .object($0)) }
        if fitting.count == 1 { return }
        if fitting.count > 1 {
            let type = value["type"]?.string ?? ""
            return report(
                "ambiguous-value",
                "\(path) fits \(fitting.count) descriptions of '\(type)', and must fit exactly one",
                value.mark,
                hint: "leave 'set' out: its default is REL"
            )
        }
        let type = value["type"]
        let meant = shapes.first { shape in
            type.map { value in shape.field("type").map { fits(value, $0.shape) } ?? false } ?? false
        }
        if let meant {
            check(value, meant, path)
        } else {
            let types = shapes.compactMap { $0.field("type") }.flatMap { field -> [String] in
                if case .string(let rule) = field.shape { rule.values ?? [] } else { [] }
            }
            var seen: Set<String> = []
            let names = types.filter { seen.insert($0).inserted }
            let hint = type?.string.flatMap { Spelling.nearest(to: $0, in: names) }.map { "did you mean '\($0)'?" }
            report("invalid-value", "\(path).type must be one of \(Self.list(names))", (type ?? value).mark, hint: hint)
        }
    }

    private func fits(_ value: Value, _ shape: Shape) -> Bool {
        // Only the answer counts, so no message is made.
        var validator = Validator(sources, most: 0)
        validator.check(value, shape, FieldPath())
        return validator.problems.isEmpty
    }

    // MARK: Messages

    private mutating func mismatch(_ value: Value, _ expected: String, _ path: FieldPath) {
        let given = value.text.isEmpty ? value.typeName : "\(value.typeName), \(Self.short(value.text))"
        var hint: String?
        if expected == "a string", !value.text.isEmpty {
            hint = "quote it: '\(Self.short(value.text))'"
        } else if let text = value.string, expected == "an integer" || expected == "true or false" {
            if expected == "an integer", Int(text) != nil { hint = "remove the quotes" }
            if expected != "an integer", text == "true" || text == "false" { hint = "remove the quotes" }
        } else if expected == "a list" {
            hint = "write each entry on a line of its own that begins with '- '"
        }
        let place = path.isRoot ? "the definition" : path.description
        report("wrong-type", "\(place) must be \(expected), not \(given)", value.mark, hint: hint)
    }

    private mutating func report(_ code: String, _ message: String, _ mark: Mark, hint: String? = nil) {
        guard sources.indices.contains(Int(mark.source)) else {
            return problems.add(Diagnostic(.error, code, message, hint: hint, at: SourceLocation(file: "")))
        }
        let file = sources[Int(mark.source)]
        let location = file.location(mark)
        problems.add(.error, at: location) {
            Diagnostic(.error, code, message, hint: hint, at: location, excerpt: file.line(Int(mark.line)))
        }
    }

    private static func short(_ text: String) -> String {
        let line = text.prefix { !$0.isNewline }
        return line.unicodeScalars.count > 60 || line.endIndex != text.endIndex ? String(line.prefix(60)) + "…" : text
    }

    private static func list(_ names: [String]) -> String { names.joined(separator: ", ") }

    private static func name(_ shape: Shape) -> String {
        switch shape {
        case .string: "a string"
        case .integer: "an integer"
        case .boolean: "true or false"
        case .list(.object): "a list of mappings with 'var' and 'value'"
        case .list: "a list"
        case .map, .object, .anything, .exactlyOneObject: "a mapping"
        case .exactlyOne(let shapes): shapes.map(name).joined(separator: " or ")
        }
    }
}
