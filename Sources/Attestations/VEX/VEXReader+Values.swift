// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import OCI

/// Values of a document, each with its own complaint when it is missing or of another kind.
extension VEXReader {
    /// The members of an object; notes names that mean nothing there.
    mutating func members(_ json: JSON, _ known: Set<String>, at path: JSONPath) -> Bool {
        guard let members = json.members else {
            error("wrong-type", "\(path.steps.isEmpty ? "the document" : "'\(path)'") is no object", at: path)
            return false
        }
        for (name, _) in members where !known.contains(name) {
            error("unknown-field", "'\(name)' is no field here", hint: hint(name, known), at: path / name)
        }
        return true
    }

    func hint(_ name: String, _ known: Set<String>) -> String {
        "known are \(known.sorted().joined(separator: ", "))"
    }

    mutating func text(_ json: JSON, _ name: String, at path: JSONPath, isRequired: Bool = false) -> String? {
        guard let value = json[name] else {
            if isRequired { error("missing-field", "'\(name)' is missing", at: path) }
            return nil
        }
        guard let text = value.text else {
            error("wrong-type", "'\(name)' is no string", at: path / name)
            return nil
        }
        if isRequired && text.isEmpty {
            error("empty-field", "'\(name)' is empty", at: path / name)
            return nil
        }
        return text
    }

    mutating func time(_ json: JSON, _ name: String, at path: JSONPath, isRequired: Bool = false) -> String? {
        guard let text = text(json, name, at: path, isRequired: isRequired) else { return nil }
        guard Timestamp.seconds(text) != nil else {
            error(
                "invalid-time",
                "'\(name)' is '\(text)', which is no time of RFC 3339",
                hint: "write it as 2025-01-31T12:00:00Z",
                at: path / name
            )
            return nil
        }
        return text
    }

    mutating func iri(_ json: JSON, at path: JSONPath, isRequired: Bool = false) -> String? {
        guard let text = text(json, "@id", at: path, isRequired: isRequired) else { return nil }
        if !Self.isIRI(text) {
            error(
                "invalid-id",
                "'\(text)' is no IRI",
                hint: "it begins with a scheme, such as https: or pkg:",
                at: path / "@id"
            )
        }
        return text
    }

    /// RFC 3987: a scheme and a colon, and no space or control character.
    private static func isIRI(_ text: String) -> Bool {
        guard let colon = text.firstIndex(of: ":"), let first = text.utf8.first,
            (0x41...0x5A).contains(first) || (0x61...0x7A).contains(first)
        else { return false }
        let isScheme = text[..<colon].utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || "+-.".utf8.contains($0)
        }
        return isScheme
            && text.unicodeScalars.allSatisfy { $0.value > 0x20 && !"<>\"{}|\\^`".unicodeScalars.contains($0) }
    }

    mutating func number(_ json: JSON, _ name: String, at path: JSONPath, isRequired: Bool = false) -> Int? {
        guard let value = json[name] else {
            if isRequired { error("missing-field", "'\(name)' is missing", at: path) }
            return nil
        }
        guard let number = value.int, number >= 1 else {
            error("wrong-type", "'\(name)' is no whole number from 1", at: path / name)
            return nil
        }
        return number
    }

    mutating func list(_ json: JSON, _ name: String, at path: JSONPath) -> [JSON]? {
        guard let value = json[name] else { return nil }
        guard let elements = value.elements else {
            error("wrong-type", "'\(name)' is no list", at: path / name)
            return nil
        }
        var seen: Set<JSON> = []
        for (index, element) in elements.enumerated() where !seen.insert(element).inserted {
            error("duplicate", "'\(name)' has this entry twice", at: path / name / index)
        }
        return elements
    }

    mutating func strings(_ json: JSON, _ name: String, _ known: Set<String>, at path: JSONPath) -> [String: String] {
        guard let value = json[name], members(value, known, at: path / name) else { return [:] }
        var out: [String: String] = [:]
        for (key, entry) in value.members ?? [] {
            if let text = entry.text {
                out[key] = text
            } else {
                error("wrong-type", "'\(key)' is no string", at: path / name / key)
            }
        }
        if value.members?.isEmpty == true && name == "identifiers" {
            error("empty-field", "'identifiers' is empty", at: path / name)
        }
        return out
    }
}
