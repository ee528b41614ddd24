// SPDX-License-Identifier: Apache-2.0

/// Why a placeholder or an expression has no value.
package struct ValueProblem: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        case unknownName = "unknown-name"
        case cycle = "variable-cycle"
        case malformedPlaceholder = "malformed-placeholder"
        case malformedExpression = "malformed-expression"
        case invalidPattern = "invalid-pattern"
        case noMatch = "pattern-no-match"
        case tooLarge = "value-too-large"
        case stageDirectory = "stage-directory"
    }

    package var code: Code
    package var message: String
    package var hint: String?
    /// The variables that were being worked out, outermost first.
    package var chain: [String]
    /// The text of the placeholder or expression, to find it on its line.
    package var excerpt: String

    package init(_ code: Code, _ message: String, hint: String? = nil, chain: [String] = [], excerpt: String = "") {
        self.code = code
        self.message = message
        self.hint = hint
        self.chain = chain
        self.excerpt = excerpt
    }

    /// The message with the chain of variables that led to it.
    package var fullMessage: String {
        chain.isEmpty ? message : "\(message) (in \(chain.map { "vars.\($0)" }.joined(separator: " → ")))"
    }
}
