// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Packages

/// Says of every maintainer script what was done about it.
package enum ScriptClassifier {
    private static let members = ["config", "preinst", "postinst", "prerm", "postrm"]

    /// What of a script is not covered, for the error.
    package struct Unknown: Sendable {
        package var package: String
        package var version: String
        package var member: String
        package var sha256: Digest
        package var commands: [String]
    }

    /// Reports for all scripts, sorted by package and member; and those that nothing accounts for.
    package static func classify(
        _ packages: [DebianPackage],
        acknowledged: Set<Digest>
    ) -> (reports: [ScriptReport], unknown: [Unknown]) {
        var reports: [ScriptReport] = []
        var unknown: [Unknown] = []
        for package in packages {
            for member in members {
                if let reason = unasked(member) {
                    guard let bytes = package.member(member) else { continue }
                    let treatment = ScriptReport.Treatment.dropped(reason: reason)
                    reports.append(
                        ScriptReport(package: package.name, script: member, sha256: .of(bytes), treatment: treatment)
                    )
                    continue
                }
                guard let script = package.script(member) else { continue }
                switch judge(script) {
                case .treated(let treatment):
                    reports.append(
                        ScriptReport(package: package.name, script: member, sha256: script.sha256, treatment: treatment)
                    )
                case .unknown where acknowledged.contains(script.sha256):
                    reports.append(
                        ScriptReport(
                            package: package.name,
                            script: member,
                            sha256: script.sha256,
                            treatment: .acknowledged
                        )
                    )
                case .unknown(let commands):
                    unknown.append(
                        Unknown(
                            package: package.name,
                            version: package.control.version,
                            member: member,
                            sha256: script.sha256,
                            commands: commands
                        )
                    )
                }
            }
        }
        return (reports, unknown)
    }

    /// Why nobody asks what a script of this name does; nil for those that run on a fresh installation.
    private static func unasked(_ member: String) -> String? {
        switch member {
        case "prerm", "postrm": "runs only when the package is upgraded or removed"
        case "config": "asks debconf's questions; their defaults hold"
        default: nil
        }
    }

    package enum Judgement: Hashable, Sendable {
        case treated(ScriptReport.Treatment)
        /// What in it is not accounted for, sorted; at the end, whether another text of the script was known.
        case unknown([String])
    }

    /// - Parameter table: the scripts that were read.
    package static func judge(_ script: MaintainerScript, table: [KnownScript] = KnownScripts.table) -> Judgement {
        if let reason = unasked(script.member) { return .treated(.dropped(reason: reason)) }
        guard script.own != nil else {
            return known(script, ["#!" + script.interpreter], effects: [], dropped: [], table: table)
        }
        var effects: Set<String> = []
        var dropped: Set<String> = []
        var rest: Set<String> = []
        let parts = (script.own.map { [(tool: "", script: $0)] } ?? []) + script.snippets.map { ($0.tool, $0.script) }
        for (tool, part) in parts {
            let isLocal = tool == LocalDirectories.tool && LocalDirectories.directories(in: part) != nil
            for call in part.calls {
                switch CommandVocabulary.meaning(of: call, in: part) {
                case .harmless: continue
                case .effect(let name): effects.insert(name)
                case .dropped(let what): dropped.insert(what)
                // debhelper restores the mode of an init script that was removed before: upgrades only.
                case .unknown("chmod") where tool == "dh_installinit": continue
                case .unknown("mkdir") where isLocal, .unknown("chown") where isLocal, .unknown("chmod") where isLocal:
                    effects.insert(LocalDirectories.name)
                case .unknown(let what): rest.insert(what)
                }
            }
            // An effect that reads the calls must be able to read them all.
            if !Diversions.additions(in: part, of: script.package).isComplete {
                rest.insert("dpkg-divert with computed arguments")
            }
            if effects.contains(Overrides.name), Overrides.additions(in: part) == nil {
                rest.insert("dpkg-statoverride with computed arguments")
            }
            if !readsAccounts(part) { rest.insert("accounts with computed arguments") }
        }
        if effects.contains(Alternatives.name), AlternativeChoice.choices(in: script) == nil {
            rest.insert("update-alternatives with computed arguments")
        }
        return known(script, rest, effects: effects, dropped: dropped, table: table)
    }

    private static func readsAccounts(_ script: ShellScript) -> Bool {
        for command in ["adduser", "addgroup", "useradd", "groupadd", "usermod", "gpasswd"] {
            guard let calls = script.literalCalls(of: command) else { return false }
            for call in calls where AccountRequest.parse(call) == nil { return false }
        }
        return true
    }

    /// - Parameter rest: what no general rule accounts for.
    private static func known(
        _ script: MaintainerScript,
        _ rest: Set<String>,
        effects: Set<String>,
        dropped: Set<String>,
        table: [KnownScript]
    ) -> Judgement {
        var effects = effects
        var reasons = dropped.sorted().map(reason)
        let entries = table.filter { $0.isAbout(script) }
        let entry = entries.first { $0.fingerprints.contains(script.fingerprint) }
        if !rest.isEmpty, entry == nil {
            return .unknown(rest.sorted() + (entries.isEmpty ? [] : ["changed since it was read"]))
        }
        if let entry {
            effects.formUnion(entry.effects)
            if !entry.reason.isEmpty { reasons.append(entry.reason) }
        }
        if !effects.isEmpty { return .treated(.emulated(by: effects.sorted())) }
        return .treated(
            .dropped(
                reason: reasons.isEmpty ? "changes nothing on a fresh installation" : reasons.joined(separator: "; ")
            )
        )
    }

    /// In words, what is left out.
    static func reason(_ what: String) -> String {
        switch what {
        case "services": "no service runs while an image is made"
        case "service-links": "enables units or init scripts, which nothing in a container reads"
        case "byte-code": "Python byte code is not made, since that would mean to run the image's Python"
        case "info-dir", "man-db", "menu", "doc-base": "an index of documentation"
        case "binfmt": "registers an interpreter with the running kernel"
        case "initramfs", "boot-loader": "a container boots no kernel"
        default: "\(what) is not supported: programs go without the cache"
        }
    }
}
