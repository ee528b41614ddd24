// SPDX-License-Identifier: Apache-2.0

extension LintPass {
    mutating func checkAccounts() {
        if let accounts = definition.accounts { check(accounts) }
        for stage in definition.contents?.builds ?? [] {
            if let accounts = stage.accounts { check(accounts) }
        }
    }

    private mutating func check(_ accounts: Accounts) {
        let names = Set(accounts.users.map { value($0.name) })
        let groups = Set(accounts.groups.compactMap(\.gid.value))
        if let runAs = accounts.runAs {
            let name = value(runAs)
            let isNumber = !name.isEmpty && name.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ":") }
            if name != "root", !isNumber, !names.contains(name) {
                warn(
                    "unknown-user", "the image runs as '\(name)', which no user has as its name",
                    hint: "declare it below 'users:'", at: runAs.mark)
            }
        }
        var users: [Int: Accounts.User] = [:]
        var userNames: [String: Accounts.User] = [:]
        for user in accounts.users {
            let name = value(user.name)
            if let gid = user.gid.value, gid != 0, !groups.contains(gid) {
                warn(
                    "unknown-group", "no group has the number \(gid), the primary group of '\(name)'",
                    hint: "declare it below 'groups:'", at: user.gid.mark)
            }
            guard let uid = user.uid.value else { continue }
            if let other = users[uid], value(other.name) != name {
                warn(
                    "duplicate-uid", "'\(name)' has the number \(uid), which '\(value(other.name))' has, too",
                    at: user.uid.mark)
            } else {
                users[uid] = user
            }
            if let other = userNames[name], other.uid.value != uid {
                warn("duplicate-user", "the user '\(name)' has two numbers (first in \(line(other.mark)))", at: user.name.mark)
            } else {
                userNames[name] = user
            }
        }
        check(accounts.groups, names)
    }

    private mutating func check(_ groups: [Accounts.Group], _ users: Set<String>) {
        var numbers: [Int: Accounts.Group] = [:]
        for group in groups {
            let name = value(group.name)
            if let gid = group.gid.value {
                if let other = numbers[gid], value(other.name) != name {
                    warn(
                        "duplicate-gid", "'\(name)' has the number \(gid), which '\(value(other.name))' has, too",
                        at: group.gid.mark)
                } else {
                    numbers[gid] = group
                }
            }
            for member in group.members where value(member) != "root" && !users.contains(value(member)) {
                warn(
                    "unknown-user", "'\(value(member))', a member of '\(name)', is not declared",
                    hint: "declare it below 'users:'", at: member.mark)
            }
        }
    }
}
