// SPDX-License-Identifier: Apache-2.0

package import Cryptography
internal import OCI

/// What an image is called, and when its newest input was made: what every document about it begins with.
package struct ImageIdentity: Hashable, Sendable {
    /// The canonical repository, such as `registry.example.org/lab/img`, wherever the image is pushed.
    package var repository: String
    package var tag: String?
    /// Seconds since the epoch.
    package var created: Int
    package var namespace: Namespace
    /// The version of the program.
    package var toolVersion: String

    package init(repository: String, tag: String?, created: Int, namespace: Namespace, toolVersion: String) {
        self.repository = repository
        self.tag = tag
        self.created = created
        self.namespace = namespace
        self.toolVersion = toolVersion
    }

    /// RFC 3339.
    package var time: String { Timestamp.text(created) }

    /// The name in purls of type `oci`, which have no namespace: the last component of the repository.
    package var imageName: String {
        (repository.split(separator: "/").last.map(String.init) ?? repository).lowercased()
    }

    /// The image's package URL.
    package func purl(_ digest: Digest, architecture: String? = nil) -> PackageURL {
        var qualifiers = ["repository_url": repository]
        if let tag { qualifiers["tag"] = tag }
        if let architecture { qualifiers["arch"] = architecture }
        return PackageURL(type: "oci", name: imageName, version: digest.description, qualifiers: qualifiers)
    }
}

/// One platform's image: its manifest's digest and what is in it.
package struct PlatformImage: Sendable {
    package var digest: Digest
    package var inventory: ImageInventory
    package init(digest: Digest, inventory: ImageInventory) {
        self.digest = digest
        self.inventory = inventory
    }
}
