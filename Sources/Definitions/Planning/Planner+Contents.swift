// SPDX-License-Identifier: Apache-2.0

extension Planner {
    mutating func contents() {
        guard let contents = definition.contents else { return }
        plan.files = files(contents.files)
        plan.artifacts = artifacts(contents.artifacts)
        for stage in contents.builds where holds(stage.condition) {
            for combination in combinations(of: stage) { plan.stages.append(self.stage(stage, combination)) }
        }
    }

    mutating func paths(_ entries: [PathEntry]) -> [Plan.Path] {
        var out: [Plan.Path] = []
        for entry in entries where includes(entry.platforms) && holds(entry.condition) {
            var path = string(entry.path)
            while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
            // Within a stage, paths may begin with `${source.dir}`, and are relative to its work-dir otherwise.
            if !path.hasPrefix("/"), !evaluator.isInStage {
                note(
                    "invalid-path",
                    "the path '\(path)' is not absolute",
                    hint: "begin it with '/'",
                    at: entry.path.mark
                )
            }
            if path.split(separator: "/").contains("..") {
                note("invalid-path", "the path '\(path)' has a '..' component", at: entry.path.mark)
            }
            let kind = entry.type.choice
            if kind == .symlink, entry.source == nil {
                note("missing-target", "the link '\(path)' has no target", hint: "add 'source:'", at: entry.mark)
            }
            let source = string(entry.source)
            var planned = Plan.Path(
                kind: kind,
                path: path,
                content: string(entry.content, .script),
                source: source,
                sourceFile: nil,
                uid: id(entry.uid, "uid"),
                gid: id(entry.gid, "gid"),
                mode: mode(entry.mode),
                isRecursive: entry.recursive ?? false
            )
            if let source, let text = entry.source, kind == .file || kind == .directory {
                planned.sourceFile = sourceFile(source, at: text.mark)
            }
            out.append(planned)
        }
        return out
    }

    /// The file that a `source` names, confined to the repository; noted when there is none.
    private mutating func sourceFile(_ source: String, at mark: Mark) -> String? {
        do throws(RepositoryRoot.Outside) {
            return try document.root.resolve(source)
        } catch {
            if error.isMissing {
                plan.obstacles.append(Obstacle(.missingSource, source, at: mark))
            } else {
                note(
                    "invalid-source",
                    "the source '\(source)' cannot be used: \(error.reason)",
                    hint: "sources are relative to the repository's root, \(document.root.path)",
                    at: mark
                )
            }
            return nil
        }
    }

    mutating func files(_ files: [RemoteFile]) -> [Plan.File] {
        var out: [Plan.File] = []
        for file in files where includes(file.platforms) && holds(file.condition) {
            var purls: [String] = []
            for package in file.spdx?.packages ?? [] {
                if let purl = string(package.purl, .text) { purls.append(purl) }
            }
            out.append(
                Plan.File(
                    mark: file.mark,
                    url: string(file.url) ?? "",
                    checksum: string(file.checksum),
                    path: string(file.path),
                    includes: strings(file.includes, .text),
                    excludes: strings(file.excludes, .text),
                    uid: id(file.uid, "uid"),
                    gid: id(file.gid, "gid"),
                    mode: mode(file.mode),
                    secretID: string(file.secretID),
                    purls: purls
                )
            )
        }
        return out
    }

    mutating func artifacts(_ artifacts: [OCIArtifact]) -> [Plan.Artifact] {
        var out: [Plan.Artifact] = []
        for artifact in artifacts where holds(artifact.condition) {
            out.append(
                Plan.Artifact(
                    mark: artifact.mark,
                    name: string(artifact.name) ?? "",
                    includes: strings(artifact.includes, .text),
                    excludes: strings(artifact.excludes, .text),
                    uid: id(artifact.uid, "uid"),
                    gid: id(artifact.gid, "gid")
                )
            )
        }
        return out
    }
}
