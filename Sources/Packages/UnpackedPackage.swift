// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import FileTree

/// What a package file holds, once read: everything but the bytes of its files, which lie in the payload.
package struct UnpackedPackage: Sendable {
    /// SHA-256 of the package file, and the key of its payload.
    package var archive: Digest
    /// The tree entries in archive order, paths as the package has them.
    package var nodes: [Node]
    /// Control members by name: `control`, `postinst`, `conffiles`, `md5sums` on Debian; `.PKGINFO`, `.post-install` on Alpine.
    package var control: [String: [UInt8]]

    package init(archive: Digest, nodes: [Node], control: [String: [UInt8]]) {
        self.archive = archive
        self.nodes = nodes
        self.control = control
    }
}

/// Takes the bytes of a package's files while it is decoded, one file after the other.
package protocol PayloadSink: AnyObject {
    /// Appends bytes of the current file.
    func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Ends the current file and says where its content lies.
    func finishFile() throws -> FileContent
}

/// A package that is installed in an image: what the index said and what the file holds.
package struct InstalledPackage: Sendable {
    package var package: Package
    package var contents: UnpackedPackage
    package init(package: Package, contents: UnpackedPackage) {
        self.package = package
        self.contents = contents
    }
}
