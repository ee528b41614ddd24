// SPDX-License-Identifier: Apache-2.0

/// A test of a definition, worked out for one platform.
package struct PlannedTest: Sendable, Hashable {
    /// The definition's name for it, or its place in the list.
    package var name: String
    /// Where the commands run, relative to the repository's root; nil for anywhere.
    package var directory: String?
    /// In order. What no variable of ours names (`${DHI_TEST_IMAGE}`) stands as it is.
    package var commands: [String]
    /// What the last command must end with.
    package var exitCode: Int
    /// In seconds.
    package var timeout: Int?
    /// A text that must be part of the output.
    package var output: String?

    package init(
        name: String,
        directory: String? = nil,
        commands: [String],
        exitCode: Int,
        timeout: Int? = nil,
        output: String? = nil
    ) {
        self.name = name
        self.directory = directory
        self.commands = commands
        self.exitCode = exitCode
        self.timeout = timeout
        self.output = output
    }
}

extension DefinitionDocument {
    /// The definition's tests for one platform.
    ///
    /// - Throws: `invalid-definition` for one with errors.
    package func tests(platform: TargetPlatform) throws(DefinitionError) -> [PlannedTest] {
        let definition = try validDefinition()
        let evaluator = Evaluator(definition, platform: platform)
        func text(_ text: Text) -> String { (try? evaluator.substitute(text.string, .script)) ?? text.string }
        return definition.tests.enumerated().map { index, test in
            PlannedTest(
                name: test.name.map { text($0) } ?? "test \(index + 1)",
                directory: test.directory.map { text($0) },
                commands: test.commands.map { text($0) },
                exitCode: test.exitCode?.value ?? 0,
                timeout: test.timeout?.value,
                output: test.output.map { text($0) }
            )
        }
    }
}
