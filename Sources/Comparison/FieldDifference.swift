// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON

/// One value that differs: its place, and what stands there on either side.
package struct FieldDifference: Hashable, Sendable {
    /// `config.User`, `mode`, `nonroot`.
    package var field: String
    /// Nil where the side has no such value.
    package var before: String?
    package var after: String?

    package init(_ field: String, _ before: String?, _ after: String?) {
        self.field = field
        self.before = before
        self.after = after
    }

    package var json: JSON {
        .members([
            ("field", .string(field)), ("before", before.map { .string($0) }), ("after", after.map { .string($0) }),
        ])
    }

    /// The keys at which two maps differ, in byte order.
    package static func between(_ before: [String: String], _ after: [String: String]) -> [FieldDifference] {
        Set(before.keys).union(after.keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .filter { before[$0] != after[$0] }.map { FieldDifference($0, before[$0], after[$0]) }
    }
}
