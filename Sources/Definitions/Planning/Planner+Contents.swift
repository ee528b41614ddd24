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
            if !path.hasPrefix("/") {
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
                content: string(entry.content, .foreign),
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
                if let purl = string(package.purl, .foreign) { purls.append(purl) }
            }
            out.append(
                Plan.File(
                    url: string(file.url) ?? "",
                    checksum: string(file.checksum),
                    path: string(file.path),
                    includes: strings(file.includes, .foreign),
                    excludes: strings(file.excludes, .foreign),
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
                    name: string(artifact.name) ?? "",
                    includes: strings(artifact.includes, .foreign),
                    excludes: strings(artifact.excludes, .foreign),
                    uid: id(artifact.uid, "uid"),
                    gid: id(artifact.gid, "gid")
                )
            )
        }
        return out
    }

    // MARK: Stages

    /// One combination of a matrix' items: what its names stand for.
    struct Combination {
        var label = ""
        var names: [String: String] = [:]
    }

    /// The most stages that a matrix may expand to.
    private static let mostCombinations = 256

    mutating func combinations(of stage: BuildStage) -> [Combination] {
        var combinations = [Combination()]
        for axis in stage.matrix {
            guard let items = axis.items?.value.entries, !items.isEmpty else { continue }
            let name = axis.name?.string ?? "item"
            var expanded: [Combination] = []
            for combination in combinations {
                for item in items {
                    var next = combination
                    next.label += next.label.isEmpty ? item.key : ", \(item.key)"
                    next.names["matrix.\(name)"] = item.key
                    if item.value.entries == nil, item.value.elements == nil {
                        next.names["matrix.\(name).value"] = item.value.text
                    }
                    for field in item.value.entries ?? [] {
                        next.names["matrix.\(name).\(field.key)"] = field.value.text
                    }
                    expanded.append(next)
                    guard expanded.count <= Self.mostCombinations else {
                        note(
                            "matrix-too-large",
                            "the matrix has more than \(Self.mostCombinations) combinations",
                            at: axis.mark
                        )
                        return []
                    }
                }
            }
            combinations = expanded
        }
        return combinations
    }

    mutating func stage(_ stage: BuildStage, _ combination: Combination) -> Plan.Stage {
        // The closure works on a copy of the planner, whose notes are taken over.
        var planner = self
        let planned = evaluator.withinStage(combination.names) { planner.plannedStage(stage, combination) }
        self = planner
        return planned
    }

    private mutating func plannedStage(_ stage: BuildStage, _ combination: Combination) -> Plan.Stage {
        let name =
            (string(stage.name, .foreign) ?? "unnamed") + (combination.label.isEmpty ? "" : " (\(combination.label))")
        var steps: [Plan.Stage.Step] = []
        for (index, step) in stage.pipeline.enumerated() where holds(step.condition) {
            var secrets: [String] = []
            for secret in step.secrets where secret.optional != true && holds(secret.condition) {
                secrets.append(string(secret.id))
            }
            let action = string(step.uses)
            steps.append(
                Plan.Stage.Step(
                    name: string(step.name, .foreign) ?? action ?? "step \(index + 1)",
                    action: action,
                    usesNetwork: step.privileged ?? stage.privileged ?? false,
                    secrets: secrets
                )
            )
        }
        var targets: [String] = []
        for output in stage.outputs where holds(output.condition) {
            if let target = string(output.target ?? output.source) { targets.append(target) }
        }
        return Plan.Stage(
            name: name,
            base: string(stage.uses),
            packages: strings(stage.contents?.packages ?? []),
            files: files(stage.contents?.files ?? []),
            artifacts: artifacts(stage.contents?.artifacts ?? []),
            steps: steps,
            targets: targets
        )
    }
}
