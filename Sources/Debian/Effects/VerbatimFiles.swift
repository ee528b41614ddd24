// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// Files whose whole text stands as a here-document in a script: taken from there, so that a new release's text is what
/// the image gets.
package enum VerbatimFiles: Effect {
    package static let name = "verbatim-files"

    /// Package, file, and a word of the redirection's target that tells the document from others in the script.
    static let table: [(package: String, target: TreePath, word: String)] = [
        ("netbase", "etc/networks", "/etc/networks"),
        ("python3", "etc/python3/debian_config", "/etc/python3/debian_config"),
        ("postgresql-common", "etc/postgresql-common/root.crt", "SSL_ROOT"),
        ("libwrap0", "etc/hosts.allow", "/etc/hosts.allow"), ("libwrap0", "etc/hosts.deny", "/etc/hosts.deny"),
        ("kmod", "etc/modules", "/etc/modules"),
    ]

    package static func apply(to root: inout ImageRoot) throws {
        for entry in table {
            guard let bytes = root.package(entry.package)?.member("postinst"), root.tree[entry.target] == nil else {
                continue
            }
            guard let text = document(in: ShellScript(bytes), writtenTo: entry.word) else { continue }
            try root.write(entry.target, text, by: name)
        }
    }

    /// The here-document that goes to a file whose name, as written, contains `word`.
    static func document(in script: ShellScript, writtenTo word: String) -> String? {
        script.calls.first { call in
            call.document != nil && call.writes.contains { $0.source.contains(word) }
        }?.document
    }
}
