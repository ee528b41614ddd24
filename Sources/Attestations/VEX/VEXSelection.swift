// SPDX-License-Identifier: Apache-2.0

package import Packages

/// What authored statements are held against: an image's names, and the packages in it.
package struct VEXImage: Sendable {
    /// The canonical repository: `registry.example.org/images/nginx`.
    package var repository: String
    package var tags: [String]
    package var distribution: Distribution
    package var platforms: [(platform: Platform, packages: [Package])]
    /// Orders two versions as the distribution's own tool does.
    package var compare: @Sendable (String, String) -> Int

    package init(
        repository: String,
        tags: [String],
        distribution: Distribution,
        platforms: [(platform: Platform, packages: [Package])],
        compare: @escaping @Sendable (String, String) -> Int
    ) {
        self.repository = repository
        self.tags = tags
        self.distribution = distribution
        self.platforms = platforms
        self.compare = compare
    }

    /// The last part of the repository, which is the name in a purl of type `oci`.
    var name: String { repository.split(separator: "/").last.map { $0.lowercased() } ?? repository }
}

/// The authored statements that are about an image, with the packages that each names there; and those that are about
/// packages which the image does not have (any more).
package struct VEXSelection: Sendable {
    /// A statement, and where it is from.
    package struct Entry: Sendable {
        package var statement: VEXStatement
        /// RFC 3339: the statement's, or else its document's.
        package var timestamp: String
        package var file: String
        package var author: String
        package var distribution: Distribution
        /// The packages meant, by platform; nil when it is about the image itself.
        package var packages: [(platform: Platform, packages: [Package])]?
        /// Parts that no package database knows, such as a library inside a program; kept as they were written.
        package var others: [VEXComponent]
    }

    /// A part of a statement that nothing in the image answers to.
    package struct Stale: Hashable, Sendable {
        package var vulnerability: String
        package var component: String
        package var file: String
        package var reason: String
    }

    package private(set) var entries: [Entry] = []
    package private(set) var stale: [Stale] = []

    package init(_ files: [VEXFile], for image: VEXImage) {
        for file in files {
            guard let document = file.document else { continue }
            for statement in document.statements {
                if let entry = select(statement, of: document, in: file.name, for: image) { entries.append(entry) }
            }
        }
    }

    private mutating func select(
        _ statement: VEXStatement,
        of document: VEXDocument,
        in file: String,
        for image: VEXImage
    ) -> Entry? {
        var entry = Entry(
            statement: statement,
            timestamp: statement.timestamp ?? document.timestamp,
            file: file,
            author: document.author,
            distribution: image.distribution,
            packages: nil,
            others: []
        )
        // Without products a statement is about whatever it is attached to (OpenVEX, "Product"; ATTESTING.md).
        if statement.products.isEmpty { return entry }
        var isAboutImage = false
        var found: [(platform: Platform, packages: [Package])] = image.platforms.map { ($0.platform, []) }
        for product in statement.products {
            var parts: [VEXComponent]
            if let purl = product.purl, purl.type == "deb" || purl.type == "apk" {
                parts = [VEXComponent(id: product.id, identifiers: product.identifiers)]
            } else if names(product, image) {
                parts = product.subcomponents
                if parts.isEmpty { isAboutImage = true }
            } else {
                continue
            }
            for part in parts {
                guard let purl = part.purl, purl.type == "deb" || purl.type == "apk" else {
                    entry.others.append(part)
                    continue
                }
                guard isFor(purl, image.distribution) else { continue }
                let matches = image.platforms.map { entry in
                    entry.packages.filter { PackageMatch(purl, image).matches($0) }
                }
                if matches.allSatisfy(\.isEmpty) {
                    stale.append(
                        Stale(
                            vulnerability: statement.vulnerability.name,
                            component: part.name,
                            file: file,
                            reason: PackageMatch(purl, image).absence
                        )
                    )
                }
                for index in found.indices {
                    for package in matches[index] where !found[index].packages.contains(package) {
                        found[index].packages.append(package)
                    }
                }
            }
        }
        if isAboutImage { return entry }
        if found.allSatisfy(\.packages.isEmpty) && entry.others.isEmpty { return nil }
        entry.packages = found
        return entry
    }

    /// Whether a product is this image: a purl of type `oci` with its name (and, where stated, repository and tag), or the
    /// repository as text.
    private func names(_ product: VEXComponent, _ image: VEXImage) -> Bool {
        guard let purl = product.purl else {
            let text = product.id ?? ""
            return text == image.repository || image.tags.contains { text == "\(image.repository):\($0)" }
        }
        guard purl.type == "oci" || purl.type == "docker", purl.name.lowercased() == image.name else { return false }
        // A digest names one build; the definition's next one has another.
        if purl.type == "oci", purl.version != nil { return false }
        if let repository = purl.qualifiers["repository_url"], repository != image.repository { return false }
        let tag = purl.qualifiers["tag"] ?? (purl.type == "docker" ? purl.version : nil)
        return tag.map { image.tags.contains($0) } ?? true
    }

    /// Whether a package purl is meant for the distribution; one without `distro` is meant for each.
    private func isFor(_ purl: PackageURL, _ distribution: Distribution) -> Bool {
        if purl.namespace.first.map({ $0 != distribution.id }) ?? false { return false }
        guard let distro = purl.qualifiers["distro"] else { return true }
        let version = "\(distribution.id)-\(distribution.versionID)"
        return distro == version || distro.hasPrefix(version + ".") || distro == distribution.codename
            || distro == distribution.codename.map { "\(distribution.id)-\($0)" }
    }

    /// Parts that answer to nothing, in words.
    package var problems: [String] {
        stale.map { "\($0.file): \($0.vulnerability) is stated about '\($0.component)', and \($0.reason)" }
    }
}

/// Holds a package purl against packages. `arch=source` names a source package and means all that is built from it.
private struct PackageMatch {
    let purl: PackageURL
    let image: VEXImage

    init(_ purl: PackageURL, _ image: VEXImage) {
        self.purl = purl
        self.image = image
    }

    private var isSource: Bool { purl.qualifiers["arch"] == "source" }

    private func name(_ package: Package) -> String { isSource ? package.source.name : package.name }
    private func version(_ package: Package) -> String { isSource ? package.source.version : package.version }

    func matches(_ package: Package) -> Bool {
        guard name(package) == purl.name else { return false }
        if !isSource, let arch = purl.qualifiers["arch"], arch != package.architecture { return false }
        if let stated = purl.version, stated != version(package) { return false }
        if let range = purl.qualifiers["vers"] {
            guard let range = VersionRange(range) else { return false }
            return range.contains(version(package), compare: image.compare)
        }
        return true
    }

    /// Why nothing matches.
    var absence: String {
        if let range = purl.qualifiers["vers"], VersionRange(range) == nil {
            return "'\(range)' is no range of versions"
        }
        let present = image.platforms.flatMap(\.packages).filter { name($0) == purl.name }
        if present.isEmpty { return "the image has no such package" }
        let versions = Set(present.map(version)).sorted().joined(separator: ", ")
        return "the image has \(purl.name) \(versions)"
    }
}
