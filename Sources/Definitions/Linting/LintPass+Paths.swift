// SPDX-License-Identifier: Apache-2.0

extension LintPass {
    mutating func checkPaths(_ paths: [PathEntry]) {
        var seen: [String: PathEntry] = [:]
        for entry in paths {
            var path = value(entry.path)
            while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
            if entry.condition == nil, entry.platforms == nil, entry.type.choice != .delete {
                if let other = seen[path], other.type.choice != entry.type.choice {
                    let kinds = "a \(entry.type.choice.rawValue), and a \(other.type.choice.rawValue) in \(line(other.mark))"
                    warn("conflicting-path", "'\(path)' is \(kinds)", at: entry.path.mark)
                }
                seen[path] = entry
            }
            check(entry, path)
        }
    }

    private mutating func check(_ entry: PathEntry, _ path: String) {
        switch entry.type.choice {
        case .file:
            if let content = entry.content, entry.source != nil {
                warn("two-contents", "the file '\(path)' has both 'content' and 'source'", at: content.mark)
            }
        case .symlink:
            if let content = entry.content {
                warn("unused-field", "'content' means nothing for a link", at: content.mark)
            }
            if let mode = entry.mode { warn("unused-field", "a link has no mode of its own", at: mode.mark) }
        case .directory, .emptyfile, .delete:
            if let content = entry.content {
                warn("unused-field", "'content' means nothing for a \(entry.type.choice.rawValue)", at: content.mark)
            }
        }
        if entry.recursive == true, entry.type.choice != .directory, entry.type.choice != .delete {
            warn("unused-field", "'recursive' means something only for a directory", at: entry.mark)
        }
    }

    mutating func checkStages() {
        var seen: [String: Mark] = [:]
        for stage in definition.contents?.builds ?? [] {
            if let name = stage.name {
                if let first = seen[name.string], stage.condition == nil {
                    warn("duplicate-stage", "a stage named '\(name)' stands in \(line(first)), too", at: name.mark)
                }
                seen[name.string] = name.mark
            }
            checkPackages(stage.contents?.packages ?? [])
            checkPaths(stage.paths)
        }
    }

    mutating func checkActions() {
        for step in (definition.contents?.builds ?? []).flatMap(\.pipeline) {
            if let uses = step.uses, step.runs != nil {
                warn("two-actions", "the step has both 'uses' and 'runs'", at: uses.mark)
            }
            if step.uses == nil, step.runs == nil {
                warn("empty-step", "the step has neither 'uses' nor 'runs'", at: step.mark)
            }
            guard let uses = step.uses, Self.looksBuiltIn(uses.string),
                !Action.builtIn.contains(where: { $0.value == uses.string })
            else { continue }
            let hint = Spelling.nearest(to: uses.string, in: Action.builtIn.map(\.value)).map { "did you mean '\($0)'?" }
            warn("unknown-action", "'\(uses)' is not a built-in action", hint: hint, at: uses.mark)
        }
    }

    /// `name@v1`: an image would be named with a registry, a tag or a digest.
    private static func looksBuiltIn(_ uses: String) -> Bool {
        guard let at = uses.lastIndex(of: "@") else { return false }
        let version = uses[uses.index(after: at)...]
        return version.hasPrefix("v") && version.dropFirst().allSatisfy(\.isNumber) && !uses[..<at].contains(".")
    }
}
