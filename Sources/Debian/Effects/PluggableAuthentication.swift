// SPDX-License-Identifier: Apache-2.0

internal import FileTree

/// `pam-auth-update` on a fresh system: `/etc/pam.d/common-*` from the templates of libpam-runtime and the profiles in
/// `/usr/share/pam-configs` that are on by default, and the record of it in `/var/lib/pam`.
package enum PluggableAuthentication: Effect {
    package static let name = "pam"

    /// A profile (pam-auth-update(8)): fields by name, continuation lines joined by newlines.
    private struct Profile {
        var name: String
        var fields: [String: String] = [:]
        var priority: Int { Int(fields["Priority"] ?? "") ?? 0 }

        /// The lines for a type at a position in the stack: the first module takes the `-Initial` ones.
        func lines(_ type: String, _ position: Int) -> [String] {
            let text = (position == 0 ? fields[type + "-Initial"] : nil) ?? fields[type] ?? ""
            return text.split(separator: "\n").map(String.init)
        }
    }

    package static func apply(to root: inout ImageRoot) throws {
        guard root.has("libpam-runtime") else { return }
        var profiles: [Profile] = []
        for node in root.tree.children(of: "usr/share/pam-configs") where node.content != nil {
            guard let text = try root.text(node.path) else { continue }
            profiles.append(parse(text, name: String(decoding: node.path.name, as: UTF8.self)))
        }
        // Higher priority first; equal ones by descending name.
        profiles.sort {
            $0.priority == $1.priority
                ? $1.name.utf8.lexicographicallyPrecedes($0.name.utf8) : $0.priority > $1.priority
        }
        let enabled = profiles.filter { $0.fields["Default"] == "yes" }
        guard !enabled.isEmpty else { return }
        try root.directory("var/lib/pam", by: name)
        try root.write("var/lib/pam/seen", profiles.map { $0.name + "\n" }.joined(), by: name)
        for type in ["auth", "account", "password", "session", "session-noninteractive"] {
            let field = type.prefix(1).uppercased() + type.dropFirst()
            guard let template = try root.text(try TreePath("usr/share/pam/common-" + type)) else { continue }
            try root.write(
                try TreePath("etc/pam.d/common-" + type),
                fill(template, field, enabled),
                by: name
            )
            try root.write(try TreePath("var/lib/pam/" + type), record(field, enabled), by: name)
        }
    }

    private static func parse(_ text: String, name: String) -> Profile {
        var profile = Profile(name: name)
        var field = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            if line.first == " " || line.first == "\t" {
                let value = String(line.trimmed)
                profile.fields[field] = profile.fields[field].map { $0.isEmpty ? value : $0 + "\n" + value } ?? value
            } else if let colon = line.firstIndex(of: ":") {
                field = String(line[..<colon])
                if field.hasSuffix("-Final") { field.removeLast(6) }
                profile.fields[field] = String(line[line.index(after: colon)...].trimmed)
            }
        }
        // Sessions count for both kinds unless the profile says otherwise.
        if profile.fields["Session-Interactive-Only"] != "yes" {
            for suffix in ["", "-Type", "-Initial"] {
                if let value = profile.fields["Session" + suffix] {
                    profile.fields["Session-noninteractive" + suffix] = value
                }
            }
        }
        return profile
    }

    private static func fill(_ template: String, _ field: String, _ enabled: [Profile]) -> String {
        let type = field.lowercased().split(separator: "-").first.map(String.init) ?? ""
        var out = ""
        var isInside = false
        for line in template.split(separator: "\n", omittingEmptySubsequences: false).dropLast(
            template.hasSuffix("\n") ? 1 : 0
        ) {
            if line.hasPrefix("# here's the fallback if no module succeeds")
                || line.hasPrefix("# end of pam-auth-update config")
            {
                isInside = false
            }
            if isInside { continue }
            out += line + "\n"
            let block: String
            if line.hasPrefix("# here are the per-package modules (the \"Primary\" block)") {
                block = "Primary"
            } else if line.hasPrefix("# and here are more per-package modules (the \"Additional\" block)") {
                block = "Additional"
            } else {
                continue
            }
            isInside = true
            let modules = enabled.filter { $0.fields[field + "-Type"] == block }
            let lines = modules.enumerated().flatMap { $1.lines(field, $0) }
            if lines.isEmpty && block == "Primary" { out += "\(type)\t[default=1]\t\t\tpam_permit.so\n" }
            // Jumps go to the end of the block; those of the additional block must not leave the stack.
            var left = lines.count - (block == "Additional" ? 1 : 0)
            for line in lines {
                out += type + "\t" + merged(line, left) + "\n"
                left -= 1
            }
        }
        return out
    }

    /// Puts the length of the jump where `end` stands, and one blank between the module and each option.
    private static func merged(_ line: String, _ count: Int) -> String {
        var rest = line[...]
        var control = ""
        if rest.hasPrefix("["), let close = rest.firstIndex(of: "]") {
            control = String(rest[...close])
            rest = rest[rest.index(after: close)...]
        } else {
            control = String(rest.prefix { $0 != " " && $0 != "\t" })
            rest = rest.dropFirst(control.count)
        }
        let blanks = rest.prefix { $0 == " " || $0 == "\t" }
        rest = rest.dropFirst(blanks.count)
        let module = rest.prefix { $0 != " " && $0 != "\t" }
        let options = rest.dropFirst(module.count).split { $0 == " " || $0 == "\t" }
        let head = control + blanks + module
        return head.replacing("end", with: String(count)) + " " + options.joined(separator: " ")
    }

    private static func record(_ field: String, _ enabled: [Profile]) -> String {
        var out = ""
        for block in ["Primary", "Additional"] {
            let modules = enabled.filter { $0.fields[field + "-Type"] == block }
            if block == "Primary" && modules.isEmpty { out += "Module: null\n[default=1]\t\t\tpam_permit.so\n" }
            for (position, module) in modules.enumerated() {
                let lines = module.lines(field, position)
                if !lines.isEmpty { out += "Module: \(module.name)\n" + lines.joined(separator: "\n") + "\n" }
            }
        }
        return out
    }
}
