// SPDX-License-Identifier: Apache-2.0

import Debian
import Testing

@Suite("Fingerprints of scripts")
struct ScriptFingerprintTests {
    private func fingerprint(_ text: String, _ architecture: String? = nil) -> String {
        ScriptFingerprint.of(Array(text.utf8), architecture: architecture)
    }

    private static let script = """
        #!/bin/sh
        set -e
        if dpkg --compare-versions "$2" lt-nl "1:2.3-4~"; then rm -f /etc/old-1.2; fi
        cat > /etc/x <<-'EOF'
        # kept
          two
        EOF
        chmod 0640 /etc/x
        """

    /// What cannot change a fresh image.
    @Test(arguments: [
        ("set -e", "set -e\n\n   # comment"), ("chmod", "\tchmod"), ("\"1:2.3-4~\"", "\"1:2.3-5\""),
        ("\"1:2.3-4~\"", "9"),
    ])
    func isEqual(_ old: String, _ new: String) {
        // The quotes of a version are part of the word: only its number goes.
        let changed = Self.script.replacing(old, with: new)
        #expect(changed != Self.script)
        #expect(fingerprint(changed) == fingerprint(Self.script))
    }

    @Test(arguments: [
        ("0640", "0644"), ("0640 /etc/x", "0640 /etc/y"), ("# kept", "# other"), ("  two", "two"),
        ("old-1.2", "old-1.3"),
        ("lt-nl", "gt-nl"), ("\"$2\"", "\"$3\""), ("set -e", "set -u"), ("#!/bin/sh", "#!/bin/bash"),
        ("rm -f", "rm -rf"), ("-'EOF'", " 'EOF'"),
    ])
    func differs(_ old: String, _ new: String) {
        let changed = Self.script.replacing(old, with: new)
        #expect(changed != Self.script)
        #expect(fingerprint(changed) != fingerprint(Self.script))
    }

    @Test func isTheSameOnBothPlatforms() {
        let amd = "#!/bin/sh\nln -s x /usr/lib/x86_64-linux-gnu/y-amd64\n"
        let arm = "#!/bin/sh\nln -s x /usr/lib/aarch64-linux-gnu/y-arm64\n"
        #expect(fingerprint(amd, "amd64") == fingerprint(arm, "arm64"))
        #expect(fingerprint(amd, "all") != fingerprint(arm, "all"))
    }

    /// Words after `<<` in arithmetic and here-strings open no document, so that comments after them still go.
    @Test func shiftsOpenNoDocument() {
        let text = "#!/bin/bash\nx=$((1 << 2))\ncat <<<word\n"
        #expect(fingerprint(text) == fingerprint(text + "# comment\n"))
    }
}
