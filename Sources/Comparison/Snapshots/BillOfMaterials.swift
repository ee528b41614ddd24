// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON

/// The packages of an SPDX 2.3 or CycloneDX document: whatever has a package URL.
package struct BillOfMaterials: Sendable {
    package enum Format: String, Sendable { case spdx, cyclonedx }

    package let format: Format
    package let packages: [PackageSnapshot]

    /// Nil for a document of neither kind.
    package init?(_ document: JSON) {
        var found: [PackageSnapshot] = []
        if document["spdxVersion"] != nil {
            format = .spdx
            for package in document["packages"]?.elements ?? [] {
                let purl = (package["externalRefs"]?.elements ?? []).first { $0["referenceType"]?.text == "purl" }
                let licence = [package["licenseConcluded"]?.text, package["licenseDeclared"]?.text].compactMap { $0 }
                    .first { $0 != "NOASSERTION" && $0 != "NONE" }
                guard let text = purl?["referenceLocator"]?.text,
                    let entry = PackageSnapshot(purl: text, licence: licence)
                else { continue }
                found.append(entry)
            }
        } else if document["bomFormat"]?.text == "CycloneDX" {
            format = .cyclonedx
            var pending = document["components"]?.elements ?? []
            while let component = pending.popLast() {
                pending += component["components"]?.elements ?? []
                let licences = (component["licenses"]?.elements ?? []).compactMap { entry in
                    entry["expression"]?.text ?? entry["license"]?["id"]?.text ?? entry["license"]?["name"]?.text
                }
                guard let text = component["purl"]?.text,
                    let entry = PackageSnapshot(
                        purl: text,
                        licence: licences.isEmpty ? nil : licences.joined(separator: " AND ")
                    )
                else { continue }
                found.append(entry)
            }
        } else {
            return nil
        }
        var seen: Set<PackageSnapshot> = []
        packages = found.filter { seen.insert($0).inserted }
    }
}
