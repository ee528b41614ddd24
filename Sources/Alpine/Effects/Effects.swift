// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// Does what the scripts would have done, each thing once, in a fixed order.
enum Effects {
    static let shells = "shells"
    static let directories = "directories"

    static func apply(_ plan: ScriptPlan, to root: inout ImageRoot) throws {
        for path in plan.directories.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            let path = try TreePath(path)
            if !path.isRoot { try root.directory(path, by: directories) }
        }
        if plan.restrictsShadow { try restrictShadow(&root) }
        if !plan.shells.isEmpty { try addShells(plan.shells, to: &root) }
        if plan.linksBusybox { try BusyboxLinks.apply(to: &root) }
        if plan.bundlesCertificates { try CertificateBundle.apply(to: &root) }
    }

    /// alpine-baselayout: `/etc/shadow` belongs to the group that may read it.
    private static func restrictShadow(_ root: inout ImageRoot) throws {
        var accounts = AccountFiles()
        try accounts.read(root)
        guard let gid = accounts.gid("shadow") else { return }
        root.tree.update("etc/shadow") { node in
            node.uid = 0
            node.gid = gid
            node.mode = 0o640
        }
    }

    /// `add-shell`: one line a shell, those that are there already left out.
    private static func addShells(_ added: Set<String>, to root: inout ImageRoot) throws {
        let path: TreePath = "etc/shells"
        var lines = (try root.text(path) ?? "# valid login shells\n").split(separator: "\n").map(String.init)
        for shell in added.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) where !lines.contains(shell) {
            lines.append(shell)
        }
        try root.write(path, lines.map { $0 + "\n" }.joined(), by: shells)
    }
}
