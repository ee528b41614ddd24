// SPDX-License-Identifier: Apache-2.0

/// What somebody else wrote, made fit for a terminal: an image under suspicion must not be able to move the cursor.
package enum PlainText {
    /// At most `limit` characters, with control characters, and what is no UTF-8, escaped as `\xNN`.
    package static func of(_ bytes: some Sequence<UInt8>, limit: Int = 200) -> String {
        of(String(decoding: Array(bytes), as: UTF8.self), limit: limit)
    }

    package static func of(_ text: String, limit: Int = 200) -> String {
        var out = ""
        var count = 0
        for scalar in text.unicodeScalars {
            if count == limit { return out + "…" }
            count += 1
            switch scalar.value {
            // C0, DEL, C1, and the marks that turn the direction of writing (Trojan Source, CVE-2021-42574).
            case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069:
                out += scalar.value < 0x100 ? "\\x" + hex(scalar.value, 2) : "\\u" + hex(scalar.value, 4)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// A message that may have several lines: those after the first are indented, so that none of them passes for a line of
    /// the program's own.
    package static func lines(_ text: String, limit: Int = 20_000) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { number, line in
            (number > 0 && !line.isEmpty && !line.hasPrefix("  ") ? "  " : "") + of(String(line), limit: limit)
        }.joined(separator: "\n")
    }

    private static func hex(_ value: UInt32, _ width: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
