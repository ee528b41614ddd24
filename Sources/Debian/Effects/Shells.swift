// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import Packages

/// debianutils' `update-shells`: `/etc/shells` from the template and what packages list in `shells.d`.
package enum Shells: Effect {
    package static let name = "shells"

    package static func apply(to root: inout ImageRoot) throws {
        guard root.has("debianutils"), let template = try root.text("usr/share/debianutils/shells") else { return }
        var texts = [template]
        for node in root.tree.children(of: "usr/share/debianutils/shells.d") where node.content != nil {
            if let text = try root.text(node.path) { texts.append(text) }
        }
        var shells: [String] = []
        for text in texts {
            for line in text.split(separator: "\n") {
                let shell = String(line.prefix { $0 != "#" })
                guard !shell.isEmpty else { continue }
                if !shells.contains(shell) { shells.append(shell) }
                // The same shell under the real name of its directory: /bin/sh is /usr/bin/sh.
                guard let path = try? TreePath(shell), let parent = path.parent,
                    let real = try? root.tree.resolve(parent)
                else { continue }
                let full = "/" + real.appending(path.name).description
                if !shells.contains(full) { shells.append(full) }
            }
        }
        var out = ""
        var listed: Set<String> = []
        for line in template.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let shell = String(line.prefix { $0 != "#" })
            if shell.isEmpty || listed.insert(shell).inserted { out += line + "\n" }
        }
        for shell in shells where !listed.contains(shell) { out += shell + "\n" }
        try root.write("etc/shells", out, by: name)
        if root.variant == .dev {
            try root.write("var/lib/shells.state", shells.map { $0 + "\n" }.joined(), by: name)
        }
    }
}
