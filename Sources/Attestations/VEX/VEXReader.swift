// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Diagnostics

/// Reads OpenVEX documents and notes everything that is wrong with them: what the specification demands, what its schema
/// forbids, and values that no consumer could use.
package struct VEXReader {
    /// A problem and the value that it is about.
    package struct Problem: Hashable, Sendable {
        package var severity: Severity
        package var code: String
        package var message: String
        package var hint: String?
        package var path: JSONPath
    }

    package private(set) var problems: [Problem] = []
    /// nil when something is wrong that leaves no document.
    package private(set) var document: VEXDocument?

    package init(_ json: JSON) { document = read(json) }

    package var isValid: Bool { !problems.contains { $0.severity == .error } }

    private static let hashNames: Set<String> = [
        "md5", "sha1", "sha-256", "sha-384", "sha-512", "sha3-224", "sha3-256", "sha3-384", "sha3-512", "blake2s-256",
        "blake2b-256", "blake2b-512",
    ]

    mutating func error(_ code: String, _ message: String, hint: String? = nil, at path: JSONPath) {
        problems.append(Problem(severity: .error, code: code, message: message, hint: hint, path: path))
    }

    // MARK: Document

    private mutating func read(_ json: JSON) -> VEXDocument? {
        let top = JSONPath()
        let context = json["@context"]?.text
        if let context, context != VEXDocument.context, context.hasPrefix("https://openvex.dev/ns") {
            error(
                "unsupported-version",
                "the document is written in '\(context)', and not in OpenVEX 0.2.0",
                hint: "write it anew with \(VEXDocument.context)",
                at: top / "@context"
            )
            return nil
        }
        let known: Set<String> = [
            "@context", "@id", "author", "role", "timestamp", "last_updated", "version", "tooling", "statements",
        ]
        guard members(json, known, at: top) else { return nil }
        if json["@context"] == nil {
            error("missing-field", "'@context' is missing", hint: "write \(VEXDocument.context)", at: top)
        } else if context != VEXDocument.context {
            error("unsupported-version", "'@context' is not \(VEXDocument.context)", at: top / "@context")
        }
        let id = iri(json, at: top, isRequired: true)
        let author = text(json, "author", at: top, isRequired: true)
        let timestamp = time(json, "timestamp", at: top, isRequired: true)
        let version = number(json, "version", at: top, isRequired: true)
        let role = text(json, "role", at: top)
        let updated = time(json, "last_updated", at: top)
        let tooling = text(json, "tooling", at: top)
        if json["statements"] == nil { error("missing-field", "'statements' is missing", at: top) }
        let elements = list(json, "statements", at: top) ?? []
        if json["statements"]?.elements?.isEmpty == true {
            error("empty-field", "there is no statement", at: top / "statements")
        }
        guard elements.count <= VEXDocument.statementLimit else {
            error("too-large", "there are more than \(VEXDocument.statementLimit) statements", at: top / "statements")
            return nil
        }
        var statements: [VEXStatement] = []
        for (index, element) in elements.enumerated() {
            if let statement = statement(element, at: top / "statements" / index) { statements.append(statement) }
        }
        guard isValid, let id, let author, let timestamp, let version else { return nil }
        var document = VEXDocument(
            id: id,
            author: author,
            role: role,
            timestamp: timestamp,
            version: version,
            tooling: tooling,
            statements: statements
        )
        document.lastUpdated = updated
        return document
    }

    private mutating func statement(_ json: JSON, at path: JSONPath) -> VEXStatement? {
        let known: Set<String> = [
            "@id", "version", "vulnerability", "timestamp", "last_updated", "products", "status", "supplier",
            "status_notes", "justification", "impact_statement", "action_statement", "action_statement_timestamp",
        ]
        guard members(json, known, at: path) else { return nil }
        let vulnerability = vulnerability(json, at: path)
        var status: VEXStatus?
        if let label = text(json, "status", at: path, isRequired: true) {
            status = VEXStatus(rawValue: label)
            if status == nil {
                let labels = VEXStatus.allCases.map(\.rawValue).joined(separator: ", ")
                error("unknown-status", "'\(label)' is no status", hint: "it is one of \(labels)", at: path / "status")
            }
        }
        var justification: VEXJustification?
        if let label = text(json, "justification", at: path) {
            justification = VEXJustification(rawValue: label)
            if justification == nil {
                let labels = VEXJustification.allCases.map(\.rawValue).joined(separator: ", ")
                error(
                    "unknown-justification",
                    "'\(label)' is no justification",
                    hint: "it is one of \(labels)",
                    at: path / "justification"
                )
            }
        }
        let impact = text(json, "impact_statement", at: path)
        let action = text(json, "action_statement", at: path)
        // "Status Labels": each demands its own reason, and another's reason contradicts it.
        switch status {
        case .notAffected:
            if json["justification"] == nil && (impact ?? "").isEmpty {
                error(
                    "missing-reason",
                    "'not_affected' needs a 'justification' or an 'impact_statement'",
                    at: path / "status"
                )
            }
        case .affected:
            if (action ?? "").isEmpty {
                error("missing-reason", "'affected' needs an 'action_statement'", at: path / "status")
            }
        case .fixed, .underInvestigation, nil: break
        }
        if let status, status != .notAffected, justification != nil {
            error(
                "contradiction",
                "a 'justification' says why something is not affected, and the status is '\(status.rawValue)'",
                at: path / "justification"
            )
        }
        var products: [VEXComponent] = []
        for (index, element) in (list(json, "products", at: path) ?? []).enumerated() {
            let place = path / "products" / index
            if let product = component(element, at: place, isProduct: true) { products.append(product) }
        }
        let id = iri(json, at: path)
        let version = number(json, "version", at: path)
        let timestamp = time(json, "timestamp", at: path)
        let updated = time(json, "last_updated", at: path)
        let acted = time(json, "action_statement_timestamp", at: path)
        let supplier = text(json, "supplier", at: path)
        let notes = text(json, "status_notes", at: path)
        guard let vulnerability, let status else { return nil }
        var statement = VEXStatement(
            vulnerability: vulnerability,
            timestamp: timestamp,
            products: products,
            status: status,
            statusNotes: notes,
            justification: justification,
            impactStatement: impact,
            actionStatement: action
        )
        statement.id = id
        statement.version = version
        statement.lastUpdated = updated
        statement.supplier = supplier
        statement.actionStatementTimestamp = acted
        return statement
    }

    private mutating func vulnerability(_ json: JSON, at path: JSONPath) -> VEXStatement.Vulnerability? {
        guard let value = json["vulnerability"] else {
            error("missing-field", "'vulnerability' is missing", at: path)
            return nil
        }
        let place = path / "vulnerability"
        guard members(value, ["@id", "name", "description", "aliases"], at: place) else { return nil }
        let name = text(value, "name", at: place, isRequired: true)
        var aliases: [String] = []
        for (index, alias) in (list(value, "aliases", at: place) ?? []).enumerated() {
            if let text = alias.text {
                aliases.append(text)
            } else {
                error("wrong-type", "an alias is no string", at: place / "aliases" / index)
            }
        }
        let id = iri(value, at: place)
        let description = text(value, "description", at: place)
        return name.map { .init(name: $0, id: id, description: description, aliases: aliases) }
    }

    private mutating func component(_ json: JSON, at path: JSONPath, isProduct: Bool) -> VEXComponent? {
        var known: Set<String> = ["@id", "identifiers", "hashes"]
        if isProduct { known.insert("subcomponents") }
        guard members(json, known, at: path) else { return nil }
        var component = VEXComponent(id: iri(json, at: path))
        component.identifiers = strings(json, "identifiers", ["purl", "cpe22", "cpe23"], at: path)
        component.hashes = strings(json, "hashes", Self.hashNames, at: path)
        if json["@id"] == nil && component.identifiers.isEmpty {
            error("missing-field", "it has neither '@id' nor 'identifiers'", at: path)
        }
        if let purl = component.identifiers["purl"], PackageURL(purl) == nil {
            error("invalid-purl", "'\(purl)' is no package URL", at: path / "identifiers" / "purl")
        }
        if let id = component.id, id.hasPrefix("pkg:"), PackageURL(id) == nil {
            error("invalid-purl", "'\(id)' is no package URL", at: path / "@id")
        }
        guard isProduct else { return component }
        for (index, element) in (list(json, "subcomponents", at: path) ?? []).enumerated() {
            let place = path / "subcomponents" / index
            if let part = self.component(element, at: place, isProduct: false) { component.subcomponents.append(part) }
        }
        return component
    }
}
