// SPDX-License-Identifier: Apache-2.0

import Debian
import Testing

@Suite struct ShellScriptTests {
    private func commands(_ text: String) -> [String] {
        ShellScript(Array(text.utf8)).calls.map { $0.name ?? "?" }
    }

    @Test(arguments: [
        ("a b; c && d || e | f & g", ["a", "c", "d", "e", "f", "g"]),
        ("if a; then b; elif ! c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
        ("case \"$1\" in configure|upgrade) a;; (*) b ;; esac; c", ["a", "b", "c"]),
        ("for i in x y; do a $i; done; b", ["a", "b"]),
        ("while read x; do a; done < file", ["read", "a"]),
        ("f() { a; }\nf", ["a", "f"]),
        ("( a; b )", ["a", "b"]),
        ("# a\nb # c\n", ["b"]),
        ("a \\\n b\nc", ["a", "c"]),
        ("a 'b; c' \"d; e\"", ["a"]),
        ("a $(b | c) `d`", ["a", "b", "c", "d"]),
        ("a \"$(b \"$(c)\")\"", ["a", "b", "c"]),
        ("cat <<EOF\nrm x\nEOF\na", ["cat", "a"]),
        ("cat <<-'EOF'\n\trm x\n\tEOF\na", ["cat", "a"]),
        ("x=$((1 + (2))) a", ["a"]),
        ("a 2>&1 >/dev/null <b", ["a"]),
        ("case x in a) case y in b) c;; esac;; d) e;; esac\nf", ["c", "e", "f"]),
    ])
    func findsEveryCommand(_ text: String, _ expected: [String]) {
        #expect(commands(text) == expected)
    }

    @Test func tellsFilesWrittenToFromDescriptors() {
        let calls = ShellScript(Array("echo a >/etc/x 2>/dev/null; echo b >&2; echo c >> \"$LOG\"".utf8)).calls
        #expect(calls.map { $0.writes.map(\.source) } == [["/etc/x"], [], ["${LOG}"]])
    }

    @Test func attachesHereDocumentsToTheirCommands() {
        let calls = ShellScript(Array("cat > a <<X || true\none\nX\ncat > b <<Y\ntwo\nY\n".utf8)).calls
        #expect(calls.map(\.document) == ["one\n", nil, "two\n"])
    }

    @Test func expandsConstantsAndLoops() {
        let script = ShellScript(
            Array("D=/lib/x\nfor l in a b; do mv \"$D/$l\" $D/$l.old; done\nmv p q".utf8))
        #expect(
            script.literalCalls(of: "mv") == [
                ["mv", "/lib/x/a", "/lib/x/a.old"], ["mv", "/lib/x/b", "/lib/x/b.old"], ["mv", "p", "q"],
            ])
    }

    @Test(arguments: ["mv $(a) b", "X=1\nX=2\nmv $X b", "read X\nmv $X b", "mv \"$1\" b", "for i in $(ls); do mv $i b; done"])
    func saysWhenAWordCannotBeKnown(_ text: String) {
        #expect(ShellScript(Array(text.utf8)).literalCalls(of: "mv") == nil)
    }

    @Test func endsOnHostileText() {
        for text in ["$(", "\"", "'", "`", "${", "<<EOF", "case x in", "for", "((((", ")))", "\\", "$", "a <<", "{ { {"] {
            _ = ShellScript(Array(text.utf8)).calls.count
        }
        let deep = String(repeating: "$(", count: 5_000)
        #expect(ShellScript(Array(deep.utf8)).calls.count < 100)
    }
}
