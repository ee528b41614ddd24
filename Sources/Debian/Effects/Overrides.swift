// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import Packages

/// `dpkg-statoverride --update --add USER GROUP MODE PATH` in postinst scripts: owner and mode now, and the record that
/// dpkg honours at upgrades.
package enum Overrides: Effect {
    package static let name = "statoverride"

    package static func apply(to root: inout ImageRoot) throws {
        for package in root.packages {
            for script in package.script("postinst")?.scripts ?? [] {
                for call in additions(in: script) ?? [] {
                    try apply(call, to: &root)
                }
            }
        }
    }

    /// USER, GROUP, MODE and PATH of each addition; nil when one is not literal.
    static func additions(in script: ShellScript) -> [StatOverride]? {
        let adding = script.calls.filter { call in
            call.name == "dpkg-statoverride"
                && call.words.contains { $0.literal == "--add" || $0.literal == "--update" }
        }
        guard !adding.isEmpty else { return [] }
        var out: [StatOverride] = []
        let constants = script.constants
        for call in adding {
            var words: [String] = []
            for word in call.words {
                guard let expanded = word.expanded(constants) else { return nil }
                words += expanded
            }
            let arguments = words.dropFirst().filter { !$0.hasPrefix("--") }
            guard arguments.count == 4, let mode = UInt16(arguments[2], radix: 8) else { return nil }
            out.append(StatOverride(user: arguments[0], group: arguments[1], mode: mode, path: arguments[3]))
        }
        return out
    }

    private static func apply(_ override: StatOverride, to root: inout ImageRoot) throws {
        let path = try TreePath(override.path)
        guard !root.overrides.contains(where: { $0.path == override.path }) else { return }
        root.overrides.append(override)
        try root.setAttributes(
            path,
            mode: override.mode,
            uid: root.accounts.uid(override.user) ?? 0,
            gid: root.accounts.gid(override.group) ?? 0
        )
    }
}
