// SPDX-License-Identifier: Apache-2.0

/// Writes diagnostics as compilers do: the place, the message, the source line, the offending text underlined, the hint.
package struct CaretRenderer: Sendable {
    /// Whether ANSI colours are written; a caller decides by the terminal and NO_COLOR.
    package var usesColor: Bool
    /// The most code points of a source line that are shown; longer lines are cut around the underlined text.
    package var width: Int

    package init(usesColor: Bool = false, width: Int = 110) {
        self.usesColor = usesColor
        self.width = max(20, width)
    }

    package func render(_ diagnostic: Diagnostic) -> String {
        var out = bold("\(Self.visible(diagnostic.location.description)):")
        out += " " + colored(diagnostic.severity.rawValue + ":", as: diagnostic.severity)
        out += " \(Self.visible(diagnostic.message)) [\(diagnostic.code)]\n"
        if let excerpt = diagnostic.excerpt {
            let number = String(diagnostic.location.line)
            let margin = String(repeating: " ", count: max(0, 5 - number.count))
            let (line, offset, length) = window(excerpt, diagnostic.location)
            let blank = String(repeating: " ", count: margin.count + number.count)
            out += "\(margin)\(number) | \(line)\n"
            let underline = String(repeating: "^", count: length)
            out += "\(blank) | \(String(repeating: " ", count: offset))"
            out += colored(underline, as: diagnostic.severity) + "\n"
        }
        if let hint = diagnostic.hint { out += "      hint: \(Self.visible(hint))\n" }
        return out
    }

    /// The part of a line to show, and where the underline starts and how long it is within that part.
    private func window(_ text: String, _ location: SourceLocation) -> (line: String, offset: Int, length: Int) {
        let scalars = Array(text.unicodeScalars)
        let column = min(location.column - 1, scalars.count)
        var start = 0
        if scalars.count > width, column > width * 2 / 3 { start = column - width / 3 }
        let end = min(scalars.count, start + width)
        // A tab would move the underline, so it is shown as one space; other control characters as a dot.
        var line = start > 0 ? "…" : ""
        for scalar in scalars[start..<end] { line.unicodeScalars.append(Self.shown(scalar)) }
        if end < scalars.count { line += "…" }
        let length = max(1, min(location.length, end - column))
        return (line, column - start + (start > 0 ? 1 : 0), length)
    }

    private static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar == "\t" { return " " }
        return isControl(scalar) ? "·" : scalar
    }

    /// Text of a file must not be able to steer the terminal.
    private static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { out.append(scalar == "\n" || scalar == "\t" ? " " : shown(scalar)) }
        return String(out)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
    }

    private func bold(_ text: String) -> String { usesColor ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    private func colored(_ text: String, as severity: Severity) -> String {
        guard usesColor else { return text }
        let code =
            switch severity {
            case .error: "31"
            case .warning: "33"
            case .note: "36"
            }
        return "\u{1B}[1;\(code)m\(text)\u{1B}[0m"
    }
}
