// SPDX-License-Identifier: Apache-2.0

package import Cryptography
internal import FileTree
internal import Images
package import OCI

/// One side of a comparison, brought to a form that images, locks and bills of materials have in common.
package struct Snapshot: Sendable {
    package enum Kind: String, Sendable { case image, lock, spdx, cyclonedx }

    package var name: String
    package var kind: Kind
    /// Equal digests are the same thing.
    package var digest: Digest
    package var platforms: [PlatformSnapshot]
    package var annotations: [String: String] = [:]
    package var evidence = EvidenceSnapshot()
    /// What else stands there: a lock's signed indexes.
    package var others: [String: String] = [:]

    package init(name: String, kind: Kind, digest: Digest, platforms: [PlatformSnapshot]) {
        self.name = name
        self.kind = kind
        self.digest = digest
        self.platforms = platforms
    }

    /// A bill of materials.
    package init(name: String, digest: Digest, bill: BillOfMaterials) {
        let platform = PlatformSnapshot(name: "", packages: bill.packages)
        self.init(name: name, kind: bill.format == .spdx ? .spdx : .cyclonedx, digest: digest, platforms: [platform])
    }

    /// An image: its layers are streamed, and what is read of them is their names and the few files that databases are.
    package init(image source: any ImageSource, evidence: EvidenceSnapshot) async throws {
        let root = try await source.root()
        var platforms: [PlatformSnapshot] = []
        for descriptor in try await source.images(of: root) {
            let image = try await OpenedImage(descriptor, in: source) { path in
                FileOwners.holds(path) || PackageDatabase.holds(path) || path == "etc/passwd" || path == "etc/group"
            }
            platforms.append(
                PlatformSnapshot(
                    name: image.platform.description,
                    packages: try Snapshot.packages(image, evidence),
                    image: image
                )
            )
        }
        self.init(name: source.name, kind: .image, digest: root.digest, platforms: platforms)
        if MediaType.isIndex(root.mediaType) { annotations = try await source.imageIndex(root).annotations }
        self.evidence = evidence
    }

    /// What the image's own database lists, with the licences that its evidence states.
    private static func packages(_ image: OpenedImage, _ evidence: EvidenceSnapshot) throws -> [PackageSnapshot] {
        let database = try PackageDatabase(image.contents)
        return database.entries.map { entry in
            var package = PackageSnapshot(
                name: entry.name,
                version: entry.version,
                architecture: entry.architecture,
                type: database.packageType,
                source: database.sources[entry]
            )
            package.licence = evidence.licence(package)
            return package
        }
    }
}
