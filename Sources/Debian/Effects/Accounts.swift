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
        } else if root.variant == .dev, root.has("dpkg") {
            // Scripts of packages that are installed later count on these.
            root.accounts = StaticAccounts.database
        }
        let allocated = allocate(try requests(in: root), in: &root)
        guard !root.accounts.users.isEmpty || !root.accounts.groups.isEmpty else { return }
        try write(to: &root)
        // base-passwd's script makes them on Debian 13, login's on Debian 12.
        let makers = ["base-passwd", "login"].compactMap { root.package($0)?.member("postinst") }
        if makers.contains(where: { String(decoding: $0, as: UTF8.self).contains("/etc/subuid") }) {
            try root.write("etc/subuid", "", by: name)
            try root.write("etc/subgid", "", by: name)
        }
        root.notes += allocated.map { "\($0), by a fixed map and not by order of installation" }
    }

    /// Gives every owner of a file a name: what packages ship or scripts hand over to a static account (`/var/mail` is the
    /// group mail's) is of an account that an image without base-passwd does not list yet.
    static func nameOwners(in root: inout ImageRoot) throws {
        var isChanged = false
        let uids = Set(root.tree.unordered.map(\.uid)).subtracting(root.accounts.users.map(\.uid) + [0])
        for user in StaticAccounts.database.users where uids.contains(user.uid) {
            root.accounts.add(user)
            isChanged = true
        }
        let gids = Set(root.tree.unordered.map(\.gid)).union(root.accounts.users.map(\.gid))
            .subtracting(root.accounts.groups.map(\.gid) + [0])
        for group in StaticAccounts.database.groups where gids.contains(group.gid) {
            root.accounts.add(group)
            isChanged = true
        }
        if isChanged { try write(to: &root) }
    }

    private static func write(to root: inout ImageRoot) throws {
        let isShadowed = root.has("passwd")
        try root.write("etc/passwd", root.accounts.passwd(shadowed: isShadowed), by: name)
        try root.write("etc/group", root.accounts.group(shadowed: isShadowed), by: name)
        guard isShadowed else { return }
        let gid = root.accounts.gid("shadow") ?? 0
        let shadow = root.accounts.shadow(day: root.epoch / 86_400)
        try root.write("etc/shadow", shadow, mode: 0o640, gid: gid, by: name)
        try root.write("etc/gshadow", root.accounts.gshadow, mode: 0o640, gid: gid, by: name)
    }

    /// What installed packages ask for, sorted so that nothing depends on their order: groups, users, memberships.
    private static func requests(in root: ImageRoot) throws -> [AccountRequest] {
        var out: Set<AccountRequest> = []
        for package in root.packages {
            guard let script = package.script("postinst") else { continue }
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

    /// Adds the accounts; an id is the definition's, else the package's, else the map's.
    ///
    /// - Returns: the accounts whose ids are the map's, in words.
    private static func allocate(_ requests: [AccountRequest], in root: inout ImageRoot) -> [String] {
        var allocated: [String] = []
        for request in requests {
            switch request {
            case .group(let name, let gid):
                if addGroup(name, gid, in: &root) {
                    allocated.append("group \(name): gid \(root.accounts.gid(name) ?? 0)")
                }
            case .user(let name, let uid, let group, let ownGroup, let gecos, let home, let shell, let makesHome):
                if root.accounts.user(name) != nil { continue }
                let declared = root.declaredUsers[name]
                var gid = group.flatMap { root.accounts.gid($0) }
                if gid == nil, ownGroup {
                    _ = addGroup(name, declared?.gid ?? declared?.uid ?? uid, in: &root)
                    gid = root.accounts.gid(name)
                }
                let user = AccountDatabase.User(
                    name: name,
                    password: "!",
                    uid: declared?.uid ?? uid ?? id(for: name, in: root),
                    // adduser --system without --group puts the account into nogroup.
                    gid: declared?.gid ?? gid ?? 65534,
                    gecos: gecos,
                    home: home,
                    shell: shell,
                    isDynamic: true
                )
                root.accounts.add(user)
                if declared == nil, uid == nil {
                    allocated.append("account \(name): uid \(user.uid), gid \(user.gid)")
                }
                if makesHome, let path = try? TreePath(home), !path.isRoot {
                    try? root.directory(path, uid: user.uid, gid: user.gid, by: Self.name)
                }
            case .member(let user, let group):
                if root.accounts.user(user) != nil && user != group { root.accounts.addMember(user, to: group) }
            }
        }
        return allocated
    }

    /// Adds a group unless it is there; true when its id is the map's.
    private static func addGroup(_ name: String, _ gid: Int?, in root: inout ImageRoot) -> Bool {
        guard root.accounts.group(name) == nil else { return false }
        let stated = root.declaredGroups[name] ?? gid ?? StaticAccounts.database.group(name)?.gid
        let id = stated ?? id(for: name, in: root)
        root.accounts.add(AccountDatabase.Group(name: name, password: "!", gid: id, members: []))
        return stated == nil
    }

    /// The id for a name: listed, or by a hash of the name in 200…899, moved on while it is taken.
    private static func id(for name: String, in root: ImageRoot) -> Int {
        if let id = fixedIDs[name] { return id }
        let users = root.accounts.users
        let groups = root.accounts.groups
        // An account's user and group share one id.
        if let gid = root.accounts.group(name)?.gid, !users.contains(where: { $0.uid == gid }) { return gid }
        if let uid = root.accounts.user(name)?.uid, !groups.contains(where: { $0.gid == uid }) { return uid }
        let taken = Set(users.map(\.uid)).union(groups.map(\.gid)).union(root.declaredGroups.values)
            .union(root.declaredUsers.values.map(\.uid))
        var hash: UInt32 = 2_166_136_261
        for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        var id = 200 + Int(hash % 700)
        while taken.contains(id) { id = id == 899 ? 200 : id + 1 }
        return id
    }
}
