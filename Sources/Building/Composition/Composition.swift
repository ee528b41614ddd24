// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Definitions
internal import FileTree

/// What a definition says of the file system, applied to the tree that its packages made: accounts, os-release and paths,
/// then hardening. The order is fixed, since `paths` may delete or replace what the others put there.
struct Composition {
    let plan: Plan
    let branding: Branding
    /// The time of everything that is made here, in seconds since the epoch.
    let epoch: Int
    let contents: any ContentSource

    struct Outcome {
        var tree: Tree
        /// What hardening changed, in byte order of paths.
        var hardening: [Hardening.Change]
        /// Files of the repository that went into the image, for the provenance.
        var contextFiles: [PathEntries.ContextFile]
        /// The config's `User`.
        var user: String
    }

    func apply(to tree: Tree) throws -> Outcome {
        var tree = tree
        try Skeleton.apply(to: &tree, epoch: epoch)
        let user = try applyAccounts(to: &tree)
        try applyOSRelease(to: &tree)
        var entries = PathEntries(epoch: epoch)
        for entry in plan.paths { try entries.apply(entry, to: &tree) }
        let changes = Hardening.apply(to: &tree, exempt: entries.statedModes)
        return Outcome(tree: tree, hardening: changes, contextFiles: entries.contextFiles, user: user)
    }

    /// The definition's accounts on top of those of the packages.
    ///
    /// - Returns: the numeric user that the container runs as. A number and not a name: Kubernetes' `runAsNonRoot` cannot
    ///   judge a name.
    private func applyAccounts(to tree: inout Tree) throws -> String {
        var files = try AccountFiles(of: tree, contents: contents)
        // Below /bin in both families; where /usr is merged, that is a link or an alias.
        let shell = try ["bin/bash", "bin/sh"].first { tree.follow(tree.canonical(try TreePath($0))) != nil }
        let nologin = try ["usr/sbin/nologin", "sbin/nologin"].first {
            tree.follow(tree.canonical(try TreePath($0))) != nil
        }
        let noShell = "/" + (nologin ?? "usr/sbin/nologin")
        let loginShell = shell.map { "/" + $0 } ?? noShell
        for group in plan.accounts.groups { files.set(group: group.name, gid: group.gid, members: group.members) }
        for user in plan.accounts.users {
            let isNew = !files.users.contains { $0.name == user.name }
            let home = "/home/\(user.name)"
            files.set(user: user.name, uid: user.uid, gid: user.gid, home: home, shell: loginShell)
            let path = try TreePath(home)
            if isNew, user.uid != 0, tree[path] == nil {
                try tree.put(
                    Node(
                        path,
                        .directory,
                        mode: UInt16(user.mode ?? 0o700),
                        uid: user.uid,
                        gid: user.gid,
                        mtime: epoch,
                        origin: .definition("accounts")
                    )
                )
            }
        }
        if plan.accounts.root, shell != nil { files.set(shell: loginShell, of: "root") }
        if !plan.accounts.root { files.set(shell: noShell, of: "root") }
        try files.write(to: &tree, epoch: epoch)

        guard let runAs = plan.accounts.runAs else {
            throw BuildError(
                "no-user",
                "\(plan.path): 'accounts.run-as' is missing, so it is open whom the image runs as",
                hint: "name a user that 'accounts.users' declares, or 'root' on purpose"
            )
        }
        if let number = Int(runAs) { return String(number) }
        guard let user = files.users.first(where: { $0.name == runAs }) else {
            throw BuildError(
                "unknown-user",
                "\(plan.path): 'accounts.run-as' names '\(runAs)', which is no user of the image",
                hint: "declare it below 'accounts.users'"
            )
        }
        return String(user.uid)
    }

    /// `/etc/os-release` is the definition's. The distribution's own file below `/usr/lib` stays as its package has it, so
    /// that the package database remains true.
    private func applyOSRelease(to tree: inout Tree) throws {
        guard !plan.osRelease.isEmpty else { return }
        let pairs = plan.osRelease.compactMap { pair in branding.text(pair.value).map { Plan.Pair(pair.name, $0) } }
        let text = Plan.text(osRelease: pairs)
        try tree.put(
            Node(
                "etc/os-release",
                .file(FileContent(text)),
                mode: 0o644,
                mtime: epoch,
                origin: .definition("os-release")
            )
        )
    }
}
