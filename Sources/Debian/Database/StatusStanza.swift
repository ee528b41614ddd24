// SPDX-License-Identifier: Apache-2.0

/// A package's entry in dpkg's `status`, byte for byte as dpkg writes it: its own order of fields, `Status`, and the
/// conffiles with their MD5 sums.
enum StatusStanza {
    /// dpkg's order (its `fieldinfos` table, visible in any `status`); other fields follow in the order of the package.
    private static let order = [
        "Package", "Essential", "Protected", "Status", "Priority", "Section", "Installed-Size", "Origin", "Maintainer",
        "Bugs", "Architecture", "Multi-Arch", "Source", "Version", "Revision", "Config-Version", "Replaces", "Provides",
        "Depends", "Pre-Depends", "Recommends", "Suggests", "Breaks", "Conflicts", "Enhances", "Conffiles", "Filename",
        "Size", "MD5sum", "MSDOS-Filename", "Description", "Triggers-Pending", "Triggers-Awaited",
    ]

    /// - Parameter conffiles: absolute path and MD5 in hexadecimal, in the package's order.
    static func text(_ control: ControlStanza, conffiles: [(path: String, md5: String)]) -> String {
        var out = ""
        var used: Set<String> = []
        for name in order {
            used.insert(name.lowercased())
            switch name {
            case "Status": out += "Status: install ok installed\n"
            case "Conffiles":
                if !conffiles.isEmpty {
                    out += "Conffiles:\n" + conffiles.map { " \($0.path) \($0.md5)\n" }.joined()
                }
            case "Essential", "Protected":
                if control[name]?.lowercased() == "yes" { out += "\(name): yes\n" }
            case "Multi-Arch":
                if let value = control[name], value != "no" { out += "\(name): \(value)\n" }
            default:
                if let value = control[name], !value.isEmpty { out += line(name, value) }
            }
        }
        for field in control.fields where !used.contains(field.name.lowercased()) && !field.value.isEmpty {
            out += line(field.name, field.value)
        }
        return out
    }

    private static func line(_ name: String, _ value: String) -> String {
        value.hasPrefix("\n") ? "\(name):\(value)\n" : "\(name): \(value)\n"
    }
}
