// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON

/// An OpenVEX document, version 0.2.0 of its specification.
package struct VEXDocument: Hashable, Sendable {
    package static let context = "https://openvex.dev/ns/v0.2.0"
    /// The largest file that is read, in bytes, and the most statements in it.
    package static let sizeLimit = 16 << 20
    package static let statementLimit = 50_000

    package var id: String
    package var author: String
    package var role: String?
    /// RFC 3339.
    package var timestamp: String
    package var lastUpdated: String?
    /// Counts the changes, from 1.
    package var version: Int
    package var tooling: String?
    package var statements: [VEXStatement]

    package init(
        id: String,
        author: String,
        role: String? = nil,
        timestamp: String,
        version: Int = 1,
        tooling: String? = nil,
        statements: [VEXStatement]
    ) {
        self.id = id
        self.author = author
        self.role = role
        self.timestamp = timestamp
        self.version = version
        self.tooling = tooling
        self.statements = statements
    }

    package var json: JSON {
        .members([
            ("@context", .string(VEXDocument.context)), ("@id", .string(id)), ("author", .string(author)),
            ("role", role.map { .string($0) }), ("timestamp", .string(timestamp)),
            ("last_updated", lastUpdated.map { .string($0) }), ("version", .integer(version)),
            ("tooling", tooling.map { .string($0) }), ("statements", .array(statements.map(\.json))),
        ])
    }
}
