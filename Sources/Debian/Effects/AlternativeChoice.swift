// SPDX-License-Identifier: Apache-2.0

/// One `update-alternatives --install` call.
package struct AlternativeChoice: Hashable, Sendable {
    /// A further link that follows the choice.
    package struct Slave: Hashable, Sendable {
        package var link: String
        package var name: String
        package var path: String
    }

    package var link: String
    package var name: String
    package var path: String
    package var priority: Int
    package var slaves: [Slave]

    /// Reads a literal call; nil when it has no `--install` or is malformed.
    package static func parse(_ call: [String]) -> AlternativeChoice? {
        guard let index = call.firstIndex(of: "--install"), index + 4 < call.count, let priority = Int(call[index + 4])
        else {
            return nil
        }
        var slaves: [Slave] = []
        var at = index + 5
        while at < call.count {
            if call[at] == "--slave" {
                guard at + 3 < call.count else { return nil }
                slaves.append(Slave(link: call[at + 1], name: call[at + 2], path: call[at + 3]))
                at += 4
            } else {
                at += 1
            }
        }
        return AlternativeChoice(
            link: call[index + 1],
            name: call[index + 2],
            path: call[index + 3],
            priority: priority,
            slaves: slaves
        )
    }

    /// The choices that a package's postinst registers.
    ///
    /// - Returns: nil when a call is computed in a way that is not understood.
    package static func choices(in script: MaintainerScript) -> [AlternativeChoice]? {
        if let computed = ComputedAlternatives.choices(in: script) { return computed }
        var out: [AlternativeChoice] = []
        for part in script.scripts {
            guard part.calls.contains(where: isInstallation) else { continue }
            guard let calls = part.literalCalls(of: "update-alternatives") else { return nil }
            for call in calls where call.contains("--install") {
                guard let choice = parse(call) else { return nil }
                out.append(choice)
            }
        }
        return out
    }

    private static func isInstallation(_ call: ShellCall) -> Bool {
        call.name == "update-alternatives" && call.words.contains { $0.literal == "--install" }
    }
}

/// Scripts that compute the arguments of update-alternatives: one rule each, from the script's own constants.
enum ComputedAlternatives {
    /// - Returns: nil when the script is none of those.
    static func choices(in script: MaintainerScript) -> [AlternativeChoice]? {
        if Glob.matches(script.package, "openjdk-*-jre-headless")
            || Glob.matches(script.package, "openjdk-*-jdk-headless")
            || Glob.matches(script.package, "openjdk-*-jre") || Glob.matches(script.package, "openjdk-*-jdk")
        {
            return openJDK(script)
        }
        // Debian 12's procps registers only what an administrator renamed to *.procps.
        if script.package == "procps" { return [] }
        if script.package == "xz-utils" { return xz(script) }
        return nil
    }

    /// For each tool `/usr/bin/TOOL` with its manual page; `jexec` with its binfmt file in the runtime.
    private static func openJDK(_ script: MaintainerScript) -> [AlternativeChoice]? {
        guard let own = script.own else { return nil }
        let constants = own.constants
        // The second assignment of `priority` is for foreign architectures.
        let priority = own.calls.lazy.flatMap(\.assignments).first { $0.name == "priority" }?.value.literal
        guard let tools = constants["jre_tools"] ?? constants["jdk_tools"], let base = constants["basedir"],
            let priority = priority.flatMap(Int.init)
        else { return nil }
        var out = tools.split(separator: " ").map { tool in
            AlternativeChoice(
                link: "/usr/bin/\(tool)",
                name: String(tool),
                path: "\(base)/bin/\(tool)",
                priority: priority,
                slaves: [
                    .init(
                        link: "/usr/share/man/man1/\(tool).1.gz",
                        name: "\(tool).1.gz",
                        path: "\(base)/man/man1/\(tool).1.gz"
                    )
                ]
            )
        }
        if constants["jre_tools"] != nil,
            own.calls.contains(where: { $0.words.contains { $0.literal == "/usr/bin/jexec" } })
        {
            out.append(
                AlternativeChoice(
                    link: "/usr/bin/jexec",
                    name: "jexec",
                    path: "\(base)/lib/jexec",
                    priority: priority,
                    slaves: [
                        .init(link: "/usr/share/binfmts/jar", name: "jexec-binfmt", path: "\(base)/lib/jar.binfmt")
                    ]
                )
            )
        }
        return out
    }

    /// lzma from xz, with every helper and manual page.
    private static func xz(_ script: MaintainerScript) -> [AlternativeChoice]? {
        guard let own = script.own else { return nil }
        let utilities = own.calls.flatMap(\.loops).first { $0.variable == "util" }?.values.compactMap(\.literal) ?? []
        guard !utilities.isEmpty else { return nil }
        var slaves: [AlternativeChoice.Slave] = []
        func add(_ directory: String, _ name: String, _ target: String) {
            slaves.append(.init(link: "\(directory)/\(name)", name: name, path: "\(directory)/\(target)"))
        }
        add("/usr/share/man/man1", "lzma.1.gz", "xz.1.gz")
        add("/usr/bin", "unlzma", "unxz")
        add("/usr/share/man/man1", "unlzma.1.gz", "unxz.1.gz")
        for utility in utilities {
            add("/usr/bin", "lz\(utility)", "xz\(utility)")
            add("/usr/share/man/man1", "lz\(utility).1.gz", "xz\(utility).1.gz")
        }
        return [
            AlternativeChoice(link: "/usr/bin/lzma", name: "lzma", path: "/usr/bin/xz", priority: 20, slaves: slaves)
        ]
    }
}
