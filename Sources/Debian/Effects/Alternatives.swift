// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import Packages

/// `update-alternatives` in automatic mode: every group's links to the choice of highest priority, and in dev images the
/// state in `/var/lib/dpkg/alternatives`.
package enum Alternatives: Effect {
    package static let name = "alternatives"

    private struct Group {
        var name: String
        var link: String
        var choices: [AlternativeChoice] = []

        /// Slave links by name; a later choice may add some.
        var slaves: [(name: String, link: String)] {
            var links: [String: String] = [:]
            for slave in choices.flatMap(\.slaves) { links[slave.name] = slave.link }
            return links.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
        }

        /// The highest priority; of equal ones the one that was installed first, which is by package name here.
        var best: AlternativeChoice? {
            choices.reduce(nil) { best, choice in
                guard let best else { return choice }
                return choice.priority > best.priority ? choice : best
            }
        }
    }

    package static func apply(to root: inout ImageRoot) throws {
        for group in groups(in: root) {
            guard let best = group.best else { continue }
            try link(group.link, group.name, best.path, in: &root)
            for slave in group.slaves {
                guard let choice = best.slaves.first(where: { $0.name == slave.name }),
                    let path = try? TreePath(choice.path), root.exists(path)
                else { continue }
                try link(slave.link, slave.name, choice.path, in: &root)
            }
            if root.variant == .dev {
                try root.write(try TreePath("var/lib/dpkg/alternatives/" + group.name), state(group), by: name)
            }
        }
    }

    /// Groups by name, with the choices whose file is in the image.
    private static func groups(in root: ImageRoot) -> [Group] {
        var choices: [AlternativeChoice] = []
        for package in root.packages {
            guard let script = package.script("postinst") else { continue }
            choices += AlternativeChoice.choices(in: script) ?? []
        }
        choices += PostgreSQL.manualPages(in: root)
        var groups: [String: Group] = [:]
        for choice in choices {
            guard let path = try? TreePath(choice.path), root.exists(path) else { continue }
            var group = groups[choice.name] ?? Group(name: choice.name, link: choice.link)
            // The last registration of one path counts.
            group.choices.removeAll { $0.path == choice.path }
            group.choices.append(choice)
            groups[choice.name] = group
        }
        return groups.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private static func link(_ link: String, _ entry: String, _ target: String, in root: inout ImageRoot) throws {
        let path = try TreePath(link)
        // A package's own file at the place of the link stays, as update-alternatives leaves it without --force.
        if let existing = root.tree[root.tree.canonical(path)], existing.symlinkTarget == nil { return }
        // Nor is a link made into a directory that does not exist.
        guard let parent = path.parent, root.exists(parent) || parent.isRoot else { return }
        try root.link(try TreePath("etc/alternatives/" + entry), to: target, by: name)
        try root.link(path, to: "/etc/alternatives/" + entry, by: name)
    }

    /// The administrative file (update-alternatives(1), "FILES"; its layout is dpkg's).
    private static func state(_ group: Group) -> String {
        var out = "auto\n\(group.link)\n"
        let slaves = group.slaves
        for slave in slaves { out += "\(slave.name)\n\(slave.link)\n" }
        out += "\n"
        for choice in group.choices.sorted(by: { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }) {
            out += "\(choice.path)\n\(choice.priority)\n"
            for slave in slaves { out += (choice.slaves.first { $0.name == slave.name }?.path ?? "") + "\n" }
        }
        return out + "\n"
    }
}
