// SPDX-License-Identifier: Apache-2.0

package import Diagnostics
internal import Yams

/// Reads one YAML document into a `Value`, within limits.
package struct YAMLReader {
    let file: SourceFile
    let source: UInt16
    private let limits: ReadingLimits
    private var problems: [Diagnostic] = []
    private var remaining: Int

    private init(_ file: SourceFile, source: UInt16, limits: ReadingLimits) {
        self.file = file
        self.source = source
        self.limits = limits
        self.remaining = limits.values
    }

    /// The document's root value, and what is wrong with the file. No value when it cannot be read as YAML.
    ///
    /// - Parameter source: what the marks say about which file they are in.
    package static func read(
        _ file: SourceFile,
        source: UInt16 = 0,
        limits: ReadingLimits = .standard
    ) -> (value: Value?, diagnostics: [Diagnostic]) {
        var reader = YAMLReader(file, source: source, limits: limits)
        let value = reader.document()
        return (value, reader.problems)
    }

    private mutating func document() -> Value? {
        guard file.bytes.count <= limits.bytes else {
            report("file-too-large", "the file has \(file.bytes.count) bytes; at most \(limits.bytes) are read", Mark())
            return nil
        }
        guard let text = String(validating: file.bytes, as: UTF8.self) else {
            let offset = Self.firstInvalid(file.bytes)
            report(
                "invalid-utf8",
                "byte \(offset) is not valid UTF-8",
                mark(at: offset),
                hint: "save the file as UTF-8"
            )
            return nil
        }
        if let offset = AliasGuard.suspiciousKey(in: file.bytes) {
            report(
                "complex-key",
                "a file with anchors may not have a collection or an alias as a key",
                mark(at: offset),
                hint: "write the key out as a plain string"
            )
            return nil
        }
        do {
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            guard let node = try parser.singleRoot() else {
                return Value(.null, mark: Mark(source: source))
            }
            return convert(node, depth: 0)
        } catch let error as YamlError {
            report(error)
        } catch {
            report("invalid-yaml", "the file cannot be read as YAML: \(error)", Mark(source: source))
        }
        return nil
    }

    // MARK: Nodes

    private mutating func convert(_ node: Node, depth: Int) -> Value? {
        remaining -= 1
        guard remaining >= 0 else {
            if remaining == -1 {
                report("too-many-values", "the file expands to more than \(limits.values) values", position(node.mark))
            }
            return nil
        }
        guard depth <= limits.depth else {
            report("nested-too-deeply", "nested deeper than \(limits.depth) levels", position(node.mark))
            return nil
        }
        switch node {
        case .scalar(let scalar): return convert(scalar)
        case .sequence(let sequence): return convert(sequence, depth: depth)
        case .mapping(let mapping): return convert(mapping, depth: depth)
        case .alias:
            report("invalid-yaml", "an alias without a value", position(node.mark))
            return nil
        }
    }

    private mutating func convert(_ scalar: Node.Scalar) -> Value? {
        let isQuoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
        let isBlock = scalar.style == .literal || scalar.style == .folded
        let length = isBlock ? 1 : scalar.string.unicodeScalars.count + (isQuoted ? 2 : 0)
        let mark = position(scalar.mark, length: length)
        let isInline = !isBlock && !scalar.string.utf8.contains(0x0A)
        func value(_ kind: Value.Kind) -> Value { Value(kind, text: scalar.string, mark: mark, isInline: isInline) }
        let tag = Tag.Name(rawValue: scalar.tag.rawValue)
        switch tag {
        case .implicit: return value(ScalarTyping.kind(of: scalar.string))
        case .str, .nonSpecific: return value(.string)
        case .bool, .int, .float, .null:
            let kind = ScalarTyping.kind(of: scalar.string)
            guard Self.matches(kind, tag) else {
                report("invalid-tag", "'\(Self.short(scalar.string))' is no \(tag.rawValue)", mark)
                return nil
            }
            return value(kind)
        case .timestamp, .binary: return value(.foreign("a value tagged \(tag.rawValue)"))
        default:
            report(
                "unknown-tag",
                "the tag '\(Self.short(tag.rawValue))' is not supported",
                mark,
                hint: Self.hint(forTag: tag.rawValue)
            )
            return nil
        }
    }

    private static func matches(_ kind: Value.Kind, _ tag: Tag.Name) -> Bool {
        switch kind {
        case .boolean: tag == .bool
        case .integer: tag == .int || tag == .float
        case .number: tag == .float
        case .null: tag == .null
        default: false
        }
    }

    private mutating func convert(_ sequence: Node.Sequence, depth: Int) -> Value? {
        let mark = position(sequence.mark)
        guard hasPlainTag(sequence.tag, .seq, mark) else { return nil }
        var values: [Value] = []
        for node in sequence {
            guard let value = convert(node, depth: depth + 1) else { return nil }
            values.append(value)
        }
        return Value(.sequence(values), mark: mark)
    }

    private mutating func convert(_ mapping: Node.Mapping, depth: Int) -> Value? {
        let mark = position(mapping.mark)
        guard hasPlainTag(mapping.tag, .map, mark) else { return nil }
        var entries: [Value.Entry] = []
        var merged: [Value.Entry] = []
        for (keyNode, valueNode) in mapping {
            guard let key = keyNode.scalar else {
                report(
                    "complex-key",
                    "a key must be a plain string",
                    position(keyNode.mark),
                    hint: "write the key out as a plain string"
                )
                return nil
            }
            guard let value = convert(valueNode, depth: depth + 1) else { return nil }
            if key.string == "<<", key.style == .plain {
                guard let more = merge(value) else { return nil }
                merged = more.filter { new in !merged.contains { $0.key == new.key } } + merged
                continue
            }
            let length = key.string.unicodeScalars.count + (key.style == .plain ? 0 : 2)
            entries.append(Value.Entry(key: key.string, mark: position(key.mark, length: length), value: value))
        }
        if !merged.isEmpty {
            let own = Set(entries.map(\.key))
            entries = merged.filter { !own.contains($0.key) } + entries
        }
        return Value(.mapping(entries), mark: mark)
    }

    /// The entries that a merge key (`<<`, yaml.org/type/merge.html) brings in.
    private mutating func merge(_ value: Value) -> [Value.Entry]? {
        if let entries = value.entries { return entries }
        let maps = value.elements?.compactMap(\.entries) ?? []
        guard let elements = value.elements, maps.count == elements.count else {
            report("invalid-merge", "'<<' merges a mapping or a list of mappings, not \(value.typeName)", value.mark)
            return nil
        }
        var entries: [Value.Entry] = []
        var seen: Set<String> = []
        for entry in maps.joined() where seen.insert(entry.key).inserted { entries.append(entry) }
        return entries
    }

    private mutating func hasPlainTag(_ given: Tag, _ expected: Tag.Name, _ mark: Mark) -> Bool {
        let tag = Tag.Name(rawValue: given.rawValue)
        if tag == .implicit || tag == expected || tag == .nonSpecific { return true }
        report(
            "unknown-tag",
            "the tag '\(Self.short(tag.rawValue))' is not supported",
            mark,
            hint: "definitions have no tags: remove it"
        )
        return false
    }

    // MARK: Problems

    mutating func report(_ code: String, _ message: String, _ mark: Mark, hint: String? = nil) {
        problems.append(
            Diagnostic(
                .error,
                code,
                message,
                hint: hint,
                at: file.location(mark),
                excerpt: file.line(Int(mark.line))
            )
        )
    }

    static func short(_ text: String) -> String {
        text.unicodeScalars.count > 60 ? String(text.prefix(60)) + "…" : text
    }

    func position(_ mark: Yams.Mark?, length: Int = 1) -> Mark {
        guard let mark else { return Mark(source: source) }
        return Mark(source: source, line: mark.line, column: mark.column, length: length)
    }

    func mark(at offset: Int) -> Mark {
        let before = file.bytes.prefix(offset)
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let line = before.count { $0 == 0x0A } + 1
        let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
        return Mark(source: source, line: line, column: column)
    }

    /// Offset of the first byte that is not part of valid UTF-8.
    private static func firstInvalid(_ bytes: [UInt8]) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput, .error: return min(offset, max(0, bytes.count - 1))
            }
        }
    }
}
