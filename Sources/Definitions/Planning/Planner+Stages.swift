// SPDX-License-Identifier: Apache-2.0

extension Planner {
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
            (string(stage.name, .text) ?? "unnamed") + (combination.label.isEmpty ? "" : " (\(combination.label))")
        checkRest(of: stage)
        var steps: [Plan.Stage.Step] = []
        for (index, step) in stage.pipeline.enumerated() where holds(step.condition) {
            var secrets: [String] = []
            for secret in step.secrets where secret.optional != true && holds(secret.condition) {
                secrets.append(string(secret.id))
            }
            let action = string(step.uses)
            _ = string(step.runAs)
            steps.append(
                Plan.Stage.Step(
                    name: string(step.name, .text) ?? action ?? "step \(index + 1)",
                    action: action,
                    usesNetwork: step.privileged ?? stage.privileged ?? false,
                    secrets: secrets
                )
            )
        }
        var targets: [String] = []
        for output in stage.outputs where holds(output.condition) {
            let source = string(output.source)
            if let target = string(output.target) ?? source { targets.append(target) }
            _ = (id(output.uid, "uid"), id(output.gid, "gid"), mode(output.mode))
        }
        return Plan.Stage(
            name: name,
            mark: stage.mark,
            base: string(stage.uses),
            repositories: repositories(stage.contents?.repositories ?? []),
            packages: strings(stage.contents?.packages ?? []),
            files: files(stage.contents?.files ?? []),
            artifacts: artifacts(stage.contents?.artifacts ?? []),
            steps: steps,
            targets: targets
        )
    }

    /// What a plan does not list of a stage, since no stage is run here, is worked out for its mistakes. Work directories
    /// and caches are left out: the environment of the step has a say in them.
    private mutating func checkRest(of stage: BuildStage) {
        _ = strings(stage.contents?.keyring ?? [])
        _ = paths(stage.paths)
        if let accounts = stage.accounts { _ = self.accounts(accounts) }
        for attestation in stage.attestations where holds(attestation.condition) {
            _ = (string(attestation.source), string(attestation.predicateType))
        }
    }
}
