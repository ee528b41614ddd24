// SPDX-License-Identifier: Apache-2.0

/// The user's file of passwords for hosts, in the form that ftp(1) made usual: `machine HOST login NAME password WORD`.
package struct Netrc: Sendable {
    private struct Entry: Sendable {
        /// Nil for `default`.
        var machine: String?
        var login: String?
        var password: String?
    }
    private var entries: [Entry] = []

    /// Reads the file that `$NETRC` names, else `~/.netrc`; one that is not there or cannot be read is empty.
    package init(environment: [String: String]) {
        let path = environment["NETRC"] ?? environment["HOME"].map { $0 + "/.netrc" }
        let bytes = path.flatMap { try? Files.read($0, limit: 1 << 20) } ?? []
        self.init(parsing: String(decoding: bytes, as: UTF8.self))
    }

    package init(parsing text: String) {
        var words = text.split(whereSeparator: \.isNewline).flatMap { line in
            // A comment reaches to the line's end; a password may hold the sign, but not begin with it.
            line.split(whereSeparator: \.isWhitespace).prefix { !$0.hasPrefix("#") }
        }[...]
        while let word = words.popFirst() {
            switch word {
            case "machine": entries.append(Entry(machine: words.popFirst().map { $0.lowercased() }))
            case "default": entries.append(Entry(machine: nil))
            case "login": change { $0.login = words.popFirst().map(String.init) }
            case "password": change { $0.password = words.popFirst().map(String.init) }
            default: break
            }
        }
    }

    private mutating func change(_ body: (inout Entry) -> Void) {
        var stray = Entry()
        if entries.isEmpty { body(&stray) } else { body(&entries[entries.count - 1]) }
    }

    /// `login:password` for a host, by the first entry that fits.
    func userinfo(host: String) -> String? {
        guard let entry = entries.first(where: { $0.machine == nil || $0.machine == host }), let login = entry.login
        else {
            return nil
        }
        return "\(login):\(entry.password ?? "")"
    }
}
