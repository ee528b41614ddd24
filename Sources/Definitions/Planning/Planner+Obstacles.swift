// SPDX-License-Identifier: Apache-2.0

extension Planner {
    /// Notes what a builder that only assembles packages, accounts and paths cannot do.
    mutating func obstacles() {
        kindOfDefinition()
        let own = plan.image.flatMap { Self.registry(of: $0) }
        for repository in plan.repositories where repository.host == own && own != nil {
            let text = definition.contents?.repositories.first {
                repository.line == (try? evaluator.substitute($0.string))
            }
            add(.privateRepository, repository.url, text?.mark)
        }
        for stage in plan.stages {
            for repository in stage.repositories where repository.host == own && own != nil {
                add(.privateRepository, repository.url, stage.mark)
            }
        }
        for file in plan.files { add(.remoteFile, file.url, file.mark) }
        for artifact in plan.artifacts { add(.artifact, artifact.name, artifact.mark) }
        for stage in plan.stages { obstacles(of: stage) }
        if plan.isFIPSCompliant { add(.certification, "FIPS compliant", nil) }
        if plan.isSTIGCertified { add(.certification, "STIG certified", nil) }
    }

    private mutating func kindOfDefinition() {
        if plan.variant == .helm {
            add(.chart, plan.name ?? plan.image ?? "unnamed", definition.variant?.mark)
        } else if plan.distribution == nil {
            add(.distribution, "of no name", definition.osRelease?.mark)
        } else if let distribution = plan.distribution, distribution.family == .other {
            add(.distribution, distribution.id, definition.osRelease?.id?.mark)
        } else if definition.accounts == nil, definition.entrypoint == nil, definition.cmd == nil,
            let stages = definition.contents?.builds, !stages.isEmpty, stages.allSatisfy({ $0.outputs.isEmpty })
        {
            // A definition with stages of which nothing goes into an image, and nobody to run it as: what it makes is
            // the packages that its steps upload.
            add(.package, plan.image ?? "unnamed", definition.contents?.mark)
        }
    }

    private mutating func obstacles(of stage: Plan.Stage) {
        let mark = stage.mark
        add(.buildStage, stage.name, mark)
        if let base = stage.base { add(.stageImage, base, mark) }
        for artifact in stage.artifacts { add(.artifact, artifact.name, artifact.mark) }
        for file in stage.files { add(.remoteFile, file.url, file.mark) }
        for step in stage.steps {
            if let action = step.action { add(.action, action, mark) } else { add(.script, "'\(step.name)'", mark) }
            if step.usesNetwork { add(.network, "'\(step.name)'", mark) }
            for secret in step.secrets { add(.secret, secret, mark) }
        }
    }

    private mutating func add(_ kind: Obstacle.Kind, _ subject: String, _ mark: Mark?) {
        let obstacle = Obstacle(kind, subject, at: mark ?? definition.mark)
        guard seenObstacles.insert("\(kind.rawValue) \(subject)").inserted else { return }
        plan.obstacles.append(obstacle)
    }

    /// The registry of an image's name: its first component, where that looks like a host.
    static func registry(of image: String) -> String? {
        guard let slash = image.firstIndex(of: "/") else { return nil }
        let first = image[..<slash]
        return first.contains(".") || first.contains(":") || first == "localhost" ? first.lowercased() : nil
    }
}
