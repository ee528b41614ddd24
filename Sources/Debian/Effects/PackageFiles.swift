// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// Directories, empty files, links, owners and modes that particular scripts make with plain commands. The table is data:
/// one line says what one package's script leaves behind.
package enum PackageFiles: Effect {
    package static let name = "package-files"

    package enum Entry: Sendable {
        /// Made where it is missing; owner and mode are set in any case.
        case directory(String, UInt16, String, String)
        /// An empty file where there is none.
        case file(String, UInt16, String, String)
        case link(String, String)
        /// Owner and mode of what a package ships.
        case attributes(String, UInt16?, String, String)
    }

    /// `%v` stands for what `*` matched in the package's name.
    package static let table: [(package: String, entries: [Entry])] = [
        // Only where no package ships /bin/sh, as dash does.
        ("bash", [.link("usr/bin/sh", "bash")]),
        (
            "fontconfig-config",
            [
                .link(
                    "etc/fonts/conf.d/10-hinting-slight.conf",
                    "/usr/share/fontconfig/conf.avail/10-hinting-slight.conf"
                ),
                .link("etc/fonts/conf.d/70-no-bitmaps.conf", "/usr/share/fontconfig/conf.avail/70-no-bitmaps.conf"),
                .directory("usr/local/share/fonts", 0o2775, "root", "staff"),
            ]
        ),
        ("java-common", javaPreferences),
        ("openjdk-*-jre-headless", javaPreferences),
        (
            "libpam-modules",
            [
                .file("etc/security/opasswd", 0o600, "root", "root"), .file("etc/environment", 0o644, "root", "root"),
            ]
        ),
        (
            "nginx-common",
            [
                .directory("var/log/nginx", 0o755, "root", "adm"),
                .file("var/log/nginx/access.log", 0o640, "www-data", "adm"),
                .file("var/log/nginx/error.log", 0o640, "www-data", "adm"),
                .link("etc/nginx/sites-enabled/default", "/etc/nginx/sites-available/default"),
            ]
        ),
        ("openssh-client", [.attributes("usr/bin/ssh-agent", 0o2755, "root", "_ssh")]),
        (
            "postgresql-common",
            [
                .directory("var/lib/postgresql", 0o755, "postgres", "postgres"),
                .attributes("etc/postgresql", nil, "postgres", "postgres"),
                .directory("var/log/postgresql", 0o1775, "root", "postgres"),
                .directory("run/postgresql", 0o2775, "postgres", "postgres"),
            ]
        ),
        (
            "python3.*-minimal",
            [
                .directory("usr/local/lib/python3.%v", 0o755, "root", "root"),
                .directory("usr/local/lib/python3.%v/dist-packages", 0o755, "root", "root"),
                .directory("var/lib/python", 0o755, "root", "root"),
                .file("var/lib/python/python3.%v_installed", 0o644, "root", "root"),
            ]
        ),
        (
            "redis-tools",
            [
                .directory("var/log/redis", 0o2750, "redis", "adm"),
                .directory("var/lib/redis", 0o750, "redis", "redis"),
                .directory("etc/redis", 0o2770, "redis", "redis"),
            ]
        ),
        (
            "ucf",
            [
                .file("var/lib/ucf/hashfile", 0o644, "root", "root"),
                .file("var/lib/ucf/registry", 0o644, "root", "root"),
            ]
        ),
        ("ca-certificates", [.directory("usr/local/share/ca-certificates", 0o755, "root", "root")]),
        ("cron-daemon-common", [.attributes("var/spool/cron/crontabs", 0o1730, "root", "crontab")]),
        ("dbus-daemon", [.directory("var/lib/dbus", 0o755, "root", "root")]),
        ("fontconfig", [.directory("var/cache/fontconfig", 0o755, "root", "root")]),
        ("fuse3", [.attributes("usr/bin/fusermount3", 0o4755, "root", "root")]),
        (
            "man-db",
            [
                .directory("var/cache/man", 0o755, "man", "man"),
                .file("var/lib/man-db/auto-update", 0o644, "root", "root"),
                .file("etc/apparmor.d/local/usr.bin.man", 0o644, "root", "root"),
            ]
        ),
        ("pkgconf-bin", [.directory("usr/lib/pkgconfig", 0o755, "root", "root")]),
        (
            "sgml-base",
            [
                .directory("var/lib/sgml-base", 0o755, "root", "root"), .directory("etc/sgml", 0o755, "root", "root"),
                .link("etc/sgml/catalog", "/var/lib/sgml-base/supercatalog"),
            ]
        ),
        ("sudo", [.attributes("etc/sudoers", 0o440, "root", "root")]),
        ("systemd", [.directory("var/log/journal", 0o755, "root", "root")]),
        ("tpm-udev", [.attributes("var/lib/tpm", nil, "tss", "tss")]),
        ("unixodbc-common", [.file("etc/odbcinst.ini", 0o644, "root", "root")]),
    ]

    private static let javaPreferences: [Entry] = [
        .directory("etc/.java", 0o755, "root", "root"), .directory("etc/.java/.systemPrefs", 0o755, "root", "root"),
        .file("etc/.java/.systemPrefs/.system.lock", 0o644, "root", "root"),
        .file("etc/.java/.systemPrefs/.systemRootModFile", 0o644, "root", "root"),
    ]

    package static func apply(to root: inout ImageRoot) throws {
        for (pattern, entries) in table {
            for package in root.packages where Glob.matches(package.name, pattern) {
                let version = wildcard(package.name, pattern)
                for entry in entries { try apply(entry, version, to: &root) }
            }
        }
    }

    private static func wildcard(_ name: String, _ pattern: String) -> String {
        guard let star = pattern.firstIndex(of: "*") else { return "" }
        let suffix = pattern[pattern.index(after: star)...]
        return String(name.dropFirst(pattern[..<star].count).dropLast(suffix.count))
    }

    private static func apply(_ entry: Entry, _ version: String, to root: inout ImageRoot) throws {
        func path(_ text: String) throws -> TreePath { try TreePath(text.replacing("%v", with: version)) }
        func ids(_ user: String, _ group: String) -> (Int, Int) {
            (root.accounts.uid(user) ?? 0, root.accounts.gid(group) ?? 0)
        }
        switch entry {
        case .directory(let text, let mode, let user, let group):
            let (uid, gid) = ids(user, group)
            try root.directory(try path(text), mode: mode, uid: uid, gid: gid, by: name)
            try root.setAttributes(try path(text), mode: mode, uid: uid, gid: gid)
        case .file(let text, let mode, let user, let group):
            let (uid, gid) = ids(user, group)
            if !root.exists(try path(text)) {
                try root.write(try path(text), "", mode: mode, uid: uid, gid: gid, by: name)
            }
        case .link(let text, let target):
            let link = try path(text)
            if root.tree[root.tree.canonical(link)] == nil { try root.link(link, to: target, by: name) }
        case .attributes(let text, let mode, let user, let group):
            let (uid, gid) = ids(user, group)
            try root.setAttributes(try path(text), mode: mode, uid: uid, gid: gid)
        }
    }
}
