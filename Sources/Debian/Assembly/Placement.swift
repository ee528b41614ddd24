// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import Packages

/// Puts the files of packages into a tree as dpkg's unpacking does: usr-merged, diverted, `Replaces` honoured, conflicts
/// refused.
struct Placement {
    private let packages: [DebianPackage]
    private let variant: Installation.Variant
    private let diversions: [TreePath: (to: TreePath, package: String)]
    private let replacements: [String: Replacement]
    private let versions: [String: (name: String, version: String)]
    private var tree = Tree()

    init(_ packages: [DebianPackage], variant: Installation.Variant, diversions: [Diversion]) throws {
        self.packages = packages
        self.variant = variant
        var table: [TreePath: (to: TreePath, package: String)] = [:]
        for diversion in diversions {
            table[try TreePath(diversion.from)] = (try TreePath(diversion.to), diversion.package)
        }
        self.diversions = table
        var replacements: [String: Replacement] = [:]
        var versions: [String: (name: String, version: String)] = [:]
        for package in packages {
            replacements[package.identity] = Replacement(parsing: package.control["Replaces"])
            versions[package.identity] = (package.name, package.control.version)
        }
        self.replacements = replacements
        self.versions = versions
    }

    /// The tree of all packages.
    ///
    /// - Throws: `AssemblyError.fileConflict` naming the path and both packages; a `TreeError` for a path that cannot be.
    mutating func place(platform: Platform) throws -> Tree {
        try mergeUsr(platform: platform)
        // base-files first: the top directories are its own, whatever else ships them too.
        let order = packages.filter { $0.name == "base-files" } + packages.filter { $0.name != "base-files" }
        for package in order {
            for node in package.installed.contents.nodes {
                try place(node, of: package)
            }
        }
        return tree
    }

    // MARK: Aliases

    /// `/bin`, `/sbin`, `/lib` and the platform's other library directories are links below `/usr` since Debian 12, and
    /// `/var/run` and `/var/lock` lead to `/run`; base-files and its postinst make them so.
    private mutating func mergeUsr(platform: Platform) throws {
        var names = ["bin", "sbin", "lib"]
        if platform == .amd64 { names.append("lib64") }
        for name in ["lib32", "libx32"] where ships("usr/\(name)") || ships(name) { names.append(name) }
        for name in names {
            let path = try TreePath(name)
            try tree.alias(
                path,
                to: try TreePath("usr/" + name),
                target: "usr/" + name,
                origin: owner(of: path, "usr-merge")
            )
        }
        guard packages.contains(where: { $0.name == "base-files" }) else { return }
        try tree.alias("var/run", to: "run", target: "/run", origin: .effect(Skeleton.name))
        try tree.alias("var/lock", to: "run/lock", target: "/run/lock", origin: .effect(Skeleton.name))
        // What base-files' postinst makes before anything else can.
        try tree.put(Node("run/lock", .directory, mode: 0o1777, origin: .effect(Skeleton.name)))
    }

    private func ships(_ directory: String) -> Bool {
        guard let path = try? TreePath(directory) else { return false }
        return packages.contains { $0.installed.contents.nodes.contains { $0.path.isWithin(path) && !$0.path.isRoot } }
    }

    /// The package that ships the link itself (Debian 13's base-files), or an effect where a script makes it.
    private func owner(of path: TreePath, _ effect: String) -> Origin {
        for package in packages where package.name == "base-files" {
            for node in package.installed.contents.nodes where node.path == path && node.symlinkTarget != nil {
                return .package(package.identity)
            }
        }
        return .effect(effect)
    }

    // MARK: Nodes

    private mutating func place(_ original: Node, of package: DebianPackage) throws {
        guard !original.path.isRoot, Pruning.keeps(original, variant) else { return }
        var node = original
        node.origin = .package(package.identity)
        if let diversion = diversions[node.path], diversion.package != package.name { node.path = diversion.to }
        node.path = try throughLinks(node.path)
        // The directory that a package still ships where the link is: what it holds goes through the link.
        if node.isDirectory, tree.aliases.contains(where: { $0.from == node.path }) { return }
        if case .hardLink(let target) = node.kind { node = try placeable(node, linkTo: target, of: package) }
        let path = tree.canonical(node.path)
        guard let existing = tree[path] else { return try tree.add(node) }
        if existing.isDirectory && node.isDirectory { return }
        // dpkg never replaces a directory by a link, nor a link to a directory by the directory.
        if existing.isDirectory && node.symlinkTarget != nil { return }
        if node.isDirectory, existing.symlinkTarget != nil, tree.follow(path)?.isDirectory == true { return }
        guard case .package(let other) = existing.origin, other != package.identity else {
            return try tree.put(node)
        }
        if replaces(package.identity, other) { return try tree.put(node) }
        if replaces(other, package.identity) { return }
        throw AssemblyError(
            .fileConflict,
            "'/\(path)' is in \(label(other)) and in \(label(package.identity)), and neither replaces the other",
            hint: "leave one of them out of the definition, for example with '!\(package.name)'"
        )
    }

    private func replaces(_ package: String, _ other: String) -> Bool {
        guard let replacement = replacements[package], let version = versions[other] else { return false }
        return replacement.covers(version.name, version.version)
    }

    private func label(_ identity: String) -> String {
        versions[identity].map { "\($0.name) \($0.version)" } ?? identity
    }

    /// The path with links among its directories followed, as the kernel would while dpkg unpacks.
    private func throughLinks(_ path: TreePath) throws -> TreePath {
        guard let parent = path.parent, !parent.isRoot else { return path }
        let canonical = tree.canonical(parent)
        if tree[canonical]?.isDirectory == true { return path }
        for ancestor in canonical.ancestors + [canonical] {
            guard tree[ancestor]?.symlinkTarget != nil else { continue }
            let real = try tree.resolve(ancestor)
            let rest = TreePath(unchecked: Array(path.bytes)).isWithin(ancestor) ? path : canonical.appending(path.name)
            guard let moved = rest.rebased(from: ancestor, to: real) else { return path }
            return try throughLinks(moved)
        }
        return path
    }

    /// A hard link whose first name was left out becomes a file of its own.
    private func placeable(_ node: Node, linkTo target: TreePath, of package: DebianPackage) throws -> Node {
        var node = node
        let moved = diversions[target].flatMap { $0.package == package.name ? nil : $0.to } ?? target
        let first = tree.canonical(try throughLinks(moved))
        if tree[first]?.content != nil {
            node.kind = .hardLink(first)
            return node
        }
        guard let source = package.installed.contents.nodes.first(where: { $0.path == target }), source.content != nil
        else {
            throw AssemblyError(
                .badInput,
                "'/\(node.path)' of \(package.name) is a hard link to '/\(target)', which the package does not have"
            )
        }
        node.kind = source.kind
        return node
    }
}
