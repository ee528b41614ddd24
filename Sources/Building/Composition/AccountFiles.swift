// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// `/etc/passwd`, `group`, `shadow` and `gshadow` (passwd(5), group(5), shadow(5), gshadow(5)) of an image.
///
/// Lines that are there already, from packages, keep their order and what they say; accounts are replaced by name.
struct AccountFiles {
    struct User: Equatable {
        var name: String
        var uid: Int
        var gid: Int
        var comment: String
        var home: String
        var shell: String
    }
    struct Group: Equatable {
        var name: String
        var gid: Int
        var members: [String]
    }

    private(set) var users: [User] = []
    private(set) var groups: [Group] = []

    /// Reads what the tree has; an image without such files starts with root and nobody.
    init(of tree: Tree, contents: any ContentSource) throws {
        if let node = tree.follow("etc/passwd"), let content = node.content {
            for line in try contents.read(content).split(separator: 0x0A) {
                let fields = Self.fields(line)
                guard fields.count == 7, let uid = Int(fields[2]), let gid = Int(fields[3]) else { continue }
                users.append(
                    User(name: fields[0], uid: uid, gid: gid, comment: fields[4], home: fields[5], shell: fields[6])
                )
            }
        }
        if let node = tree.follow("etc/group"), let content = node.content {
            for line in try contents.read(content).split(separator: 0x0A) {
                let fields = Self.fields(line)
                guard fields.count == 4, let gid = Int(fields[2]) else { continue }
                let members = fields[3].split(separator: ",").map(String.init)
                groups.append(Group(name: fields[0], gid: gid, members: members))
            }
        }
        // Packages may have added accounts of their own to an image without base-passwd: root and nobody come first.
        let noLogin = "/usr/sbin/nologin"
        let nobody = User(
            name: "nobody",
            uid: 65534,
            gid: 65534,
            comment: "nobody",
            home: "/nonexistent",
            shell: noLogin
        )
        let root = User(name: "root", uid: 0, gid: 0, comment: "root", home: "/root", shell: noLogin)
        for user in [nobody, root] where !users.contains(where: { $0.name == user.name }) {
            users.insert(user, at: 0)
        }
        for group in [Group(name: "nogroup", gid: 65534, members: []), Group(name: "root", gid: 0, members: [])]
        where !groups.contains(where: { $0.name == group.name || $0.gid == group.gid }) {
            groups.insert(group, at: 0)
        }
    }

    private static func fields(_ line: ArraySlice<UInt8>) -> [String] {
        line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Adds a user, or replaces the one of that name: its numbers change, the rest stays.
    mutating func set(user name: String, uid: Int, gid: Int, home: String, shell: String) {
        if let index = users.firstIndex(where: { $0.name == name }) {
            users[index].uid = uid
            users[index].gid = gid
        } else {
            users.append(User(name: name, uid: uid, gid: gid, comment: "", home: home, shell: shell))
        }
    }

    mutating func set(shell: String, of name: String) {
        if let index = users.firstIndex(where: { $0.name == name }) { users[index].shell = shell }
    }

    /// Adds a group, or gives the one of that name this number and these further members.
    mutating func set(group name: String, gid: Int, members: [String]) {
        if let index = groups.firstIndex(where: { $0.name == name }) {
            groups[index].gid = gid
            groups[index].members += members.filter { !groups[index].members.contains($0) }
        } else {
            groups.append(Group(name: name, gid: gid, members: members))
        }
    }

    /// Writes the four files. No account has a password: the fields say `*`, which no password matches. The day of the
    /// last change is left empty, since it would be the day of the build.
    func write(to tree: inout Tree, epoch: Int) throws {
        let shadowGroup = groups.first { $0.name == "shadow" }?.gid ?? 0
        let passwd = users.map { "\($0.name):x:\($0.uid):\($0.gid):\($0.comment):\($0.home):\($0.shell)\n" }.joined()
        let group = groups.map { "\($0.name):x:\($0.gid):\($0.members.joined(separator: ","))\n" }.joined()
        let shadow = users.map { "\($0.name):*:::::::\n" }.joined()
        let gshadow = groups.map { "\($0.name):*::\($0.members.joined(separator: ","))\n" }.joined()
        for (path, text, mode, gid) in [
            ("etc/passwd" as TreePath, passwd, 0o644 as UInt16, 0), ("etc/group", group, 0o644, 0),
            ("etc/shadow", shadow, 0o640, shadowGroup), ("etc/gshadow", gshadow, 0o640, shadowGroup),
        ] {
            try tree.put(
                Node(
                    path,
                    .file(FileContent(text)),
                    mode: mode,
                    gid: gid,
                    mtime: epoch,
                    origin: .definition("accounts")
                )
            )
        }
    }
}
