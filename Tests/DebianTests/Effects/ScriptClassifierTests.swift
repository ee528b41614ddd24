// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Debian
import FileTree
import Packages
import Testing

@Suite struct ScriptClassifierTests {
    private func judge(_ text: String, package: String = "p", member: String = "postinst") -> ScriptClassifier.Judgement
    {
        ScriptClassifier.judge(MaintainerScript(package: package, member: member, bytes: Array(text.utf8)))
    }

    private static let systemd = """
        # Automatically added by dh_installsystemd/13.24.2
        if [ "$1" = "configure" ]; then
            deb-systemd-helper enable 'x.service' >/dev/null || true
        fi
        # End automatically added section
        """

    @Test func aScriptThatOnlyLooksIsDropped() {
        #expect(
            judge(FakePackage.script("if [ \"$1\" = configure ]; then dpkg --compare-versions \"$2\" lt 1; fi"))
                == .treated(.dropped(reason: "changes nothing on a fresh installation"))
        )
    }

    @Test func debhelperSnippetsAreKnownByWhatTheyCall() {
        guard case .treated(.dropped(let reason)) = judge(FakePackage.script(Self.systemd)) else {
            Issue.record("not dropped")
            return
        }
        #expect(reason.contains("units"))
    }

    /// A snippet's label vouches for nothing: what it calls is looked at like any other line.
    @Test func aSnippetThatDoesMoreIsUnknown() {
        let text = Self.systemd.replacing("deb-systemd-helper", with: "install-backdoor")
        #expect(judge(FakePackage.script(text)) == .unknown(["install-backdoor"]))
    }

    @Test func alternativesWithKnownArgumentsAreEmulated() {
        #expect(
            judge(FakePackage.script("update-alternatives --install /usr/bin/x x /usr/bin/y 5"))
                == .treated(.emulated(by: ["alternatives"]))
        )
        #expect(
            judge(FakePackage.script("update-alternatives --install /usr/bin/x x $(pick) 5"))
                == .unknown(["pick", "update-alternatives with computed arguments"])
        )
    }

    @Test func scriptsOfRemovalAndQuestionsNeverRun() {
        for member in ["prerm", "postrm", "config"] {
            guard case .treated(.dropped) = judge(FakePackage.script("rm -rf /"), member: member) else {
                Issue.record("\(member)")
                return
            }
        }
    }

    @Test func otherLanguagesAreUnknown() {
        #expect(judge("#!/usr/bin/perl\nunlink 'x';\n") == .unknown(["#!perl"]))
        #expect(judge("\u{7F}ELF") == .unknown(["#!unknown"]))
    }

    private static let inputrc = FakePackage.script(
        "if [ ! -f /etc/inputrc ]; then\n  cp -p /usr/share/readline/inputrc /etc/inputrc\nfi"
    )

    private func judgeAgainstInputrc(
        _ text: String,
        package: String = "lib-common"
    ) -> ScriptClassifier.Judgement {
        let read = MaintainerScript(package: "lib-common", member: "postinst", bytes: Array(Self.inputrc.utf8))
        let table = [KnownScript("lib-common", "postinst", [read.fingerprint], by: ["templates"])]
        return ScriptClassifier.judge(
            MaintainerScript(package: package, member: "postinst", bytes: Array(text.utf8)),
            table: table
        )
    }

    @Test func aScriptThatWasReadIsKnown() {
        #expect(judgeAgainstInputrc(Self.inputrc) == .treated(.emulated(by: ["templates"])))
        let restyled = Self.inputrc.replacing("  cp", with: "\n# A comment.\n\tcp")
        #expect(restyled != Self.inputrc)
        #expect(judgeAgainstInputrc(restyled) == .treated(.emulated(by: ["templates"])))
        #expect(judgeAgainstInputrc(Self.inputrc, package: "someone-else") == .unknown(["cp"]))
    }

    /// Not only a command more, but any other argument, condition or variable.
    @Test(
        "an update that does something else is noticed",
        arguments: [
            ("fi\n", "fi\nchown games /etc/inputrc\n"), ("cp -p", "cp -a"), ("/etc/inputrc\nfi", "/etc/inputrc2\nfi"),
            ("! -f", "-f"), ("set -e", "set -e\numask 0"),
        ]
    )
    func change(_ old: String, _ new: String) {
        let changed = Self.inputrc.replacing(old, with: new)
        #expect(changed != Self.inputrc)
        guard case .unknown(let commands) = judgeAgainstInputrc(changed) else {
            Issue.record("known")
            return
        }
        #expect(commands.contains("cp") && commands.last == "changed since it was read")
    }

    private static let local = """
        # Automatically added by dh_usrlocal/13.24.2
        (
            while read line; do
                set -- $line
                dir="$1"; mode="$2"; user="$3"; group="$4"
                if [ ! -e "$dir" ]; then
                    if mkdir "$dir" 2>/dev/null; then
                        if chown "$user":"$group" "$dir" ; then
                            chmod "$mode" "$dir" || true
                        fi
                    fi
                fi
            done
        ) << DATA
        /usr/local/share/xml default
        /usr/local/share/xml/own 2775 root staff
        DATA
        # End automatically added section
        """

    @Test func directoriesBelowUsrLocalAreMade() throws {
        let script = FakePackage.script(Self.local)
        #expect(judge(script) == .treated(.emulated(by: ["usr-local"])))
        let tree = try [FakePackage(name: "p", members: ["postinst": script])].assemble().tree
        #expect(tree["usr/local/share/xml"]?.mode == 0o755)
        #expect(tree["usr/local/share/xml/own"]?.mode == 0o2775)
    }

    /// The snippet's own form and place, or it is like any other script.
    @Test(arguments: [
        ("chmod \"$mode\" \"$dir\"", "chmod 4755 /bin/sh"), ("/usr/local/share/xml default", "/usr/share/xml default"),
        ("/usr/local/share/xml default", "/usr/local/../bin/x default"), ("dh_usrlocal", "dh_other"),
    ])
    func otherDirectoriesAreUnknown(_ old: String, _ new: String) {
        let changed = Self.local.replacing(old, with: new)
        #expect(changed != Self.local)
        guard case .unknown = judge(FakePackage.script(changed)) else {
            Issue.record("known")
            return
        }
    }

    @Test func unknownStopsTheBuildUnlessItsVeryHashIsAcknowledged() throws {
        let script = FakePackage.script("frobnicate /etc/x")
        let package = FakePackage(name: "p", members: ["postinst": script])
        let digest = Digest.of(script)
        let error = #expect(throws: AssemblyError.self) { try [package].assemble() }
        #expect(error?.code == "unknown-script")
        #expect(error?.message.contains(digest.description) == true)
        #expect(error?.message.contains("frobnicate") == true)
        let assembly = try [package].assemble(acknowledged: [digest])
        #expect(
            assembly.scripts == [
                ScriptReport(package: "p", script: "postinst", sha256: digest, treatment: .acknowledged)
            ]
        )
        #expect(throws: AssemblyError.self) { try [package].assemble(acknowledged: [.of(script + "\n")]) }
    }
}
