// SPDX-License-Identifier: Apache-2.0

package import Attestations
internal import CanonicalJSON

/// What the statements about an image say of it, as far as people ask when one takes the place of another.
package struct EvidenceSnapshot: Sendable {
    /// Statuses by vulnerability and the packages that it is about: several where statements disagree.
    private var statuses: [String: Set<String>] = [:]
    /// Identifiers of keys, or of certificates.
    package private(set) var signers: Set<String> = []
    package private(set) var builders: Set<String> = []
    /// Licences by package, as bills of materials state them.
    private var licences: [String: Set<String>] = [:]

    package init() {}

    /// Status by vulnerability and the packages that it is about.
    package var vulnerabilities: [String: String] { statuses.mapValues { $0.sorted().joined(separator: ", ") } }

    /// Adds a statement, whoever made it: nothing is verified here. In which order they come makes no difference, for a
    /// registry may list them in another one each time.
    package mutating func add(_ statement: Statement, signers: Set<String>) {
        self.signers.formUnion(signers)
        let predicate = statement.predicate
        switch statement.predicateType {
        case PredicateType.openVEX, PredicateType.openVEXVersioned: add(vex: predicate)
        case PredicateType.provenance:
            if let builder = predicate["runDetails"]?["builder"]?["id"]?.text { builders.insert(builder) }
        case PredicateType.cycloneDX, PredicateType.spdx:
            for package in BillOfMaterials(predicate)?.packages ?? [] {
                guard let licence = package.licence else { continue }
                licences["\(package.name) \(package.version)", default: []].insert(licence)
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
            statuses[([name] + parts.sorted()).joined(separator: " "), default: []].insert(status)
        }
    }

    /// One of them, and always the same, where bills of materials disagree.
    func licence(_ package: PackageSnapshot) -> String? { licences["\(package.name) \(package.version)"]?.min() }
}
