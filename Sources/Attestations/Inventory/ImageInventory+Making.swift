// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import FileTree
package import Packages

extension ImageInventory {
    /// The files of a tree, each with its owner.
    ///
    /// - Parameter sha1: the SHA-1 of a content; a caller that knows it from unpacking saves reading everything again.
    /// - Throws: `unowned-file` when a file claims a package that is not installed.
    package static func files(
        of tree: Tree,
        packages: [InventoryPackage],
        sha1: (FileContent) throws -> Digest
    ) throws -> [InventoryFile] {
        let owners = PackageNames(packages.map(\.package))
        var known: [Digest: Digest] = [:]
        var files: [InventoryFile] = []
        for node in tree.sorted {
            if case .package(let identity) = node.origin, owners.index(of: identity) == nil {
                throw AttestationError(.unownedFile, "/\(node.path)", "the package '\(identity)' is not installed")
            }
            let content: FileContent
            switch node.kind {
            case .file(let own): content = own
            case .hardLink(let target):
                guard let other = tree[target]?.content else {
                    throw AttestationError(
                        .unownedFile,
                        "/\(node.path)",
                        "it is a link to '\(target)', which is no file"
                    )
                }
                content = other
            case .directory, .symlink: continue
            }
            let digest: Digest
            if let before = known[content.sha256] {
                digest = before
            } else {
                digest = try sha1(content)
                known[content.sha256] = digest
            }
            files.append(
                InventoryFile(
                    path: node.path,
                    sha256: content.sha256,
                    sha1: digest,
                    size: content.size,
                    mode: node.mode,
                    origin: node.origin
                )
            )
        }
        return files
    }

    /// Reads a content and hashes it, 1 MiB at a time.
    package static func sha1(of content: FileContent, in source: any ContentSource) throws -> Digest {
        let hasher = Hasher(.sha1)
        var offset = 0
        while offset < content.size {
            let end = min(offset + 1 << 20, content.size)
            hasher.update(try source.read(content, range: offset..<end))
            offset = end
        }
        return hasher.finish()
    }

    /// The installed packages with their licences: Debian's from the copyright file that each package ships or links to,
    /// Alpine's from the index.
    package static func packages(
        installed: [InstalledPackage],
        requested: Set<String>,
        contents: any ContentSource
    ) throws -> [InventoryPackage] {
        var documents: [TreePath: Node] = [:]
        let documentation: TreePath = "usr/share/doc"
        for entry in installed {
            for node in entry.contents.nodes where node.path.isWithin(documentation) {
                if case .directory = node.kind { continue }
                if node.path.name.elementsEqual("copyright".utf8) || node.path.components.count == 4 {
                    documents[node.path] = node
                }
            }
        }
        var cache: [Digest: Licence?] = [:]
        var packages: [InventoryPackage] = []
        for entry in installed {
            let package = entry.package
            var licence = package.about.licence.flatMap { Licence.stated($0) }
            if licence == nil, let content = copyright(of: package.name, in: documents) {
                if let before = cache[content.sha256] {
                    licence = before
                } else if content.size <= CopyrightFile.limit {
                    licence = CopyrightFile(try contents.read(content))?.licence
                    cache[content.sha256] = .some(licence)
                }
            }
            packages.append(
                InventoryPackage(package: package, licence: licence, isRequested: requested.contains(package.name))
            )
        }
        return packages
    }

    /// The copyright file of a package, through links of the file or of its directory to another package's.
    private static func copyright(of name: String, in documents: [TreePath: Node]) -> FileContent? {
        var directory = TreePath(unchecked: Array("usr/share/doc/\(name)".utf8))
        for _ in 0..<8 {
            var node = documents[directory]
            if node == nil { node = documents[directory.appending("copyright")] }
            guard let node else { return nil }
            switch node.kind {
            case .file(let content): return content
            case .hardLink(let target): directory = target.parent ?? .root
            case .symlink(let target):
                let base = target.first == 0x2F ? [] : (node.path.parent?.bytes ?? []) + [0x2F]
                guard let path = normalised(base + target) else { return nil }
                directory = path.name.elementsEqual("copyright".utf8) ? path.parent ?? .root : path
            case .directory: return nil
            }
        }
        return nil
    }

    /// Resolves `..` in a path; nil when it climbs out.
    private static func normalised(_ bytes: [UInt8]) -> TreePath? {
        var parts: [[UInt8]] = []
        for part in bytes.split(separator: 0x2F) {
            if part.elementsEqual([0x2E]) { continue }
            if part.elementsEqual([0x2E, 0x2E]) {
                if parts.popLast() == nil { return nil }
            } else {
                parts.append(Array(part))
            }
        }
        return TreePath(unchecked: Array(parts.joined(separator: [0x2F])))
    }
}

/// Finds the package that a file's origin names: `libc6:amd64` or `busybox`.
struct PackageNames {
    private var exact: [String: Int] = [:]
    private var plain: [String: Int] = [:]

    init(_ packages: [Package]) {
        for (index, package) in packages.enumerated() {
            exact["\(package.name):\(package.architecture)"] = index
            if plain[package.name] == nil { plain[package.name] = index }
        }
    }

    func index(of identity: String) -> Int? {
        exact[identity] ?? plain[identity] ?? plain[String(identity.prefix { $0 != ":" })]
    }
}
