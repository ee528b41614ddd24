// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import Yams

/// What the YAML library says, in words for those who write definitions.
extension YAMLReader {
    mutating func report(_ error: YamlError) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            report(context, problem, mark)
        case .reader(let problem, let offset, _, _):
            report("invalid-yaml", problem, offset.map { self.mark(at: $0) } ?? Mark(source: source))
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { "'\(Self.short($0))'" }.joined(separator: ", ")
            let length = duplicates.first?.unicodeScalars.count ?? 1
            report(
                "duplicate-key",
                "\(names) stands more than once in one mapping",
                position(context.mark, length: length),
                hint: "keep one of them"
            )
        default:
            report("invalid-yaml", "the file cannot be read as YAML", Mark(source: source))
        }
    }

    private mutating func report(_ context: YamlError.Context?, _ problem: String, _ mark: Yams.Mark) {
        if let context, context.text.contains("quoted scalar"), problem.contains("unexpected end of stream") {
            // The end of the file is where it was noticed, and not where the mistake is.
            return report(
                "invalid-yaml",
                "the quote that begins here is never closed",
                position(context.mark),
                hint: "close it on the same line; within single quotes, '' stands for one"
            )
        }
        if problem.contains("cannot start any token"), let character = character(at: mark) {
            let isTab = character == "\t"
            return report(
                "invalid-yaml",
                isTab ? "a tab cannot indent" : "text cannot begin with '\(character)'",
                position(mark),
                hint: isTab ? "indent with spaces" : "put the text in quotes"
            )
        }
        let before = context.map { " (\($0.text) that began at line \($0.mark.line))" } ?? ""
        report("invalid-yaml", problem + before, position(mark), hint: Self.hint(for: problem))
    }

    private func character(at mark: Yams.Mark) -> Unicode.Scalar? {
        guard let line = file.line(mark.line) else { return nil }
        return line.unicodeScalars.dropFirst(mark.column - 1).first
    }

    private static func hint(for problem: String) -> String? {
        let hints = [
            ("mapping values are not allowed", "quote text that contains ': '"),
            ("did not find expected key", "check the indentation of this line and the one before"),
            ("could not find expected ':'", "a field is 'name: value', with a space after the colon"),
            ("did not find expected ',' or ']'", "close the list with ']', or put ',' between its entries"),
            ("did not find expected ',' or '}'", "close the mapping with '}', or put ',' between its fields"),
            ("did not find expected '-' indicator", "check the indentation: entries of a list begin in one column"),
        ]
        return hints.first { problem.contains($0.0) }?.1
    }

    /// Vetoes begin with what YAML takes for a tag.
    static func hint(forTag tag: String) -> String {
        tag.hasPrefix("!") && !tag.hasPrefix("!!") && tag.utf8.count > 1
            ? "to keep a package out, put it in quotes: '\(short(tag))'" : "definitions have no tags: remove it"
    }
}
