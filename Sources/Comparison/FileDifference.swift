// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Cryptography
package import FileTree

/// A path at which two images differ.
package struct FileDifference: Sendable {
    package enum Kind: String, Sendable {
        case added, removed, changed
    }

    /// How the content of a regular file differs.
    package struct Content: Sendable {
        package var before: Digest
        package var after: Digest
        package var sizeBefore: Int
        package var sizeAfter: Int
        /// The first byte that differs, from 0; nil where nobody looked.
        package var offset: Int?
    }

    package var path: TreePath
    package var kind: Kind
    /// The layer, from 0: of the second image, or of the first for what is only there.
    package var layer: Int
    /// Who put it there, as far as it is known: `package libc6`, `effect ldconfig`.
    package var origin: String?
    /// Type, mode, owner, time, target and extended attributes, where they differ.
    package var fields: [FieldDifference]
    package var content: Content?

    /// Whether nothing differs but the time, which a newer build of the same package brings along for every file.
    package var isOnlyTime: Bool { kind == .changed && content == nil && fields.allSatisfy { $0.field == "time" } }

    package var json: JSON {
        .members([
            ("path", .string(path.description)), ("change", .string(kind.rawValue)), ("layer", .integer(layer)),
            ("origin", origin.map { .string($0) }),
            ("fields", fields.isEmpty ? nil : .array(fields.map(\.json))),
            (
                "content",
                content.map { content in
                    .members([
                        ("before", .string(content.before.description)), ("after", .string(content.after.description)),
                        ("sizeBefore", .integer(content.sizeBefore)), ("sizeAfter", .integer(content.sizeAfter)),
                        ("firstDifference", content.offset.map { .integer($0) }),
                    ])
                }
            ),
        ])
    }
}
