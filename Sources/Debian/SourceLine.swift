// SPDX-License-Identifier: Apache-2.0

/// One entry of apt's sources, in either of its notations (sources.list(5)).
struct SourceLine: Equatable {
    /// `deb`, `deb-src`.
    var types: [String]
    var uris: [String]
    var suites: [String]
    var components: [String]
    /// By lower-case name, values as written.
    var options: [String: String] = [:]

    /// Reads the one-line notation; nil for an empty line or a comment.
    static func parse(_ line: String, bad: (String) -> DebianError) throws(DebianError) -> SourceLine? {
        var rest = line[...]
        if let hash = rest.firstIndex(of: "#") { rest = rest[..<hash] }
        var options: [String: String] = [:]
        if let open = rest.firstIndex(of: "[") {
            guard let close = rest[open...].firstIndex(of: "]") else { throw bad("'[' has no ']'") }
            for option in rest[rest.index(after: open)..<close].split(whereSeparator: \.isWhitespace) {
                guard let equals = option.firstIndex(of: "="), equals != option.startIndex else {
                    throw bad("'\(option)' is not of the form option=value")
                }
                options[option[..<equals].lowercased()] = String(option[option.index(after: equals)...])
            }
            rest = rest[..<open] + " " + rest[rest.index(after: close)...]
        }
        let words = rest.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let type = words.first else { return nil }
        guard words.count >= 3 else { throw bad("it needs a type, a URL and a suite") }
        return SourceLine(
            types: [type],
            uris: [words[1]],
            suites: [words[2]],
            components: Array(words[3...]),
            options: options
        )
    }
}
