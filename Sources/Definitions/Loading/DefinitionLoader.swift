// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

/// Loads definitions from files: reads, includes, merges, checks.
package struct DefinitionLoader: Sendable {
    private let root: RepositoryRoot?
    private let limits: ReadingLimits

    /// - Parameter root: the repository's root; found from each definition's path when nil.
    package init(root: RepositoryRoot? = nil, limits: ReadingLimits = .standard) {
        self.root = root
        self.limits = limits
    }

    /// Loads a definition. Whatever is wrong, a missing file included, is among the document's diagnostics.
    package func load(path: String) -> DefinitionDocument {
        let root = root ?? .containing(path)
        do {
            return load(SourceFile(path: path, bytes: try FileReading.bytes(of: path, limit: limits.bytes)), root: root)
        } catch {
            let hint =
                switch FileReading.kind(of: path, followingLinks: true) {
                case .directory: "name the definitions in it, one by one or by a pattern of the shell"
                case nil: "check the spelling"
                default: nil as String?
                }
            let problem = Diagnostic(
                .error,
                error.code,
                "the file cannot be read: \(error.reason)",
                hint: hint,
                at: SourceLocation(file: path)
            )
            return DefinitionDocument(
                path: path,
                root: root,
                sources: [],
                value: nil,
                definition: nil,
                diagnostics: [problem],
                refusal: DefinitionError(
                    .unreadable,
                    path: path,
                    detail: error.reason,
                    hint: hint,
                    diagnostics: [problem]
                )
            )
        }
    }

    /// Loads a definition whose text is at hand.
    package func load(_ file: SourceFile, root: RepositoryRoot? = nil) -> DefinitionDocument {
        let root = root ?? self.root ?? .containing(file.path)
        var loading = Loading(root: root, limits: limits)
        let value = loading.document(file)
        let definition = value.flatMap { Definition($0) }
        return DefinitionDocument(
            path: file.path,
            root: root,
            sources: loading.sources,
            value: value,
            definition: definition,
            diagnostics: loading.diagnostics
        )
    }
}

/// One load: the files that were read so far and their problems.
private struct Loading {
    let root: RepositoryRoot
    let limits: ReadingLimits
    var sources: [SourceFile] = []
    var diagnostics: [Diagnostic] = []
    /// The files being included, outermost first.
    var chain: [String] = []

    /// The value of a file with everything it includes merged below it.
    mutating func document(_ file: SourceFile) -> Value? {
        let index = sources.count
        sources.append(file)
        let (value, problems) = YAMLReader.read(file, source: UInt16(clamping: index), limits: limits)
        diagnostics += problems
        guard let value else { return nil }
        diagnostics += Validator.check(value, sources: sources)
        let includes = value["includes"]?.elements?.compactMap { Text($0) } ?? []
        guard !includes.isEmpty else { return value }
        var merged: Value?
        for include in includes {
            guard let part = included(include, by: file) else { continue }
            merged = merged.map { Merging.merge($0, with: part) } ?? part
        }
        return merged.map { Merging.merge($0, with: value) } ?? value
    }

    private mutating func included(_ include: Text, by file: SourceFile) -> Value? {
        func problem(_ code: String, _ message: String, hint: String? = nil) -> Diagnostic {
            Diagnostic(
                .error,
                code,
                message,
                hint: hint,
                at: file.location(include.mark),
                excerpt: file.line(Int(include.mark.line))
            )
        }
        let path: String
        do throws(RepositoryRoot.Outside) { path = try root.resolve(include.string) } catch {
            let hint = "includes are relative to the repository's root, \(root.path)"
            diagnostics.append(
                problem("invalid-include", "'\(include)' cannot be included: \(error.reason)", hint: hint)
            )
            return nil
        }
        let own = FileReading.realPath(file.path) ?? file.path
        if path == own || chain.contains(path) {
            let names = ((chain + [own]).drop { $0 != path } + [path]).map { name(of: $0) }
            let circle = names.joined(separator: " → ")
            diagnostics.append(problem("include-cycle", "the files include one another in a circle: \(circle)"))
            return nil
        }
        guard sources.count < limits.includedFiles else {
            diagnostics.append(
                problem("too-many-includes", "more than \(limits.includedFiles) files would be included")
            )
            return nil
        }
        do throws(FileReading.Refusal) {
            let bytes = try FileReading.bytes(of: path, limit: limits.bytes)
            chain.append(own)
            defer { chain.removeLast() }
            return document(SourceFile(path: path, bytes: bytes))
        } catch {
            diagnostics.append(problem("invalid-include", "'\(include)' cannot be included: \(error.reason)"))
            return nil
        }
    }

    private func name(of path: String) -> String {
        path.hasPrefix(root.path + "/") ? String(path.dropFirst(root.path.count + 1)) : path
    }
}
