// SPDX-License-Identifier: Apache-2.0

extension LintPass {
    mutating func checkPackages(_ entries: [Text]) {
        var wanted: [String: Mark] = [:]
        var pinned: [String: (version: String, mark: Mark)] = [:]
        var vetoed: [String: Mark] = [:]
        for text in entries {
            let entry = value(text)
            if entry.hasPrefix("!") {
                let name = String(entry.dropFirst())
                if let first = vetoed[name] {
                    warn("duplicate-package", "'!\(name)' stands twice (first in \(line(first)))", at: text.mark)
                }
                vetoed[name] = vetoed[name] ?? text.mark
            } else if let equals = entry.firstIndex(of: "=") {
                let name = String(entry[..<equals])
                let version = String(entry[entry.index(after: equals)...])
                if let first = pinned[name], first.version != version {
                    warn(
                        "conflicting-pin",
                        "'\(name)' is pinned to \(version), and to \(first.version) in \(line(first.mark))",
                        at: text.mark
                    )
                } else {
                    pinned[name] = pinned[name] ?? (version, text.mark)
                }
            } else {
                if let first = wanted[entry] {
                    warn("duplicate-package", "'\(entry)' stands twice (first in \(line(first)))", at: text.mark)
                }
                wanted[entry] = wanted[entry] ?? text.mark
            }
            if !Self.isPackageName(entry) {
                warn(
                    "invalid-package",
                    "'\(entry)' is not a package",
                    hint: "write name, name=version or !name; other comparisons are not known",
                    at: text.mark
                )
            }
        }
        for (name, mark) in wanted.sorted(by: { $0.value.line < $1.value.line }) {
            if let pin = pinned[name] {
                warn(
                    "pinned-and-unpinned",
                    "'\(name)' is wanted without a version, and pinned in \(line(pin.mark))",
                    hint: "the pin decides: remove this entry",
                    at: mark
                )
            }
        }
        for (name, mark) in vetoed.sorted(by: { $0.value.line < $1.value.line }) {
            guard let other = wanted[name] ?? pinned[name]?.mark else { continue }
            warn(
                "veto-without-effect",
                "'!\(name)' keeps nothing out: the package is wanted in \(line(other))",
                hint: "remove one of the two",
                at: mark
            )
        }
    }

    private static func isPackageName(_ entry: String) -> Bool {
        let name = entry.utf8.drop { $0 == UInt8(ascii: "!") }
        guard !name.isEmpty, entry.utf8.count - name.count <= 1 else { return false }
        let head = name.prefix { $0 != UInt8(ascii: "=") }
        guard !head.isEmpty, head.count == name.count || name.count > head.count + 1 else { return false }
        return head.allSatisfy { !"<>~ \t,|()!".utf8.contains($0) }
    }

    /// A runtime image that has a shell or a package manager should say so in a label: those who scan it look there.
    mutating func checkShells() {
        guard definition.variant?.choice ?? .runtime == .runtime, definition.osRelease != nil else { return }
        for text in definition.contents?.packages ?? [] {
            let name = String(value(text).prefix { $0 != "=" })
            let kinds = [("shell", Self.shells), ("package-manager", Self.packageManagers)]
            for (kind, names) in kinds where names.contains(name) && !isDeclared(kind) {
                let what = kind == "shell" ? "shell" : "package manager"
                warn(
                    "unintended-\(kind)",
                    "the runtime image includes the \(what) '\(name)', and no label says so",
                    hint: "remove it, make the variant 'dev', or add a label that ends in '.\(kind)'",
                    at: text.mark
                )
            }
        }
    }

    private func isDeclared(_ kind: String) -> Bool {
        definition.labels.entries.contains { entry in
            let name = entry.name.string
            return (name == kind || name.hasSuffix(".\(kind)")) && !["", "none"].contains(value(entry.value))
        }
    }

    private static let shells: Set<String> = [
        "bash", "bash-static", "busybox", "busybox-binsh", "busybox-static", "dash", "dash-binsh", "fish", "ksh",
        "ksh93u+m",
        "loksh", "mksh", "oksh", "tcsh", "yash", "zsh",
    ]
    private static let packageManagers: Set<String> = [
        "apk-tools", "apt", "aptitude", "dnf", "dpkg", "microdnf", "rpm", "yum", "zypper",
    ]
}
