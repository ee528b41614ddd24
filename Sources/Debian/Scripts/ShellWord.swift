// SPDX-License-Identifier: Apache-2.0

/// A word of a shell command, as far as it can be known without running anything.
package struct ShellWord: Hashable, Sendable {
    package enum Piece: Hashable, Sendable {
        case literal(String)
        /// `$name` or `${name}`; `quoted` ones do not split.
        case variable(String, quoted: Bool)
        /// A command substitution, arithmetic, or an expansion with an operator: not known.
        case unknown
    }

    package var pieces: [Piece] = []

    package init(pieces: [Piece] = []) { self.pieces = pieces }

    /// The word when nothing in it is expanded.
    package var literal: String? {
        var out = ""
        for piece in pieces {
            guard case .literal(let text) = piece else { return nil }
            out += text
        }
        return out
    }

    /// For fingerprints: expansions as written, unknown parts as `$(…)`.
    package var source: String {
        pieces.map { piece in
            switch piece {
            case .literal(let text): text
            case .variable(let name, _): "${\(name)}"
            case .unknown: "$()"
            }
        }.joined()
    }

    /// The words that this one becomes when variables have these values; nil when a part is unknown.
    package func expanded(_ values: [String: String]) -> [String]? {
        var words: [String] = []
        var current = ""
        var isOpen = false
        for piece in pieces {
            switch piece {
            case .literal(let text):
                current += text
                isOpen = true
            case .variable(let name, let quoted):
                guard let value = values[name] else { return nil }
                if quoted {
                    current += value
                    isOpen = true
                    continue
                }
                let parts = value.split { $0 == " " || $0 == "\t" || $0 == "\n" }.map(String.init)
                if value.first.map({ $0 == " " }) == true, isOpen, !current.isEmpty {
                    words.append(current)
                    current = ""
                }
                for (index, part) in parts.enumerated() {
                    if index > 0 {
                        words.append(current)
                        current = ""
                    }
                    current += part
                    isOpen = true
                }
            case .unknown:
                return nil
            }
        }
        if isOpen { words.append(current) }
        return words
    }
}

/// A simple command of a shell script, and where it stands.
package struct ShellCall: Hashable, Sendable {
    /// The command and its arguments; empty for a line of assignments alone.
    package var words: [ShellWord] = []
    /// `NAME=value` before the command, in order.
    package var assignments: [Assignment] = []
    /// Files that its output goes to; `/dev/null` and other descriptors are left out.
    package var writes: [ShellWord] = []
    /// The body of its here-document, when it has one.
    package var document: String?
    /// `for` loops around it, outermost first.
    package var loops: [Loop] = []
    /// The name of the function whose body it stands in.
    package var function: String?

    package struct Assignment: Hashable, Sendable {
        package var name: String
        package var value: ShellWord
    }

    package struct Loop: Hashable, Sendable {
        package var variable: String
        package var values: [ShellWord]
    }

    /// The command's name when it is known.
    package var name: String? { words.first?.literal }
}
