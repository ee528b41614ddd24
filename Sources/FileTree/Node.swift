// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// Who put a path into the image. Every path has exactly one, and the SBOM says which.
package enum Origin: Hashable, Sendable, CustomStringConvertible {
    /// A distribution package, by the identity that its database uses (`libc6:amd64`, `busybox`).
    case package(String)
    /// A typed effect that stands for what a maintainer script would have done (`ldconfig`, `alternatives`).
    case effect(String)
    /// The definition itself: `paths`, `accounts`, `os-release`.
    case definition(String)

    package var description: String {
        switch self {
        case .package(let name): "package \(name)"
        case .effect(let name): "effect \(name)"
        case .definition(let field): "definition \(field)"
        }
    }
}

/// Where a regular file's bytes lie, and what they are.
package struct FileContent: Hashable, Sendable {
    /// The place of the bytes.
    package enum Place: Hashable, Sendable {
        /// In memory: for what effects and definitions generate, which is small.
        case bytes([UInt8])
        /// In the payload of an unpacked package, kept in the store under the package file's digest.
        case payload(package: Digest, offset: Int)
    }

    /// SHA-256 of the content.
    package let sha256: Digest
    /// SHA-1 of the content, which SPDX wants of every file; nil where nobody has taken it yet.
    package let sha1: Digest?
    /// Size in bytes.
    package let size: Int
    package let place: Place

    package init(sha256: Digest, sha1: Digest? = nil, size: Int, place: Place) {
        self.sha256 = sha256
        self.sha1 = sha1
        self.size = size
        self.place = place
    }

    package init(_ bytes: [UInt8]) {
        self.init(sha256: .of(bytes), sha1: .of(bytes, .sha1), size: bytes.count, place: .bytes(bytes))
    }
    package init(_ text: String) { self.init(Array(text.utf8)) }
}

/// One entry of an image's tree.
package struct Node: Hashable, Sendable {
    /// What stands at the path. Devices, FIFOs and sockets do not exist here: an image has none, and a package that
    /// ships one is refused when it is read.
    package enum Kind: Hashable, Sendable {
        case directory
        case file(FileContent)
        /// The target as stored in the link, which need not exist.
        case symlink([UInt8])
        /// Another name of a regular file in the same tree.
        case hardLink(TreePath)
    }

    package var path: TreePath
    package var kind: Kind
    /// The lower twelve bits of st_mode: permissions, setuid, setgid, sticky.
    package var mode: UInt16
    package var uid: Int
    package var gid: Int
    /// Seconds since 1970-01-01T00:00:00Z; the layer writer clamps it.
    package var mtime: Int
    /// Extended attributes by name, `security.capability` for one; values are raw bytes.
    package var xattrs: [String: [UInt8]]
    package var origin: Origin

    package init(
        _ path: TreePath,
        _ kind: Kind,
        mode: UInt16,
        uid: Int = 0,
        gid: Int = 0,
        mtime: Int = 0,
        xattrs: [String: [UInt8]] = [:],
        origin: Origin
    ) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.mtime = mtime
        self.xattrs = xattrs
        self.origin = origin
    }

    package var isDirectory: Bool { kind == .directory }
    package var content: FileContent? { if case .file(let content) = kind { content } else { nil } }
    package var symlinkTarget: [UInt8]? { if case .symlink(let target) = kind { target } else { nil } }
}
