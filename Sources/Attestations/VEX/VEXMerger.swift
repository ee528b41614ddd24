// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography
internal import OCI
package import Packages

/// Makes one document of the statements that are about an image: what its index and each of its platforms carry.
///
/// One document, since consumers read the first that they find; the same bytes for the same statements and image, since its id
/// follows from its content and its times from the statements.
package struct VEXMerger: Sendable {
    package var identity: ImageIdentity
    package var author: String
    package var role: String?

    package init(identity: ImageIdentity, author: String, role: String? = nil) {
        self.identity = identity
        self.author = author
        self.role = role
    }

    /// - Parameters:
    ///   - index: the image's index; nil for an image of one manifest.
    ///   - members: the platforms' manifests.
    /// - Returns: nil when no statement is about the image.
    package func document(
        of selection: VEXSelection,
        index: Digest?,
        members: [(platform: Platform, digest: Digest)]
    ) -> VEXDocument? {
        var statements: [(seconds: Int, statement: VEXStatement)] = []
        var seen: Set<VEXStatement> = []
        for entry in selection.entries {
            var statement = entry.statement
            statement.timestamp = entry.timestamp
            statement.products = products(of: entry, index: index, members: members)
            guard seen.insert(statement).inserted else { continue }
            statements.append((Timestamp.seconds(entry.timestamp) ?? 0, statement))
        }
        guard !statements.isEmpty else { return nil }
        // By time, so that of two about one thing the later is the one that holds; then by content.
        statements.sort { a, b in
            a.seconds == b.seconds
                ? a.statement.json.canonical.lexicographicallyPrecedes(b.statement.json.canonical)
                : a.seconds < b.seconds
        }
        let updates = statements.map { Timestamp.seconds($0.statement.lastUpdated ?? "") ?? $0.seconds }
        var document = VEXDocument(
            id: identity.namespace.document("vex", .of([])),
            author: author,
            role: role,
            timestamp: Timestamp.text(max(updates.max() ?? 0, statements.last?.seconds ?? 0)),
            tooling: "basalt \(identity.toolVersion)",
            statements: statements.map(\.statement)
        )
        document.id = identity.namespace.document("vex", .of(document.json.canonical))
        return document
    }

    private func products(
        of entry: VEXSelection.Entry,
        index: Digest?,
        members: [(platform: Platform, digest: Digest)]
    ) -> [VEXComponent] {
        func parts(_ packages: [Package]) -> [VEXComponent] {
            var names: Set<String> = []
            return packages.sorted { ($0.name, $0.version) < ($1.name, $1.version) }.compactMap { package in
                let purl = package.plainPURL(of: entry.distribution).description
                return names.insert(purl).inserted ? VEXComponent(id: purl) : nil
            } + entry.others
        }
        var products: [VEXComponent] = []
        func add(_ digest: Digest, _ parts: [VEXComponent]) {
            let purl = PackageURL(type: "oci", name: identity.imageName, version: digest.description).description
            products.append(
                VEXComponent(
                    id: purl,
                    identifiers: ["purl": purl],
                    hashes: ["sha-256": digest.hex],
                    subcomponents: parts
                )
            )
        }
        guard let packages = entry.packages else {
            if let index { add(index, []) }
            for member in members { add(member.digest, []) }
            return products
        }
        if let index { add(index, parts(packages.flatMap(\.packages))) }
        for member in members {
            let own = parts(packages.first { $0.platform == member.platform }?.packages ?? [])
            if !own.isEmpty { add(member.digest, own) }
        }
        return products
    }
}

extension Package {
    /// The package URL without qualifiers. Scanners take a statement's qualifiers as demands on their own purl, and do not
    /// agree on `distro`; name and version are enough, since the product says which image is meant.
    fileprivate func plainPURL(of distribution: Distribution) -> PackageURL {
        var purl = purl(of: distribution)
        purl.qualifiers = [:]
        return purl
    }
}
