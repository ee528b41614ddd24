// SPDX-License-Identifier: Apache-2.0

/// An account that a package asks for: a call of adduser and its kin, or a line of sysusers.d(5).
package enum AccountRequest: Hashable, Sendable {
    case user(
        name: String,
        uid: Int?,
        group: String?,
        ownGroup: Bool,
        gecos: String,
        home: String,
        shell: String,
        makesHome: Bool
    )
    case group(name: String, gid: Int?)
    case member(user: String, group: String)

    /// Reads a literal call of `adduser`, `addgroup`, `useradd`, `groupadd`, `usermod` or `gpasswd`.
    ///
    /// - Returns: nil when the call has an option that is not known: then nothing may be concluded from it.
    package static func parse(_ call: [String]) -> [AccountRequest]? {
        guard let command = call.first?.split(separator: "/").last.map(String.init) else { return nil }
        let arguments = Array(call.dropFirst())
        switch command {
        case "adduser", "addgroup": return adduser(arguments, isGroup: command == "addgroup")
        case "useradd", "groupadd": return useradd(arguments, isGroup: command == "groupadd")
        case "usermod", "gpasswd": return membership(arguments)
        default: return nil
        }
    }

    private static func adduser(_ arguments: [String], isGroup: Bool) -> [AccountRequest]? {
        var options: [String: String] = [:]
        var flags: Set<String> = []
        var names: [String] = []
        let valued = [
            "--home", "--home-dir", "--shell", "--gecos", "--comment", "--ingroup", "--gid", "--uid", "--firstuid",
            "--lastuid", "--conf",
        ]
        let known = [
            "--system", "--group", "--no-create-home", "--quiet", "--force-badname", "--allow-badname",
            "--allow-bad-names", "--allow-all-names", "--disabled-login", "--disabled-password", "-q", "--verbose",
        ]
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            if let equals = argument.firstIndex(of: "="), argument.hasPrefix("--") {
                options[String(argument[..<equals])] = String(argument[argument.index(after: equals)...])
            } else if valued.contains(argument) {
                guard index < arguments.count else { return nil }
                options[argument] = arguments[index]
                index += 1
            } else if known.contains(argument) {
                flags.insert(argument)
            } else if argument.hasPrefix("-") {
                return nil
            } else {
                names.append(argument)
            }
        }
        guard options.keys.allSatisfy(valued.contains), let name = names.first else { return nil }
        if isGroup || (flags.contains("--group") && !flags.contains("--system")) {
            return [.group(name: name, gid: options["--gid"].flatMap(Int.init))]
        }
        if names.count == 2 { return [.member(user: name, group: names[1])] }
        guard flags.contains("--system"), names.count == 1 else { return nil }
        let gid = options["--gid"]
        return [
            .user(
                name: name,
                uid: options["--uid"].flatMap(Int.init),
                group: options["--ingroup"] ?? gid,
                ownGroup: flags.contains("--group"),
                gecos: options["--gecos"] ?? options["--comment"] ?? "",
                home: options["--home"] ?? options["--home-dir"] ?? "/nonexistent",
                shell: options["--shell"] ?? "/usr/sbin/nologin",
                makesHome: !flags.contains("--no-create-home")
                    && (options["--home"] ?? options["--home-dir"]).map { $0 != "/nonexistent" } == true
            )
        ]
    }

    private static func useradd(_ arguments: [String], isGroup: Bool) -> [AccountRequest]? {
        var options: [String: String] = [:]
        var flags: Set<String> = []
        var names: [String] = []
        let long = [
            "--home-dir": "-d", "--home": "-d", "--shell": "-s", "--gid": "-g", "--uid": "-u", "--comment": "-c",
            "--groups": "-G", "--system": "-r", "--no-create-home": "-M", "--create-home": "-m",
            "--no-user-group": "-N", "--user-group": "-U", "--force": "-f",
        ]
        let valued = ["-d", "-s", "-u", "-c", "-G", "-b", "-K", "-g"]
        var index = 0
        while index < arguments.count {
            var argument = arguments[index]
            index += 1
            var value: String?
            if argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") {
                value = String(argument[argument.index(after: equals)...])
                argument = String(argument[..<equals])
            }
            argument = long[argument] ?? argument
            if valued.contains(argument) {
                if value == nil {
                    guard index < arguments.count else { return nil }
                    value = arguments[index]
                    index += 1
                }
                options[argument] = value
            } else if ["-r", "-M", "-m", "-N", "-U", "-f"].contains(argument) {
                flags.insert(argument)
            } else if argument.hasPrefix("-") {
                return nil
            } else {
                names.append(argument)
            }
        }
        guard names.count == 1, let name = names.first else { return nil }
        if isGroup { return [.group(name: name, gid: options["-g"].flatMap(Int.init))] }
        guard flags.contains("-r") else { return nil }
        var out: [AccountRequest] = [
            .user(
                name: name,
                uid: options["-u"].flatMap(Int.init),
                group: options["-g"],
                ownGroup: options["-g"] == nil && !flags.contains("-N"),
                gecos: options["-c"] ?? "",
                home: options["-d"] ?? "/home/\(name)",
                shell: options["-s"] ?? "/bin/sh",
                makesHome: flags.contains("-m")
            )
        ]
        for group in (options["-G"] ?? "").split(separator: ",") {
            out.append(.member(user: name, group: String(group)))
        }
        return out
    }

    /// `usermod -a -G GROUPS USER` and `gpasswd -a USER GROUP`.
    private static func membership(_ arguments: [String]) -> [AccountRequest]? {
        if let index = arguments.firstIndex(where: { ["-aG", "-G", "--groups"].contains($0) }),
            index + 1 < arguments.count,
            let user = arguments.last, arguments.contains(where: { ["-a", "-aG", "--append"].contains($0) })
        {
            return arguments[index + 1].split(separator: ",").map { .member(user: user, group: String($0)) }
        }
        if arguments.count == 3, arguments[0] == "-a" { return [.member(user: arguments[1], group: arguments[2])] }
        return nil
    }

    /// Reads a file of sysusers.d(5): `u`, `g` and `m` lines. Ranges (`r`) matter only to a running system.
    package static func parse(sysusers text: String) -> [AccountRequest] {
        var out: [AccountRequest] = []
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("#") { continue }
            let fields = words(line)
            guard fields.count >= 2 else { continue }
            func field(_ index: Int) -> String? {
                index < fields.count && fields[index] != "-" && !fields[index].isEmpty ? fields[index] : nil
            }
            switch fields[0] {
            case "u", "u!":
                let ids = (field(2) ?? "").split(separator: ":").map(String.init)
                out.append(
                    .user(
                        name: fields[1],
                        uid: ids.first.flatMap(Int.init),
                        group: ids.count > 1 ? ids[1] : nil,
                        ownGroup: ids.count < 2,
                        gecos: field(3) ?? "",
                        home: field(4) ?? "/",
                        shell: field(5) ?? "/usr/sbin/nologin",
                        makesHome: false
                    )
                )
            case "g": out.append(.group(name: fields[1], gid: field(2).flatMap(Int.init)))
            case "m": if let group = field(2) { out.append(.member(user: fields[1], group: group)) }
            default: continue
            }
        }
        return out
    }

    /// Splits at blanks; quotes group words.
    static func words(_ line: some StringProtocol) -> [String] {
        var out: [String] = []
        var current = ""
        var quote: Character?
        var isOpen = false
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { current.append(character) }
            } else if character == "\"" || character == "'" {
                quote = character
                isOpen = true
            } else if character == " " || character == "\t" {
                if isOpen { out.append(current) }
                current = ""
                isOpen = false
            } else {
                current.append(character)
                isOpen = true
            }
        }
        if isOpen { out.append(current) }
        return out
    }
}
