// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Diagnostics
internal import FileTree
internal import Packages

/// Installs packages into a tree: their files by apk's rules of ownership, what their scripts would have done, and the
/// database.
struct Assembler {
    private let installation: Installation
    private let packages: [InstalledApk]
    /// Positions in `packages` in the order of installation.
    private let order: [Int]
    /// Who ships what stands at a path: positions in `packages` and in its nodes.
    private var claims: [TreePath: (package: Int, node: Int)] = [:]
    /// Whose mode and owner a directory has.
    private var directories: [TreePath: (package: Int, node: Int)] = [:]

    init(_ installation: Installation) throws {
        self.installation = installation
        let keyring = Keyring(installation.keys)
        packages = try installation.packages.map { installed throws(AlpineError) in
            try InstalledApk(installed, keyring: keyring)
        }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        order = try InstallOrder.of(
            packages,
            requested: installation.requested,
            architecture: Alpine.architecture(of: installation.platform)
        )
    }

    mutating func assemble() throws -> Assembly {
        try claim()
        let scripts = try ScriptPlan(packages, acknowledged: installation.acknowledgedScripts)
        var root = ImageRoot(tree: Tree(), contents: installation.contents, epoch: installation.epoch)
        try place(into: &root, owners: AccountFiles())
        // Accounts come first: names in the archives are resolved with them.
        var accounts = AccountFiles()
        try accounts.read(root)
        accounts.add(scripts.accounts)
        root.tree = Tree()
        try place(into: &root, owners: accounts)
        if scripts.usesAccounts { try accounts.write(to: &root, notes: true) }
        try Effects.apply(scripts, to: &root)
        let database = InstalledDatabase(
            packages: packages,
            installation: installation,
            claims: claims.mapValues(\.package),
            owners: accounts
        )
        try database.write(to: &root)
        return Assembly(tree: root.tree, scripts: scripts.reports, notes: root.notes)
    }

    // MARK: Files

    /// Decides for every path which package has it.
    private mutating func claim() throws {
        for position in order {
            for (index, node) in packages[position].nodes.enumerated() {
                if node.isDirectory {
                    try claimDirectory(node.path, position, index)
                } else {
                    try claimFile(node.path, position, index)
                }
            }
        }
    }

    private mutating func claimDirectory(_ path: TreePath, _ position: Int, _ index: Int) throws {
        if let other = claims[path] {
            // A package may ship a directory where another has a link to one.
            if case .symlink = packages[other.package].nodes[other.node].kind { return }
            throw conflict(path, other.package, position, "one ships a file, the other a directory")
        }
        if let owner = directories[path],
            !Ownership.directoryBelongs(to: packages[position], before: packages[owner.package])
        {
            return
        }
        directories[path] = (position, index)
    }

    private mutating func claimFile(_ path: TreePath, _ position: Int, _ index: Int) throws {
        if let directory = directories[path] {
            if case .symlink = packages[position].nodes[index].kind {
                directories[path] = nil
            } else {
                throw conflict(path, directory.package, position, "one ships a directory, the other a file")
            }
        }
        if let other = claims[path], other.package != position {
            switch Ownership.file(existing: packages[other.package], new: packages[position]) {
            case .keepsExisting: return
            case .newOneWins: break
            case .conflict:
                throw conflict(path, other.package, position, "both ship it, and neither replaces the other")
            }
        }
        claims[path] = (position, index)
    }

    private func conflict(_ path: TreePath, _ a: Int, _ b: Int, _ reason: String) -> AlpineError {
        let names = [packages[a].name, packages[b].name].sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return AlpineError(
            .fileConflict,
            "/\(path)",
            "\(names[0]) and \(names[1]) can't be installed together: \(reason)",
            hint: "leave one of them out of 'contents.packages'"
        )
    }

    /// Puts the winners into the tree, with owners by name where the archive has names.
    private func place(into root: inout ImageRoot, owners: AccountFiles) throws {
        func resolved(_ position: Int, _ index: Int) -> Node {
            var node = packages[position].nodes[index]
            let record = packages[position].records[index]
            node.uid = owners.uid(record.userName) ?? node.uid
            node.gid = owners.gid(record.groupName) ?? node.gid
            // The form in which the store keeps a package does not say whose it is.
            node.origin = .package(packages[position].name)
            return node
        }
        var links: [(node: Node, target: TreePath, position: Int)] = []
        let nodes =
            directories.map { resolved($0.value.package, $0.value.node) }
            + claims.map { resolved($0.value.package, $0.value.node) }
        for node in nodes.sorted(by: { $0.path < $1.path }) {
            if case .hardLink(let target) = node.kind {
                links.append((node, target, claims[node.path]?.package ?? 0))
            } else {
                try root.put(node)
            }
        }
        for (node, target, position) in links {
            var node = node
            // Where another package took the file, this name keeps the content that its own package gave it.
            if claims[target]?.package != position {
                guard let content = original(target, of: position) else {
                    throw AlpineError(
                        .unsafeEntry,
                        packages[position].name,
                        "the hard link '\(node.path)' has no file '\(target)'"
                    )
                }
                node.kind = .file(content)
            }
            try root.put(node)
        }
    }

    /// The content of a package's file, hard links followed.
    private func original(_ path: TreePath, of position: Int) -> FileContent? {
        var path = path
        for _ in 0..<16 {
            guard let node = packages[position].nodes.first(where: { $0.path == path }) else { return nil }
            switch node.kind {
            case .file(let content): return content
            case .hardLink(let target): path = target
            default: return nil
            }
        }
        return nil
    }
}
