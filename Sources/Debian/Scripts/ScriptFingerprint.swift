// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// What a maintainer script says, whatever platform it was built for: sixteen hexadecimal digits of the SHA-256 of its
/// normal form.
///
/// Every command with all its arguments counts, and every variable, loop, condition and here-document. Not counted are
/// what cannot change a fresh image:
///
/// - indentation, empty lines and comments (outside of here-documents), and with them the version of debhelper that wrote
///   a snippet;
/// - the package's own architecture and its multiarch triplet, which stand as `ARCH` and `TRIPLET`;
/// - the version numbers that `dpkg --compare-versions` is given, which tell upgrades apart: on a fresh installation there
///   is no old version, and it is older than any.
package enum ScriptFingerprint {
    package static func of(_ text: [UInt8], architecture: String?) -> String {
        String(Digest.of(normal(text, architecture: architecture)).hex.prefix(16))
    }

    /// The text that is hashed.
    package static func normal(_ text: [UInt8], architecture: String?) -> String {
        var lines: [String] = []
        var endings: [String] = []
        for line in text.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let source = String(decoding: line, as: UTF8.self)
            if let ending = endings.first {
                lines.append(source)
                if source.trimmed == ending { endings.removeFirst() }
                continue
            }
            let trimmed = String(source.trimmed)
            if trimmed.isEmpty || trimmed.hasPrefix("#") && !lines.isEmpty { continue }
            lines.append(withoutComparedVersions(trimmed))
            endings = hereDocuments(in: trimmed)
        }
        var normal = lines.joined(separator: "\n") + "\n"
        if let architecture, let triplet = triplets[architecture] {
            normal = normal.replacing(triplet, with: "TRIPLET").replacing(architecture, with: "ARCH")
        }
        return normal
    }

    private static let triplets = ["amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"]

    /// The words that end the here-documents which a line opens (XCU 2.7.4).
    private static func hereDocuments(in line: String) -> [String] {
        var endings: [String] = []
        var rest = line[...]
        while let start = rest.firstRange(of: "<<") {
            rest = rest[start.upperBound...]
            // `<<<` is bash's here-string.
            if rest.hasPrefix("<") {
                rest = rest.drop { $0 == "<" }
                continue
            }
            if rest.hasPrefix("-") { rest.removeFirst() }
            rest = rest.drop { $0 == " " || $0 == "\t" }
            let word = rest.prefix { $0.isLetter || $0.isNumber || "_-.\"'\\".contains($0) }
            let ending = word.filter { !"\"'\\".contains($0) }
            // `$((1 << 2))` shifts.
            if let first = ending.first, first.isLetter || first == "_" { endings.append(String(ending)) }
            rest = rest[word.endIndex...]
        }
        return endings
    }

    /// A line with `VERSION` for each operand of `--compare-versions` that is a version.
    private static func withoutComparedVersions(_ line: String) -> String {
        guard line.contains("--compare-versions") else { return line }
        var words = line.split(separator: " ").map(String.init)
        for index in words.indices where words[index] == "--compare-versions" {
            for operand in [index + 1, index + 3] where operand < words.count {
                words[operand] = withoutNumber(words[operand])
            }
        }
        return words.joined(separator: " ")
    }

    /// A word whose text, quotes and a closing `;` or `)` aside, is a version, as `VERSION`.
    private static func withoutNumber(_ word: String) -> String {
        let core = word.prefix { !";)&|`".contains($0) }
        let bare = core.filter { $0 != "\"" && $0 != "'" }
        guard let first = bare.first, first.isNumber,
            bare.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".+~:-".contains($0)) })
        else { return word }
        return "VERSION" + word[core.endIndex...]
    }
}
