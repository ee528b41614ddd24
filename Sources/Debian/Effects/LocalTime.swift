// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// tzdata's debconf default: `/etc/localtime` is UTC. Where a script also writes `/etc/timezone` (Debian 12), so does this.
package enum LocalTime: Effect {
    package static let name = "localtime"

    package static func apply(to root: inout ImageRoot) throws {
        guard let script = root.package("tzdata")?.member("postinst") else { return }
        try root.link("etc/localtime", to: "/usr/share/zoneinfo/Etc/UTC", by: name)
        // Debian 12's script writes the file always, Debian 13's only where it exists already.
        let text = String(decoding: script, as: UTF8.self)
        if text.contains("> \"$DPKG_ROOT/etc/timezone\"") || text.contains("> $DPKG_ROOT/etc/timezone")
            || text.contains("> /etc/timezone"), !text.contains("test -f \"$DPKG_ROOT/etc/timezone\"")
        {
            try root.write("etc/timezone", "Etc/UTC\n", by: name)
        }
    }
}
