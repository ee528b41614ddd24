// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// Files that a script copies from the package's own templates where there is none yet.
package enum Templates: Effect {
    package static let name = "templates"

    /// Package, template, file.
    static let table: [(package: String, source: TreePath, target: TreePath)] = [
        ("libc-bin", "usr/share/libc-bin/nsswitch.conf", "etc/nsswitch.conf"),
        ("readline-common", "usr/share/readline/inputrc", "etc/inputrc"),
        ("nginx-common", "usr/share/nginx/html/index.html", "var/www/html/index.nginx-debian.html"),
        ("devscripts", "usr/share/devscripts/conf.default", "etc/devscripts.conf"),
        ("memcached", "usr/share/memcached/memcached.conf.default", "etc/memcached.conf"),
    ]

    package static func apply(to root: inout ImageRoot) throws {
        for entry in table where root.has(entry.package) {
            try root.copy(entry.source, to: entry.target, by: name)
        }
    }
}
