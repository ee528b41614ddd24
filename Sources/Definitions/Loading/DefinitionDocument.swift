// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// A definition as it was loaded: the model, where everything in it stands, and what is wrong with it.
package struct DefinitionDocument: Sendable {
    /// The path as it was given.
    package let path: String
    package let root: RepositoryRoot
    /// The definition's own text first, then what it includes.
    package let sources: [SourceFile]
    /// The document's value, included files merged; nil when it could not be read.
    package let value: Value?
    /// The model; nil when the file could not be read as YAML. With errors it lacks what was wrong.
    package let definition: Definition?
    /// What is wrong with the files and with their form; lint says more.
    package let diagnostics: [Diagnostic]
    /// Why the definition's own file was not read; nil where it was.
    let refusal: DefinitionError?

    package init(
        path: String,
        root: RepositoryRoot,
        sources: [SourceFile],
        value: Value?,
        definition: Definition?,
        diagnostics: [Diagnostic],
        refusal: DefinitionError? = nil
    ) {
        self.path = path
        self.root = root
        self.sources = sources
        self.value = value
        self.definition = definition
        self.diagnostics = diagnostics
        self.refusal = refusal
    }

    /// The definition, for those who need a valid one.
    ///
    /// - Throws: `unreadable-file`, `invalid-definition`.
    package func validDefinition() throws(DefinitionError) -> Definition {
        if let refusal { throw refusal }
        guard let definition, !diagnostics.hasErrors else {
            let errors = diagnostics.filter { $0.severity == .error }
            let first = errors.first.map { "\($0.location.line):\($0.location.column): \($0.message)" } ?? "unreadable"
            let more = errors.count > 1 ? " (and \(errors.count - 1) more)" : ""
            throw DefinitionError(
                .invalid,
                path: path,
                detail: first + more,
                hint: "'basalt lint' shows every problem",
                diagnostics: diagnostics
            )
        }
        return definition
    }

    /// A diagnostic at a place in one of the sources.
    package func diagnostic(
        _ severity: Severity,
        _ code: String,
        _ message: String,
        hint: String? = nil,
        at mark: Mark
    ) -> Diagnostic {
        let file = sources.indices.contains(Int(mark.source)) ? sources[Int(mark.source)] : nil
        let excerpt = file?.line(Int(mark.line))
        return Diagnostic(severity, code, message, hint: hint, at: location(mark), excerpt: excerpt)
    }

    /// Where a mark is, for people.
    func location(_ mark: Mark) -> SourceLocation {
        sources.indices.contains(Int(mark.source))
            ? sources[Int(mark.source)].location(mark) : SourceLocation(file: path)
    }
}
