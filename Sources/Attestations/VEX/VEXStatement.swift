// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON

/// What a VEX statement says of a vulnerability (OpenVEX 0.2.0, "Status Labels").
package enum VEXStatus: String, Sendable, CaseIterable {
    case notAffected = "not_affected"
    case affected
    case fixed
    case underInvestigation = "under_investigation"
}

/// Why a product is not affected (OpenVEX 0.2.0, "Status Justifications").
package enum VEXJustification: String, Sendable, CaseIterable {
    case componentNotPresent = "component_not_present"
    case vulnerableCodeNotPresent = "vulnerable_code_not_present"
    case vulnerableCodeNotInExecutePath = "vulnerable_code_not_in_execute_path"
    case vulnerableCodeCannotBeControlledByAdversary = "vulnerable_code_cannot_be_controlled_by_adversary"
    case inlineMitigationsAlreadyExist = "inline_mitigations_already_exist"
}

/// A product or a part of one.
package struct VEXComponent: Hashable, Sendable {
    /// An IRI; usually a package URL.
    package var id: String?
    /// `purl`, `cpe22`, `cpe23`.
    package var identifiers: [String: String]
    /// By OpenVEX's names: `sha-256`.
    package var hashes: [String: String]
    package var subcomponents: [VEXComponent]

    package init(
        id: String? = nil,
        identifiers: [String: String] = [:],
        hashes: [String: String] = [:],
        subcomponents: [VEXComponent] = []
    ) {
        self.id = id
        self.identifiers = identifiers
        self.hashes = hashes
        self.subcomponents = subcomponents
    }

    /// The package URL that it is known by: the identifier, or the id.
    package var purl: PackageURL? { (identifiers["purl"] ?? id).flatMap { PackageURL($0) } }

    /// What a person reads.
    package var name: String { identifiers["purl"] ?? id ?? identifiers.values.sorted().first ?? "?" }

    package var json: JSON {
        .members([
            ("@id", id.map { .string($0) }), ("identifiers", identifiers.isEmpty ? nil : .map(identifiers)),
            ("hashes", hashes.isEmpty ? nil : .map(hashes)),
            ("subcomponents", subcomponents.isEmpty ? nil : .array(subcomponents.map(\.json))),
        ])
    }
}

/// One assertion: this vulnerability, those products, that status.
package struct VEXStatement: Hashable, Sendable {
    package struct Vulnerability: Hashable, Sendable {
        /// `CVE-2024-3094`.
        package var name: String
        package var id: String?
        package var description: String?
        package var aliases: [String]
        package init(name: String, id: String? = nil, description: String? = nil, aliases: [String] = []) {
            self.name = name
            self.id = id
            self.description = description
            self.aliases = aliases
        }
    }

    package var id: String?
    package var version: Int?
    package var vulnerability: Vulnerability
    /// RFC 3339; nil inherits the document's.
    package var timestamp: String?
    package var lastUpdated: String?
    package var products: [VEXComponent]
    package var status: VEXStatus
    package var supplier: String?
    package var statusNotes: String?
    package var justification: VEXJustification?
    package var impactStatement: String?
    package var actionStatement: String?
    package var actionStatementTimestamp: String?

    package init(
        vulnerability: Vulnerability,
        timestamp: String? = nil,
        products: [VEXComponent] = [],
        status: VEXStatus,
        statusNotes: String? = nil,
        justification: VEXJustification? = nil,
        impactStatement: String? = nil,
        actionStatement: String? = nil
    ) {
        self.vulnerability = vulnerability
        self.timestamp = timestamp
        self.products = products
        self.status = status
        self.statusNotes = statusNotes
        self.justification = justification
        self.impactStatement = impactStatement
        self.actionStatement = actionStatement
    }

    package var json: JSON {
        .members([
            ("@id", id.map { .string($0) }), ("version", version.map { .integer($0) }),
            (
                "vulnerability",
                .members([
                    ("@id", vulnerability.id.map { .string($0) }), ("name", .string(vulnerability.name)),
                    ("description", vulnerability.description.map { .string($0) }),
                    ("aliases", vulnerability.aliases.isEmpty ? nil : .strings(vulnerability.aliases)),
                ])
            ), ("timestamp", timestamp.map { .string($0) }), ("last_updated", lastUpdated.map { .string($0) }),
            ("products", products.isEmpty ? nil : .array(products.map(\.json))), ("status", .string(status.rawValue)),
            ("supplier", supplier.map { .string($0) }), ("status_notes", statusNotes.map { .string($0) }),
            ("justification", justification.map { .string($0.rawValue) }),
            ("impact_statement", impactStatement.map { .string($0) }),
            ("action_statement", actionStatement.map { .string($0) }),
            ("action_statement_timestamp", actionStatementTimestamp.map { .string($0) }),
        ])
    }
}
