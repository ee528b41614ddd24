// SPDX-License-Identifier: Apache-2.0

internal import Packages

/// A maintainer as SPDX writes people and organisations (SPDX 2.3 section 7.6).
enum Originator {
    /// `Organization: Debian Bash Team (bash@example.org)` for `Debian Bash Team <bash@example.org>`; nil without a name.
    static func text(_ maintainer: String) -> String? {
        let (name, address) = split(maintainer)
        guard !name.isEmpty else { return nil }
        let words = ["team", "maintainer", "developers", "group", "debian", "project", "alpine"]
        let isGroup = words.contains { name.lowercased().contains($0) }
        return "\(isGroup ? "Organization" : "Person"): \(name)" + (address.map { " (\($0))" } ?? "")
    }

    /// The name without brackets, which SPDX uses for the address, and the address.
    static func split(_ maintainer: String) -> (name: String, address: String?) {
        var name = maintainer
        var address: String?
        if let open = maintainer.firstIndex(of: "<"), let close = maintainer[open...].firstIndex(of: ">") {
            address = String(maintainer[maintainer.index(after: open)..<close])
            name = String(maintainer[..<open])
        }
        name = name.filter { $0 != "(" && $0 != ")" && $0 != "\"" }.split(separator: " ").joined(separator: " ")
        return (name, address)
    }
}

extension Distribution {
    /// The name of those who publish it.
    var name: String {
        switch id {
        case "debian": "Debian"
        case "alpine": "Alpine Linux"
        default: id
        }
    }
}
