// SPDX-License-Identifier: Apache-2.0

/// What a script asks of busybox's `addgroup` and `adduser`.
enum AccountRequest: Hashable, Sendable {
    case group(name: String, gid: Int?, isSystem: Bool)
    case user(User)
    case member(user: String, group: String)

    struct User: Hashable, Sendable {
        var name: String
        var uid: Int?
        var group: String?
        var gecos: String
        var home: String
        var shell: String
        var isSystem: Bool
    }

    /// Reads a command; nil for what is no such command or has an option that is not known.
    init?(_ words: [String]) {
        guard let command = words.first.map({ $0.split(separator: "/").last.map(String.init) ?? $0 }) else {
            return nil
        }
        let options = command == "addgroup" ? "gSh" : "hgsGukSDH"
        let withValue = command == "addgroup" ? "g" : "hgsGuk"
        guard command == "addgroup" || command == "adduser",
            let (flags, values, names) = Self.options(Array(words.dropFirst()), known: options, withValue: withValue),
            names.allSatisfy(Self.isName), (1...2).contains(names.count)
        else { return nil }
        if names.count == 2 {
            self = .member(user: names[0], group: names[1])
        } else if command == "addgroup" {
            if let text = values["g"], Int(text) == nil { return nil }
            self = .group(name: names[0], gid: values["g"].flatMap { Int($0) }, isSystem: flags.contains("S"))
        } else {
            if let text = values["u"], Int(text) == nil { return nil }
            let isSystem = flags.contains("S")
            self = .user(
                User(
                    name: names[0],
                    uid: values["u"].flatMap { Int($0) },
                    group: values["G"],
                    gecos: values["g"] ?? "Linux User,,,",
                    home: values["h"] ?? "/home/\(names[0])",
                    shell: values["s"] ?? (isSystem ? "/sbin/nologin" : "/bin/ash"),
                    isSystem: isSystem
                )
            )
        }
    }

    private static func options(
        _ words: [String],
        known: String,
        withValue: String
    ) -> (flags: Set<Character>, values: [Character: String], names: [String])? {
        var flags: Set<Character> = []
        var values: [Character: String] = [:]
        var names: [String] = []
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            guard word.hasPrefix("-"), word.count > 1 else {
                names.append(word)
                continue
            }
            if word.hasPrefix("--") { return nil }
            var letters = word.dropFirst()
            while let letter = letters.popFirst() {
                guard known.contains(letter) else { return nil }
                guard withValue.contains(letter) else {
                    flags.insert(letter)
                    continue
                }
                if letters.isEmpty {
                    guard index < words.count else { return nil }
                    values[letter] = words[index]
                    index += 1
                } else {
                    values[letter] = String(letters)
                    letters = ""
                }
            }
        }
        if values.values.contains(where: { $0.contains(":") || $0.contains("\n") }) { return nil }
        return (flags, values, names)
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 32
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
                    || $0 == 0x2D || $0 == 0x2E
            }
    }
}
