// SPDX-License-Identifier: Apache-2.0

/// Users and groups in the order of their files (passwd(5), group(5)).
package struct AccountDatabase: Sendable {
    package struct User: Hashable, Sendable {
        package var name: String
        /// The password field of shadow: `*` or `!`, since no account of a package has a password.
        package var password: String
        package var uid: Int
        package var gid: Int
        package var gecos: String
        package var home: String
        package var shell: String
        /// Made by adduser or sysusers, which leave the ageing fields of shadow empty.
        package var isDynamic = false
    }

    package struct Group: Hashable, Sendable {
        package var name: String
        package var password: String
        package var gid: Int
        package var members: [String]
    }

    package private(set) var users: [User] = []
    package private(set) var groups: [Group] = []

    package init() {}

    /// Reads base-passwd's master files.
    package init(passwd: String, group: String) {
        for line in passwd.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 7, let uid = Int(fields[2]), let gid = Int(fields[3]) else { continue }
            users.append(
                User(
                    name: fields[0],
                    password: fields[1],
                    uid: uid,
                    gid: gid,
                    gecos: fields[4],
                    home: fields[5],
                    shell: fields[6]
                )
            )
        }
        for line in group.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 4, let gid = Int(fields[2]) else { continue }
            groups.append(
                Group(
                    name: fields[0],
                    password: fields[1],
                    gid: gid,
                    members: fields[3].split(separator: ",").map(String.init)
                )
            )
        }
    }

    package func user(_ name: String) -> User? { users.first { $0.name == name } }
    package func group(_ name: String) -> Group? { groups.first { $0.name == name } }

    /// The id of a name or number; of a static account also in images whose files do not list it.
    package func uid(_ name: String) -> Int? {
        Int(name) ?? user(name)?.uid ?? StaticAccounts.database.users.first { $0.name == name }?.uid
    }
    package func gid(_ name: String) -> Int? {
        Int(name) ?? group(name)?.gid ?? StaticAccounts.database.groups.first { $0.name == name }?.gid
    }

    package mutating func add(_ user: User) { if self.user(user.name) == nil { users.append(user) } }
    package mutating func add(_ group: Group) { if self.group(group.name) == nil { groups.append(group) } }

    package mutating func addMember(_ user: String, to group: String) {
        guard let index = groups.firstIndex(where: { $0.name == group }), !groups[index].members.contains(user) else {
            return
        }
        groups[index].members.append(user)
    }

    // MARK: Files

    /// - Parameter shadowed: passwords stand in shadow and gshadow, as after `shadowconfig on`.
    package func passwd(shadowed: Bool) -> String {
        users.map {
            "\($0.name):\(shadowed ? "x" : $0.password):\($0.uid):\($0.gid):\($0.gecos):\($0.home):\($0.shell)\n"
        }
        .joined()
    }

    package func group(shadowed: Bool) -> String {
        groups.map { "\($0.name):\(shadowed ? "x" : $0.password):\($0.gid):\($0.members.joined(separator: ","))\n" }
            .joined()
    }

    /// - Parameter day: the date of the last password change, days since the epoch.
    package func shadow(day: Int) -> String {
        users.map {
            "\($0.name):\($0.password):\(day):\($0.isDynamic ? "" : "0"):\($0.isDynamic ? "" : "99999"):\($0.isDynamic ? "" : "7"):::\n"
        }
        .joined()
    }

    package var gshadow: String {
        groups.map { "\($0.name):\($0.password)::\($0.members.joined(separator: ","))\n" }.joined()
    }
}
