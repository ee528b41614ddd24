// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree

/// The accounts of an image: what `/etc/passwd`, `/etc/group` and `/etc/shadow` say, and what packages add.
///
/// Ids that busybox would take from the first free place, in the order of installation, come from a fixed map here, and
/// for names that it does not list from a hash of the name: so an account has the same id in every image.
struct AccountFiles {
    static let effect = "accounts"

    private var users: [(name: String, uid: Int, gid: Int, line: String)] = []
    private var groups: [(name: String, gid: Int, fields: [String])] = []
    private var shadow: [String] = []
    private var hasShadow = false
    private(set) var added: [String] = []

    /// Ids of the accounts that Alpine's packages make with `-S`; the same as on Debian where both know the name.
    static let fixedIDs: [String: Int] = [
        "redis": 104, "messagebus": 105, "nginx": 150, "apache": 151, "caddy": 152, "chrony": 111, "dhcpcd": 153,
        "memcached": 110,
        "mongodb": 116, "rabbitmq": 115, "unbound": 117, "dnsmasq": 118, "named": 114, "haproxy": 119, "valkey": 128,
        "polkitd": 130,
        "avahi": 131, "postfix": 137, "postdrop": 138, "dovecot": 139, "dovenull": 140, "ldap": 141, "varnish": 154,
        "prometheus": 155,
        "grafana": 156, "node-exporter": 157, "influxdb": 158, "etcd": 159, "consul": 160, "vault": 161, "tor": 162,
        "mosquitto": 163,
        "netdata": 164, "zabbix": 165, "ntpd": 166, "klogd": 167, "utmp-users": 168, "sshd-users": 169,
    ]
    private static let hashed = 400..<900

    mutating func read(_ root: ImageRoot) throws {
        for line in (try root.text("etc/passwd") ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 7, let uid = Int(fields[2]), let gid = Int(fields[3]) else { continue }
            users.append((fields[0], uid, gid, String(line)))
        }
        for line in (try root.text("etc/group") ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 4, let gid = Int(fields[2]) else { continue }
            groups.append((fields[0], gid, fields))
        }
        if let text = try root.text("etc/shadow") {
            hasShadow = true
            shadow = text.split(separator: "\n").map(String.init)
        }
    }

    func uid(_ name: String) -> Int? { users.first { $0.name == name }?.uid }
    func gid(_ name: String) -> Int? { groups.first { $0.name == name }?.gid }

    // MARK: Additions

    /// Adds what scripts ask, groups first and by name, so that the order of installation does not show.
    mutating func add(_ requests: Set<AccountRequest>) {
        for request in requests.sorted(by: { Self.key($0).utf8.lexicographicallyPrecedes(Self.key($1).utf8) }) {
            switch request {
            case .group(let name, let gid, _): addGroup(name, gid)
            case .user(let user): addUser(user)
            case .member(let user, let group): addMember(user, to: group)
            }
        }
    }

    private static func key(_ request: AccountRequest) -> String {
        switch request {
        case .group(let name, _, _): "1 \(name)"
        case .user(let user): "2 \(user.name)"
        case .member(let user, let group): "3 \(group) \(user)"
        }
    }

    private mutating func addGroup(_ name: String, _ gid: Int?) {
        // As for busybox, a group that is there already stays as it is.
        if self.gid(name) != nil { return }
        let id = gid ?? freeID(for: name) { id in groups.contains { $0.gid == id } }
        groups.append((name, id, [name, "x", String(id), ""]))
        added.append("group \(name) with the id \(id)")
    }

    private mutating func addUser(_ user: AccountRequest.User) {
        if uid(user.name) != nil { return }
        let group = user.group ?? (user.isSystem ? "nogroup" : user.name)
        if gid(group) == nil { addGroup(group, group == "nogroup" ? 65533 : nil) }
        let gid = self.gid(group) ?? 65533
        let uid = user.uid ?? freeID(for: user.name) { id in users.contains { $0.uid == id } }
        users.append((user.name, uid, gid, "\(user.name):x:\(uid):\(gid):\(user.gecos):\(user.home):\(user.shell)"))
        // No password, and none of the ageing fields, which would carry a date.
        shadow.append("\(user.name):!::0:::::")
        added.append("user \(user.name) with the id \(uid)")
        // busybox lists the user as a member of the group that it names.
        if user.group != nil { addMember(user.name, to: group) }
    }

    private mutating func addMember(_ user: String, to group: String) {
        guard let index = groups.firstIndex(where: { $0.name == group }) else { return }
        var members = groups[index].fields[3].split(separator: ",").map(String.init)
        if members.contains(user) { return }
        members.append(user)
        groups[index].fields[3] = members.joined(separator: ",")
    }

    private func freeID(for name: String, isTaken: (Int) -> Bool) -> Int {
        if let id = Self.fixedIDs[name], !isTaken(id) { return id }
        let bytes = Digest.of(name).bytes
        let start = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
        let count = Self.hashed.count
        for step in 0..<count {
            let id = Self.hashed.lowerBound + (start + step) % count
            if !isTaken(id) { return id }
        }
        return Self.hashed.upperBound
    }

    // MARK: Writing

    /// Writes the files, where something was added.
    func write(to root: inout ImageRoot, notes: Bool) throws {
        if added.isEmpty { return }
        try root.write("etc/passwd", users.map { $0.line + "\n" }.joined(), by: Self.effect)
        try root.write("etc/group", groups.map { $0.fields.joined(separator: ":") + "\n" }.joined(), by: Self.effect)
        if hasShadow {
            try root.write("etc/shadow", shadow.map { $0 + "\n" }.joined(), mode: 0o640, by: Self.effect)
        }
        if notes { root.notes += added.map { "\($0), by a fixed map and not by order of installation" } }
    }
}
