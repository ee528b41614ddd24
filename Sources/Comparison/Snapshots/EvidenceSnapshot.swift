// SPDX-License-Identifier: Apache-2.0

package import Attestations
internal import CanonicalJSON

/// What the statements about an image say of it, as far as people ask when one takes the place of another.
package struct EvidenceSnapshot: Sendable {
    /// Status by vulnerability and the packages that it is about.
    package private(set) var vulnerabilities: [String: String] = [:]
    /// Identifiers of keys, or of certificates.
    package private(set) var signers: Set<String> = []
    package private(set) var builders: Set<String> = []
    /// Licences by package, as bills of materials state them.
    private var licences: [String: String] = [:]

    package init() {}

    /// Adds a statement, whoever made it: nothing is verified here.
    package mutating func add(_ statement: Statement, signer: String?) {
        if let signer, !signer.isEmpty { signers.insert(signer) }
        let predicate = statement.predicate
        switch statement.predicateType {
        case PredicateType.openVEX, PredicateType.openVEXVersioned: add(vex: predicate)
        case PredicateType.provenance:
            if let builder = predicate["runDetails"]?["builder"]?["id"]?.text { builders.insert(builder) }
        case PredicateType.cycloneDX, PredicateType.spdx:
            for package in BillOfMaterials(predicate)?.packages ?? [] {
                if let licence = package.licence { licences["\(package.name) \(package.version)"] = licence }
            }
        default: break
        }
    }

    private mutating func add(vex document: JSON) {
        for statement in document["statements"]?.elements ?? [] {
            guard let name = statement["vulnerability"]?["name"]?.text, let status = statement["status"]?.text else {
                continue
            }
            var parts: Set<String> = []
            for product in statement["products"]?.elements ?? [] {
                for part in product["subcomponents"]?.elements ?? [] {
                    guard let id = part["@id"]?.text ?? part["identifiers"]?["purl"]?.text else { continue }
                    // Without the version: a statement that is carried over to a new one is the same statement.
                    parts.insert(PackageURL(id)?.name ?? id)
                }
            }
            vulnerabilities[([name] + parts.sorted()).joined(separator: " ")] = status
        }
    }

    func licence(_ package: PackageSnapshot) -> String? { licences["\(package.name) \(package.version)"] }
}
