// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Debian
import Packages
import Testing

@Suite struct ScriptClassifierTests {
    private func judge(_ text: String, package: String = "p", member: String = "postinst") -> ScriptClassifier.Judgement {
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
                == .treated(.dropped(reason: "changes nothing on a fresh installation")))
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
                == .treated(.emulated(by: ["alternatives"])))
        #expect(
            judge(FakePackage.script("update-alternatives --install /usr/bin/x x $(pick) 5"))
                == .unknown(["pick", "update-alternatives with computed arguments"]))
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

    /// What a release's own script does is known; one command more and it is not.
    @Test func anUpdateThatDoesSomethingNewIsNoticed() {
        let known = FakePackage.script("if [ ! -f /etc/inputrc ]; then cp -p /usr/share/readline/inputrc /etc/inputrc; fi")
        #expect(judge(known, package: "readline-common") == .treated(.emulated(by: ["templates"])))
        #expect(
            judge(known.replacing("fi\n", with: "fi\nchown games /etc/inputrc\n"), package: "readline-common")
                == .unknown(["chown"]))
        #expect(judge(known, package: "someone-else") == .unknown(["cp"]))
    }

    @Test func unknownStopsTheBuildUnlessItsVeryHashIsAcknowledged() throws {
        let script = FakePackage.script("frobnicate /etc/x")
        let package = FakePackage(name: "p", members: ["postinst": script])
        let digest = Digest.of(script)
        let error = #expect(throws: AssemblyError.self) { try [package].assemble() }
        #expect(error?.code == "unknown-script")
        #expect(error?.message.contains(digest.description) == true && error?.message.contains("frobnicate") == true)
        let assembly = try [package].assemble(acknowledged: [digest])
        #expect(assembly.scripts == [
            ScriptReport(package: "p", script: "postinst", sha256: digest, treatment: .acknowledged)
        ])
        #expect(throws: AssemblyError.self) { try [package].assemble(acknowledged: [.of(script + "\n")]) }
    }
}
