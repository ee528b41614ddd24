// SPDX-License-Identifier: Apache-2.0

package import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Definitions
internal import Diagnostics
internal import Fetching
internal import Packages

/// Writes authored statements beside a definition.
package struct VEXWriting {
    private let planned: PlannedDefinition
    private let configuration: Configuration
    private let author: String
    /// RFC 3339.
    package let timestamp: String

    package init(planned: PlannedDefinition, configuration: Configuration, author: String, timestamp: String) {
        self.planned = planned
        self.configuration = configuration
        self.author = author
        self.timestamp = timestamp
    }

    private var image: String {
        planned.plans.first?.plan.image.map { configuration.branding.image($0) } ?? "image"
    }

    /// The product that a statement is about: the definition's image, with packages as its parts.
    ///
    /// - Parameter packages: names, `name@version`, or package URLs.
    package func products(_ packages: [String]) throws -> [VEXComponent] {
        let name = image.split(separator: "/").last.map { $0.lowercased() } ?? image
        var product = VEXComponent(id: PackageURL(type: "oci", name: name).description)
        for package in packages {
            if package.hasPrefix("pkg:") {
                guard let purl = PackageURL(package) else {
                    throw BuildError("invalid-purl", "'\(package)' is no package URL", outcome: .usage)
                }
                product.subcomponents.append(VEXComponent(id: purl.description))
                continue
            }
            guard let plan = planned.plans.first?.plan else { continue }
            let distribution = try planned.distribution(of: plan)
            let parts = package.split(separator: "@", maxSplits: 1).map(String.init)
            guard let first = parts.first else {
                throw BuildError("invalid-package", "'\(package)' is no package name", outcome: .usage)
            }
            let purl = PackageURL(
                type: try Ecosystems.serving(distribution).name == "alpine" ? "apk" : "deb",
                namespace: [distribution.id],
                name: first,
                version: parts.count > 1 ? parts[1] : nil,
                qualifiers: ["distro": "\(distribution.id)-\(distribution.versionID)"]
            )
            product.subcomponents.append(VEXComponent(id: purl.description))
        }
        return [product]
    }

    /// Adds a statement to the file of its vulnerability, in place of the one about the same products.
    ///
    /// - Returns: the file's path, and whether it was not there before.
    package func write(_ statement: VEXStatement) throws -> (path: String, isNew: Bool) {
        let folder = VEXFolder(beside: planned).path
        let name = statement.vulnerability.name
        let path = "\(folder)/\(name).json"
        let namespace = configuration.namespace.map { Namespace(base: $0) } ?? Namespace()
        var document = VEXDocument(
            id: "\(namespace.base)/vex/\(image.split(separator: "/").last ?? "image")/\(name)",
            author: author,
            role: configuration.vexRole,
            timestamp: timestamp,
            statements: []
        )
        let isNew = !Files.exists(path)
        if !isNew {
            let file = VEXFile(name: path, bytes: try Files.read(path, limit: VEXDocument.sizeLimit))
            guard let existing = file.document else {
                let problem = file.diagnostics.first { $0.severity == .error }
                throw BuildError(
                    "invalid-vex",
                    "\(problem.map { "\($0.location): \($0.message)" } ?? "'\(path)' is no VEX document")",
                    hint: "mend the file, or remove it"
                )
            }
            document = existing
            document.version += 1
            document.lastUpdated = timestamp
            document.author = author
        }
        if let index = document.statements.firstIndex(where: {
            $0.vulnerability.name == name && $0.products == statement.products
        }) {
            document.statements[index] = statement
        } else {
            document.statements.append(statement)
        }
        let bytes = Array(document.json.pretty.utf8)
        // What is written has to be what a build will accept.
        if let problem = VEXFile(name: path, bytes: bytes).diagnostics.first(where: { $0.severity == .error }) {
            throw BuildError("invalid-vex", problem.message, hint: problem.hint, outcome: .usage)
        }
        try Files.replace(path, with: bytes)
        return (path, isNew)
    }
}
