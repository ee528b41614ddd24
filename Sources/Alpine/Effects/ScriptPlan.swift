// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Packages

/// What the packages' scripts would do, and what is done in their place.
struct ScriptPlan {
    private(set) var reports: [ScriptReport] = []
    private(set) var accounts: Set<AccountRequest> = []
    /// Shells for `/etc/shells`, and directories that scripts make.
    private(set) var shells: Set<String> = []
    private(set) var directories: Set<String> = []
    private(set) var restrictsShadow = false
    private(set) var linksBusybox = false
    private(set) var bundlesCertificates = false

    var usesAccounts: Bool { !accounts.isEmpty }

    /// - Throws: `unknown-script`, naming every script that no effect knows and nobody acknowledges.
    init(_ packages: [InstalledApk], acknowledged: Set<Digest>) throws(AlpineError) {
        var unknown: [String] = []
        for package in packages {
            for (member, bytes) in package.scripts {
                let digest = Digest.of(bytes)
                let treatment: ScriptReport.Treatment
                if let known = treat(ShellStatements(bytes), member: member, package: package.name) {
                    treatment = known
                } else if acknowledged.contains(digest) {
                    treatment = .acknowledged
                } else {
                    unknown.append("\(package.entry.label)\(member) (sha256:\(digest.hex))")
                    continue
                }
                reports.append(
                    ScriptReport(package: package.name, script: member, sha256: digest, treatment: treatment)
                )
            }
        }
        if unknown.isEmpty { return }
        throw AlpineError(
            .unknownScript,
            "",
            "package scripts are not run, and no effect knows what these would do: " + unknown.joined(separator: ", "),
            hint:
                "read them; where the image can do without what they do, acknowledge their hashes in the configuration"
        )
    }

    private mutating func treat(
        _ script: ShellStatements,
        member: String,
        package: String
    ) -> ScriptReport.Treatment? {
        switch member {
        case ".pre-upgrade", ".post-upgrade": return .dropped(reason: "runs only when the package is upgraded")
        case ".pre-deinstall", ".post-deinstall": return .dropped(reason: "runs only when the package is removed")
        default: break
        }
        if let effects = KnownScripts.effects(of: script.fingerprint) {
            for effect in effects { note(effect) }
            if effects.isEmpty { return .dropped(reason: "does nothing in a fresh image") }
            return .emulated(by: effects.map(\.rawValue))
        }
        guard let commands = script.commands() else { return nil }
        // Only once all of it is understood is any of it done.
        var draft = self
        var effects: [String] = []
        for words in commands {
            guard let effect = draft.treat(words) else { return nil }
            if let effect, !effects.contains(effect) { effects.append(effect) }
        }
        self = draft
        return effects.isEmpty ? .dropped(reason: "does nothing in a fresh image") : .emulated(by: effects)
    }

    private mutating func note(_ effect: KnownScripts.Effect) {
        switch effect {
        case .busyboxLinks: linksBusybox = true
        case .shadow: restrictsShadow = true
        case .certificates: bundlesCertificates = true
        }
    }

    /// What a command amounts to: the name of an effect, nil inside for nothing at all, nil for an unknown command.
    private mutating func treat(_ words: [String]) -> String?? {
        var words = words
        if words.first == "/bin/busybox" || words.first == "busybox" { words.removeFirst() }
        guard let first = words.first else { return nil }
        let command = first.split(separator: "/").last.map(String.init) ?? first
        let arguments = Array(words.dropFirst())
        switch command {
        case "exit", "return", "true", ":":
            return arguments.allSatisfy { $0 == "0" } ? .some(nil) : nil
        case "addgroup", "adduser":
            guard let request = AccountRequest(words) else { return nil }
            accounts.insert(request)
            return AccountFiles.effect
        case "add-shell":
            guard !arguments.isEmpty, arguments.allSatisfy({ $0.hasPrefix("/") && !$0.contains("\n") }) else {
                return nil
            }
            shells.formUnion(arguments)
            return Effects.shells
        case "mkdir":
            guard arguments.first == "-p", arguments.dropFirst().allSatisfy({ !$0.hasPrefix("-") }) else { return nil }
            directories.formUnion(arguments.dropFirst())
            return Effects.directories
        case "--install" where arguments == ["-s"]:
            linksBusybox = true
            return KnownScripts.Effect.busyboxLinks.rawValue
        case "update-ca-certificates":
            guard arguments.isEmpty else { return nil }
            bundlesCertificates = true
            return KnownScripts.Effect.certificates.rawValue
        case "chown" where Self.isShadow(arguments, "root:shadow"), "chmod" where Self.isShadow(arguments, "640"),
            "chmod" where Self.isShadow(arguments, "0640"):
            restrictsShadow = true
            return KnownScripts.Effect.shadow.rawValue
        default: return nil
        }
    }

    private static func isShadow(_ arguments: [String], _ value: String) -> Bool {
        guard arguments.count == 2, arguments[0] == value else { return false }
        return ["/etc/shadow", "etc/shadow", "/etc/shadow-", "etc/shadow-"].contains(arguments[1])
    }
}
