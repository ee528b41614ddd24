// SPDX-License-Identifier: Apache-2.0

internal import Archives
internal import Cryptography
internal import FileTree
internal import Packages

/// apk's database and configuration, as apk itself writes them: `lib/apk/db/{installed,scripts.tar,triggers}` and
/// `etc/apk/{arch,repositories,world,keys}`.
struct InstalledDatabase {
    static let effect = "apk-database"

    private let packages: [InstalledApk]
    private let installation: Installation
    /// The package, by position, that has the file at a path.
    private let claims: [TreePath: Int]
    private let owners: AccountFiles

    init(packages: [InstalledApk], installation: Installation, claims: [TreePath: Int], owners: AccountFiles) {
        self.packages = packages
        self.installation = installation
        self.claims = claims
        self.owners = owners
    }

    func write(to root: inout ImageRoot) throws {
        let directory: TreePath = "lib/apk/db"
        try root.directory(directory, by: Self.effect)
        let installed = packages.indices.flatMap { stanza($0) }
        try root.write("lib/apk/db/installed", installed, by: Self.effect)
        // Only apk itself runs scripts and triggers; an image without it has no use for them.
        if installation.variant == .dev || packages.contains(where: { $0.name == "apk-tools" }) {
            try root.write("lib/apk/db/scripts.tar", try scripts(), by: Self.effect)
            try root.write("lib/apk/db/triggers", triggers(), by: Self.effect)
        }
        try configure(&root)
    }

    // MARK: Configuration

    private func configure(_ root: inout ImageRoot) throws {
        let architecture = Alpine.architecture(of: installation.platform)
        try root.write("etc/apk/arch", architecture + "\n", by: Self.effect)
        let world = installation.requested ?? packages.map(\.name)
        let lines = Set(world).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        try root.write("etc/apk/world", lines.map { $0 + "\n" }.joined(), by: Self.effect)
        let repositories = installation.repositories.compactMap { repository in
            repository.url.map { (repository.tag.map { "@\($0) " } ?? "") + $0 + "\n" }
        }
        try root.write("etc/apk/repositories", repositories.joined(), by: Self.effect)
        // The keys that vouched for what is installed, so that the image's own apk trusts the same.
        try root.directory("etc/apk/keys", by: Self.effect)
        for name in Set(packages.map(\.signer)).sorted() {
            let path = try TreePath("etc/apk/keys/" + name)
            guard let bytes = installation.keys[name], root.tree[path] == nil else { continue }
            try root.write(path, bytes, by: Self.effect)
        }
    }

    // MARK: The installed packages

    private func stanza(_ position: Int) -> [UInt8] {
        let package = packages[position]
        var out = Self.header(package.entry)
        func add(_ field: String, _ value: String) { out += Array("\(field):\(value)\n".utf8) }
        let replaces = package.info.replaces.map(\.description)
        if !replaces.isEmpty { add("r", replaces.joined(separator: " ")) }
        if package.info.replacesPriority != 0 { add("q", String(package.info.replacesPriority)) }
        for directory in directories(of: position) {
            out += Array("F:".utf8) + directory.path.bytes + [0x0A]
            if let node = directory.node, let acl = Self.acl(node, plain: 0o755) { add("M", acl) }
            for (node, checksum) in directory.files {
                out += Array("R:".utf8) + node.path.name + [0x0A]
                if let acl = Self.acl(node, plain: 0o644) { add("a", acl) }
                if let checksum { add("Z", Checksum(checksum).description) }
            }
        }
        return out + [0x0A]
    }

    /// The fields that an index has too.
    static func header(_ entry: IndexEntry) -> [UInt8] {
        var out = "C:\(entry.checksum)\nP:\(entry.name)\nV:\(entry.version)\n"
        if let architecture = entry.architecture { out += "A:\(architecture)\n" }
        out +=
            "S:\(entry.size)\nI:\(entry.installedSize)\nT:\(entry.summary)\nU:\(entry.homepage)\nL:\(entry.licence)\n"
        if !entry.origin.isEmpty { out += "o:\(entry.origin)\n" }
        if !entry.maintainer.isEmpty { out += "m:\(entry.maintainer)\n" }
        if entry.buildTime != 0 { out += "t:\(entry.buildTime)\n" }
        if !entry.commit.isEmpty { out += "c:\(entry.commit)\n" }
        if entry.priority != 0 { out += "k:\(entry.priority)\n" }
        for (field, relations) in [("D", entry.depends), ("p", entry.provides), ("i", entry.installIf)]
        where !relations.isEmpty {
            out += "\(field):" + relations.map(\.description).joined(separator: " ") + "\n"
        }
        return Array(out.utf8)
    }

    private typealias Directory = (path: TreePath, node: Node?, files: [(Node, Digest?)])

    /// A package's directories in byte order, each with the files there that the package has kept.
    private func directories(of position: Int) -> [Directory] {
        let package = packages[position]
        var found: [TreePath: Directory] = [:]
        for (node, record) in zip(package.nodes, package.records) {
            if node.isDirectory {
                found[node.path, default: (node.path, nil, [])].node = owned(node, record)
            } else if claims[node.path] == position, let parent = node.path.parent {
                found[parent, default: (parent, nil, [])].files.append((owned(node, record), record.checksum))
            }
        }
        return found.values.sorted { $0.path < $1.path }.map { directory in
            (directory.path, directory.node, directory.files.sorted { $0.0.path < $1.0.path })
        }
    }

    private func owned(_ node: Node, _ record: FileRecord) -> Node {
        var node = node
        node.uid = owners.uid(record.userName) ?? node.uid
        node.gid = owners.gid(record.groupName) ?? node.gid
        return node
    }

    /// Owner and mode, where they are not root's and the usual one.
    static func acl(_ node: Node, plain: UInt16) -> String? {
        var out = "\(node.uid):\(node.gid):" + String(node.mode, radix: 8)
        if !node.xattrs.isEmpty {
            out += ":" + checksum(of: node.xattrs).description
        } else if node.uid == 0 && node.gid == 0 && node.mode == plain {
            return nil
        }
        return out
    }

    /// SHA-1 over names and values, each behind its length, in the order of the names.
    static func checksum(of xattrs: [String: [UInt8]]) -> Checksum {
        let hasher = Hasher(.sha1)
        func add(_ bytes: [UInt8]) {
            let count = UInt32(truncatingIfNeeded: bytes.count)
            hasher.update([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) })
            hasher.update(bytes)
        }
        for (name, value) in xattrs.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            add(Array(name.utf8))
            add(value)
        }
        return Checksum(hasher.finish())
    }

    // MARK: Scripts and triggers

    private func scripts() throws -> [UInt8] {
        var out: [UInt8] = []
        let writer = try TarWriter(name: "scripts.tar") { out.append(contentsOf: $0) }
        for package in packages {
            for (member, bytes) in package.scripts {
                // Hexadecimal, since base64 has a slash, which a file name can't have.
                let name = "\(package.entry.label).X1\(package.entry.checksum.digest.hex)\(member)"
                try writer.begin(
                    ArchiveEntry(
                        path: Array(name.utf8),
                        kind: .file,
                        mode: 0o755,
                        uid: 0,
                        gid: 0,
                        userName: "",
                        groupName: "",
                        mtime: min(package.entry.buildTime, installation.epoch),
                        size: bytes.count,
                        xattrs: [:]
                    )
                )
                try bytes.withUnsafeBytes { try writer.write($0) }
                try writer.endEntry()
            }
        }
        try writer.finish()
        return out
    }

    private func triggers() -> String {
        packages.filter { !$0.info.triggers.isEmpty }
            .map { "\($0.entry.checksum) " + $0.info.triggers.joined(separator: " ") + "\n" }.joined()
    }
}
