// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// An install script as a list of statements: comments and blank lines dropped, continued lines joined.
///
/// Alpine's scripts are few and short. Those that are only a list of commands are understood word by word; one with
/// control flow is known by the hash of its statements, or not at all.
struct ShellStatements {
    /// Statements as written, trimmed.
    let lines: [String]
    /// SHA-256 over the statements, so that a comment or an indentation makes no new script.
    let fingerprint: Digest

    init(_ bytes: [UInt8]) {
        var lines: [String] = []
        var pending = ""
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false) {
            var text = Self.trim(line)
            if text.hasPrefix("#") { continue }
            if text.hasSuffix("\\") {
                text.removeLast()
                pending += Self.trim(text[...]) + " "
                continue
            }
            text = Self.trim((pending + text)[...])
            pending = ""
            if !text.isEmpty { lines.append(text) }
        }
        if !pending.isEmpty { lines.append(Self.trim(pending[...])) }
        self.lines = lines
        self.fingerprint = .of(lines.joined(separator: "\n"))
    }

    private static func trim(_ text: Substring) -> String {
        String(
            text.drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed().drop {
                $0 == " " || $0 == "\t" || $0 == "\r"
            }.reversed()
        )
    }

    /// The simple commands, with variables of the script itself put in and redirections dropped; nil where a statement is
    /// more than a simple command.
    func commands() -> [[String]]? {
        var variables: [String: String] = [:]
        var out: [[String]] = []
        for line in lines {
            for part in Self.parts(of: line) {
                guard var words = Self.words(part, variables) else { return nil }
                if let first = words.first, let equals = first.firstIndex(of: "="), words.count == 1,
                    Self.isName(first[..<equals])
                {
                    variables[String(first[..<equals])] = String(first[first.index(after: equals)...])
                    continue
                }
                if words.first == "exec" { words.removeFirst() }
                if !words.isEmpty { out.append(words) }
            }
        }
        return out
    }

    /// A line at its semicolons, without an `|| true` at its end.
    private static func parts(of line: String) -> [String] {
        var text = line
        for tail in ["|| true", "|| :", "||true", "||:"] where text.hasSuffix(tail) {
            text = trim(text.dropLast(tail.count))
        }
        return text.split(separator: ";").map { trim($0) }.filter { !$0.isEmpty }
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
            }
    }

    private static let keywords: Set<String> = [
        "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "{", "}", "!", "[",
        "function",
        "eval", "set", ".", "source",
    ]

    /// Splits a simple command into words; nil for anything that needs a shell: pipes, substitutions, patterns, control flow.
    private static func words(_ text: String, _ variables: [String: String]) -> [String]? {
        var out: [String] = []
        var word = ""
        var hasWord = false
        var quote: Character?
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch character {
            case "'" where quote == nil: (quote, hasWord) = ("'", true)
            case "\"" where quote == nil: (quote, hasWord) = ("\"", true)
            case let closing where closing == quote: quote = nil
            case "$" where quote != "'":
                var name = ""
                if rest.first == "{" {
                    guard let end = rest.firstIndex(of: "}") else { return nil }
                    name = String(rest[rest.index(after: rest.startIndex)..<end])
                    rest = rest[rest.index(after: end)...]
                } else {
                    while let next = rest.first, isName(Substring(String(next))) { name.append(rest.removeFirst()) }
                }
                guard let value = variables[name] else { return nil }
                word += value
                hasWord = true
            case " ", "\t":
                if quote != nil {
                    word.append(character)
                } else if hasWord {
                    out.append(word)
                    (word, hasWord) = ("", false)
                }
            case "|", "&", "(", ")", "`", "*", "?", "<", "\\", "#":
                if quote == "'" || (quote != nil && character != "`" && character != "\\") {
                    word.append(character)
                } else {
                    // `&>` and `2>&1` are redirections; the rest needs a shell.
                    guard character == "&", quote == nil, rest.first == ">" || word.hasSuffix(">") else { return nil }
                    word.append(character)
                    hasWord = true
                }
            default:
                word.append(character)
                hasWord = true
            }
        }
        if quote != nil { return nil }
        if hasWord { out.append(word) }
        if let first = out.first, keywords.contains(first) || first.hasSuffix("()") { return nil }
        return withoutRedirections(out)
    }

    /// Drops `2>/dev/null`, `> /dev/null`, `2>&1`, `&>/dev/null`; nil where output goes to a real file.
    private static func withoutRedirections(_ words: [String]) -> [String]? {
        var out: [String] = []
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            guard let arrow = word.firstIndex(of: ">"), word[..<arrow].allSatisfy({ "12&".contains($0) }) else {
                out.append(word)
                continue
            }
            var target = String(word[arrow...].drop { $0 == ">" })
            if target.isEmpty, index < words.count {
                target = words[index]
                index += 1
            }
            guard target == "/dev/null" || target == "&1" || target == "&2" else { return nil }
        }
        return out
    }
}
