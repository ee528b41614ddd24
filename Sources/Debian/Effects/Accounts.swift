// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import Packages

/// base-passwd's accounts, and the system accounts that other packages add.
///
/// Debian gives the latter the next free id, so that ids depend on the order of installation; here every name has an id
/// that depends on nothing but the name (`fixedIDs`, and a hash of the name for those it does not list).
package enum Accounts: Effect {
    package static let name = "accounts"

    /// Ids of accounts that Debian packages allocate dynamically (100 to 999, Policy 9.2.2). Part of the format: a change
    /// here changes images.
    package static let fixedIDs: [String: Int] = [
        "_ssh": 101, "ssl-cert": 102, "postgres": 103, "redis": 104, "messagebus": 105, "sshd": 106, "crontab": 107,
        "Debian-exim": 108, "mysql": 109, "memcache": 110, "_chrony": 111, "tcpdump": 112, "ntpsec": 113, "bind": 114,
        "haproxy": 115, "rabbitmq": 116, "mongodb": 117, "unbound": 118, "dnsmasq": 119, "tomcat": 120, "uuidd": 121,
        "netdev": 122, "kvm": 123, "render": 124, "sgx": 125, "input": 126, "clock": 127, "valkey": 128,
        "_flatpak": 129, "polkitd": 130, "avahi": 131, "saned": 132, "colord": 133, "geoclue": 134, "rtkit": 135,
        "lpadmin": 136, "postfix": 137, "postdrop": 138, "dovecot": 139, "dovenull": 140, "openldap": 141,
        "systemd-journal": 190, "systemd-network": 191, "systemd-resolve": 192, "systemd-timesync": 193,
        "systemd-coredump": 194, "systemd-oom": 195,
    ]

    package static func apply(to root: inout ImageRoot) throws {
        if let passwd = try root.text("usr/share/base-passwd/passwd.master"),
            let group = try root.text("usr/share/base-passwd/group.master")
        {
            root.accounts = AccountDatabase(passwd: passwd, group: group)
        }
        let standing = root.accounts
        let requests = try requests(in: root)
        allocate(requests, in: &root)
        let added = root.accounts.users.filter(\.isDynamic)
        guard !root.accounts.users.isEmpty || !root.accounts.groups.isEmpty else { return }

        let isShadowed = root.has("passwd")
        try root.write("etc/passwd", root.accounts.passwd(shadowed: isShadowed), by: name)
        try root.write("etc/group", root.accounts.group(shadowed: isShadowed), by: name)
        if isShadowed {
            let gid = root.accounts.gid("shadow") ?? 0
            try root.write(
                "etc/shadow",
                root.accounts.shadow(day: root.epoch / 86_400),
                mode: 0o640,
                gid: gid,
                by: name
            )
            try root.write("etc/gshadow", root.accounts.gshadow, mode: 0o640, gid: gid, by: name)
        }
        // base-passwd's script makes them on Debian 13, login's on Debian 12.
        let makers = ["base-passwd", "login"].compactMap { root.package($0)?.member("postinst") }
        if makers.contains(where: { String(decoding: $0, as: UTF8.self).contains("/etc/subuid") }) {
            try root.write("etc/subuid", "", by: name)
            try root.write("etc/subgid", "", by: name)
        }
        for user in added {
            root.notes.append(
                "account \(user.name): uid \(user.uid), gid \(user.gid), by a fixed map and not by order of installation"
            )
        }
        for group in root.accounts.groups
        where standing.group(group.name) == nil && !added.contains(where: { $0.name == group.name }) {
            root.notes.append("group \(group.name): gid \(group.gid), by a fixed map and not by order of installation")
        }
    }

    /// What installed packages ask for, sorted so that nothing depends on their order: groups, users, memberships.
    private static func requests(in root: ImageRoot) throws -> [AccountRequest] {
        var out: Set<AccountRequest> = []
        for package in root.packages {
            guard let bytes = package.member("postinst") else { continue }
            let script = MaintainerScript(package: package.name, member: "postinst", bytes: bytes)
            var callsSysusers = false
            for part in script.scripts {
                for command in ["adduser", "addgroup", "useradd", "groupadd", "usermod", "gpasswd"] {
                    for call in part.literalCalls(of: command) ?? [] { out.formUnion(AccountRequest.parse(call) ?? []) }
                }
                if part.calls.contains(where: { $0.name == "systemd-sysusers" }) { callsSysusers = true }
            }
            guard callsSysusers else { continue }
            for node in package.installed.contents.nodes
            where node.path.isWithin("usr/lib/sysusers.d") && node.content != nil {
                if let text = try root.text(node.path) { out.formUnion(AccountRequest.parse(sysusers: text)) }
            }
        }
        return out.sorted { sortKey($0).utf8.lexicographicallyPrecedes(sortKey($1).utf8) }
    }

    private static func sortKey(_ request: AccountRequest) -> String {
        switch request {
        case .group(let name, _): "1 \(name)"
        case .user(let name, _, _, _, _, _, _, _): "2 \(name)"
        case .member(let user, let group): "3 \(group) \(user)"
        }
    }

    private static func allocate(_ requests: [AccountRequest], in root: inout ImageRoot) {
        for request in requests {
            switch request {
            case .group(let name, let gid):
                if root.accounts.group(name) == nil {
                    root.accounts.add(
                        .init(name: name, password: "!", gid: gid ?? id(for: name, root.accounts), members: [])
                    )
                }
            case .user(let name, let uid, let group, let ownGroup, let gecos, let home, let shell, let makesHome):
                if root.accounts.user(name) != nil { continue }
                var gid = group.flatMap { root.accounts.gid($0) }
                if gid == nil, ownGroup {
                    if root.accounts.group(name) == nil {
                        root.accounts.add(
                            .init(name: name, password: "!", gid: uid ?? id(for: name, root.accounts), members: [])
                        )
                    }
                    gid = root.accounts.gid(name)
                }
                let user = AccountDatabase.User(
                    name: name,
                    password: "!",
                    uid: uid ?? id(for: name, root.accounts),
                    // adduser --system without --group puts the account into nogroup.
                    gid: gid ?? 65534,
                    gecos: gecos,
                    home: home,
                    shell: shell,
                    isDynamic: true
                )
                root.accounts.add(user)
                if makesHome, let path = try? TreePath(home), !path.isRoot {
                    try? root.directory(path, uid: user.uid, gid: user.gid, by: Self.name)
                }
            case .member(let user, let group):
                if root.accounts.user(user) != nil && user != group { root.accounts.addMember(user, to: group) }
            }
        }
    }

    /// The id for a name: listed, or by a hash of the name in 200…899, moved on while it is taken.
    private static func id(for name: String, _ accounts: AccountDatabase) -> Int {
        if let id = fixedIDs[name] { return id }
        // An account's user and group share one id.
        if let gid = accounts.group(name)?.gid, !accounts.users.contains(where: { $0.uid == gid }) { return gid }
        if let uid = accounts.user(name)?.uid, !accounts.groups.contains(where: { $0.gid == uid }) { return uid }
        var hash: UInt32 = 2_166_136_261
        for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        var id = 200 + Int(hash % 700)
        while accounts.users.contains(where: { $0.uid == id }) || accounts.groups.contains(where: { $0.gid == id }) {
            id = id == 899 ? 200 : id + 1
        }
        return id
    }
}
