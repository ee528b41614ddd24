// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import FileTree
package import OCI
package import Packages

/// Everything that the evidence says about one platform's image, as the build knows it: both SBOM formats are views of it.
package struct ImageInventory: Sendable {
    package var platform: Platform
    package var distribution: Distribution
    /// Lowest first.
    package var layers: [InventoryLayer]
    /// Sorted by name, then architecture.
    package var packages: [InventoryPackage]
    /// In byte order of their paths: every regular file and hard link of the image.
    package var files: [InventoryFile]

    package init(
        platform: Platform,
        distribution: Distribution,
        layers: [InventoryLayer],
        packages: [InventoryPackage],
        files: [InventoryFile]
    ) {
        self.platform = platform
        self.distribution = distribution
        self.layers = layers
        self.packages = packages.sorted {
            ($0.package.name, $0.package.architecture) < ($1.package.name, $1.package.architecture)
        }
        self.files = files.sorted { $0.path < $1.path }
    }
}

/// A layer, and what is in it in words.
package struct InventoryLayer: Hashable, Sendable {
    package var descriptor: Descriptor
    /// The uncompressed layer's digest.
    package var diffID: Digest
    package var comment: String
    package init(descriptor: Descriptor, diffID: Digest, comment: String) {
        self.descriptor = descriptor
        self.diffID = diffID
        self.comment = comment
    }
}

/// An installed package.
package struct InventoryPackage: Sendable {
    package var package: Package
    /// nil where neither the index nor the package says it in a way that a program can read.
    package var licence: Licence?
    /// The definition names it; else it came as a dependency.
    package var isRequested: Bool
    /// Names of installed packages that it depends on, where known.
    package var dependencies: [String]
    /// What stands for its scripts, none of which was run.
    package var scripts: [ScriptReport] = []

    package init(package: Package, licence: Licence? = nil, isRequested: Bool = false, dependencies: [String] = []) {
        self.package = package
        self.licence = licence
        self.isRequested = isRequested
        self.dependencies = dependencies
    }
}

/// A regular file (or another name of one).
package struct InventoryFile: Hashable, Sendable {
    package var path: TreePath
    package var sha256: Digest
    /// SPDX 2.3 demands it for every file, and its package verification code is made of it.
    package var sha1: Digest
    /// In bytes.
    package var size: Int
    package var mode: UInt16
    package var origin: Origin
    package init(path: TreePath, sha256: Digest, sha1: Digest, size: Int, mode: UInt16, origin: Origin) {
        self.path = path
        self.sha256 = sha256
        self.sha1 = sha1
        self.size = size
        self.mode = mode
        self.origin = origin
    }
}
