// SPDX-License-Identifier: Apache-2.0

package import Attestations
package import CanonicalJSON
package import Cryptography
package import Images

/// Judges the VEX document that is attached to an image: valid by OpenVEX's rules, about this image, and about packages that
/// are in it.
package struct VEXCheck: Sendable {
    package let document: VEXDocument?
    private let problems: [String]

    package init(_ predicate: JSON) {
        let reader = VEXReader(predicate)
        document = reader.document
        problems = reader.problems.map { problem in
            problem.path.steps.isEmpty ? problem.message : "\(problem.path): \(problem.message)"
        }
    }

    /// - Parameters:
    ///   - digest: of the manifest that it is attached to.
    ///   - database: the packages in the image; nil for an index, whose images have one each.
    package func problems(about digest: Digest, _ database: PackageDatabase?) -> [String] {
        guard let document, problems.isEmpty else { return problems }
        var found: [String] = []
        var isMentioned = false
        for (index, statement) in document.statements.enumerated() {
            if statement.products.isEmpty { isMentioned = true }
            for product in statement.products where names(product, digest) {
                isMentioned = true
                guard let database, database.place != nil else { continue }
                for part in product.subcomponents {
                    guard let purl = part.purl, purl.type == "deb" || purl.type == "apk" else { continue }
                    let isThere = database.entries.contains { entry in
                        entry.name == purl.name && (purl.version == nil || purl.version == entry.version)
                            && (purl.qualifiers["arch"] == nil || purl.qualifiers["arch"] == entry.architecture)
                    }
                    if !isThere {
                        found.append(
                            "statements[\(index)]: \(statement.vulnerability.name) is stated about '\(part.name)', which is not in the image"
                        )
                    }
                }
            }
        }
        if !isMentioned && database == nil { found.append("no statement is about \(digest)") }
        return found
    }

    private func names(_ product: VEXComponent, _ digest: Digest) -> Bool {
        if let hash = product.hashes["sha-256"] { return hash == digest.hex }
        return product.purl?.version == digest.description
    }
}
