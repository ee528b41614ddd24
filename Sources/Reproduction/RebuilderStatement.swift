// SPDX-License-Identifier: Apache-2.0

package import Attestations
internal import CanonicalJSON

/// What an independent rebuilder signs about an image that it built again, byte for byte.
///
/// It is provenance: the rebuilder made the artifact, too. Subjects, build definition and byproducts are those of the first
/// builder's statement, and `runDetails.builder` is the rebuilder's own, since the id must name whom a consumer trusts for
/// this record (SLSA v1.2, build-provenance.md, `builder.id`). A statement that the rebuilder signed with the first builder's
/// id would say that somebody else ran the build, and no policy that maps keys to builder ids would believe it. "Verified
/// reproducible" is two or more build platforms that corroborate a build's provenance (SLSA, FAQ).
package enum RebuilderStatement {
    /// - Parameters:
    ///   - provenance: the first builder's statement, which the rebuild gave again.
    ///   - builder: the rebuilder's id.
    ///   - version: of the program that built the image again.
    package static func of(_ provenance: Statement, builder: String, version: String) -> Statement {
        var statement = provenance
        statement.predicate = provenance.predicate.changing("runDetails") { details in
            details.changing("builder") { _ in
                ["id": .string(builder), "version": ["basalt": .string(version)]]
            }
        }
        return statement
    }
}

extension JSON {
    /// The object with another value for one of its members.
    fileprivate func changing(_ name: String, _ change: (JSON) -> JSON) -> JSON {
        .object((members ?? []).map { ($0, $0 == name ? change($1) : $1) })
    }
}
