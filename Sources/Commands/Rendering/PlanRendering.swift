// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Definitions
internal import Diagnostics

/// Plans for people and for programs.
enum PlanRendering {
    // MARK: Text

    static func text(_ plans: [Plan]) -> String {
        var out = ""
        for plan in plans { out += describe(plan) }
        return out
    }

    private static func describe(_ plan: Plan) -> String {
        var out = "\(plan.path) for \(plan.platform)\n"
        func line(_ name: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            out += "  \(name.padded(to: 13)) \(value)\n"
        }
        func list(_ name: String, _ values: [String]) {
            for (index, value) in values.enumerated() {
                out += "  \((index == 0 ? name : "").padded(to: 13)) \(value)\n"
            }
        }
        line("title", plan.name)
        line("image", plan.image)
        line("variant", plan.variant.rawValue + (plan.flavor.map { ", flavor \($0)" } ?? ""))
        line("tags", plan.tags.joined(separator: ", "))
        line("output", plan.output.rawValue + (plan.compression.map { ", \($0.rawValue)" } ?? ""))
        if let system = plan.distribution {
            line(
                "distribution",
                [system.id, system.versionID, system.codename ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
            )
        }
        if plan.distribution?.family == .debian {
            line("repositories", "the distribution's own" + (plan.repositories.isEmpty ? "" : ", and"))
        }
        list(plan.distribution?.family == .debian ? "" : "repositories", plan.repositories.map(\.line))
        list("keys", plan.keyring)
        line("packages", plan.packages.filter { !$0.hasPrefix("!") }.joined(separator: ", "))
        line(
            "vetoes",
            plan.packages.filter { $0.hasPrefix("!") }.map { String($0.dropFirst()) }.joined(separator: ", ")
        )
        list("stages", plan.stages.map { describe($0) })
        list("artifacts", plan.artifacts.map(\.name))
        list("files", plan.files.map { "\($0.url) to \($0.path ?? "?")" })
        line("runs as", plan.accounts.runAs)
        list("users", plan.accounts.users.map { "\($0.name) \($0.uid):\($0.gid)" })
        list("groups", plan.accounts.groups.map { "\($0.name) \($0.gid) \($0.members.joined(separator: ","))" })
        list("paths", plan.paths.map { describe($0) })
        list("environment", plan.environment.map { "\($0.name)=\($0.value)" })
        line("entrypoint", plan.entrypoint.map { arguments($0) })
        line("cmd", plan.cmd.map { arguments($0) })
        line("work dir", plan.workDir)
        line("ports", plan.ports.map(\.text).joined(separator: ", "))
        line("stop signal", plan.stopSignal)
        list("labels", plan.labels.map { "\($0.name)=\($0.value)" })
        list("annotations", plan.annotations.map { "\($0.name)=\($0.value)" })
        return out + verdict(plan) + "\n"
    }

    private static func verdict(_ plan: Plan) -> String {
        var out = ""
        let renderer = CaretRenderer()
        for problem in plan.problems { out += renderer.render(problem) }
        let blocking = plan.obstacles.filter(\.kind.isBlocking)
        let others = plan.obstacles.filter { !$0.kind.isBlocking }
        if plan.problems.hasErrors || !blocking.isEmpty {
            out += "  can not be built here:\n"
        } else {
            out += others.isEmpty ? "  can be built here\n" : "  can be built here, with access to what follows:\n"
        }
        for obstacle in blocking + others { out += "    - \(obstacle.description)\n" }
        if plan.problems.hasErrors { out += "    - it has values that cannot be worked out\n" }
        return out
    }

    private static func describe(_ stage: Plan.Stage) -> String {
        var out = stage.name
        if let base = stage.base { out += ", in \(base)" }
        out += ": " + stage.steps.map { $0.action ?? $0.name }.joined(separator: ", ")
        return stage.targets.isEmpty ? out : out + " → " + stage.targets.joined(separator: " ")
    }

    private static func describe(_ path: Plan.Path) -> String {
        var out = "\(path.kind.rawValue) \(path.path)"
        if path.kind == .symlink {
            out += " → \(path.source ?? "?")"
        } else if let source = path.source {
            out += " from \(source)"
        }
        if let mode = path.mode { out += " 0" + String(mode, radix: 8) }
        if path.uid != nil || path.gid != nil { out += " \(path.uid ?? 0):\(path.gid ?? 0)" }
        return path.isRecursive ? out + " recursive" : out
    }

    private static func arguments(_ list: [String]) -> String {
        String(decoding: JSON.strings(list).compact, as: UTF8.self)
    }

    // MARK: JSON

    static func json(_ plans: [Plan], path: String) -> String {
        let isBuildable = !plans.isEmpty && plans.allSatisfy(\.isBuildable)
        let platforms: [JSON] = plans.map { object(for: $0) }
        let members: [(String, JSON)] = [
            ("definition", .string(path)), ("buildable", .bool(isBuildable)), ("platforms", .array(platforms)),
        ]
        return String(decoding: JSON.object(members).compact, as: UTF8.self) + "\n"
    }

    private static func object(for plan: Plan) -> JSON {
        let wanted = plan.packages.filter { !$0.hasPrefix("!") }
        let vetoes = plan.packages.filter { $0.hasPrefix("!") }.map { String($0.dropFirst()) }
        var members: [(String, JSON?)] = [
            ("platform", .string(plan.platform)), ("buildable", .bool(plan.isBuildable)),
            ("name", text(plan.name)), ("image", text(plan.image)), ("variant", .string(plan.variant.rawValue)),
            ("flavor", text(plan.flavor)), ("tags", .strings(plan.tags)), ("output", .string(plan.output.rawValue)),
            ("compression", text(plan.compression?.rawValue)),
        ]
        if let distribution = plan.distribution { members.append(("distribution", object(for: distribution))) }
        members.append(("repositories", .strings(plan.repositories.map(\.line))))
        members.append(("keyring", .strings(plan.keyring)))
        members.append(("packages", .strings(wanted)))
        members.append(("vetoes", .strings(vetoes)))
        members.append(("stages", .array(plan.stages.map { object(for: $0) })))
        members.append(("artifacts", .strings(plan.artifacts.map(\.name))))
        members.append(("files", .array(plan.files.map { object(for: $0) })))
        members.append(("accounts", object(for: plan.accounts)))
        members.append(("paths", .array(plan.paths.map { object(for: $0) })))
        members.append(("environment", object(for: plan.environment)))
        if let entrypoint = plan.entrypoint { members.append(("entrypoint", .strings(entrypoint))) }
        if let cmd = plan.cmd { members.append(("cmd", .strings(cmd))) }
        members.append(("workDir", text(plan.workDir)))
        members.append(("ports", .strings(plan.ports.map(\.text))))
        members.append(("stopSignal", text(plan.stopSignal)))
        members.append(("labels", object(for: plan.labels)))
        members.append(("annotations", object(for: plan.annotations)))
        members.append(("osRelease", object(for: plan.osRelease)))
        members.append(("obstacles", .array(plan.obstacles.map { object(for: $0) })))
        members.append(("problems", .array(plan.problems.map { $0.json })))
        return JSON.members(members)
    }

    private static func object(for distribution: Plan.Distribution) -> JSON {
        let members: [(String, JSON?)] = [
            ("family", .string(distribution.family.rawValue)), ("id", .string(distribution.id)),
            ("version", .string(distribution.versionID)), ("codename", text(distribution.codename)),
        ]
        return JSON.members(members)
    }

    private static func object(for obstacle: Obstacle) -> JSON {
        let members: [(String, JSON)] = [
            ("kind", .string(obstacle.kind.rawValue)), ("subject", .string(obstacle.subject)),
            ("blocking", .bool(obstacle.kind.isBlocking)), ("message", .string(obstacle.description)),
        ]
        return JSON.object(members)
    }

    private static func object(for file: Plan.File) -> JSON {
        let members: [(String, JSON?)] = [
            ("url", .string(file.url)), ("path", text(file.path)), ("checksum", text(file.checksum)),
        ]
        return JSON.members(members)
    }

    private static func object(for stage: Plan.Stage) -> JSON {
        let steps: [JSON] = stage.steps.map { step in
            let members: [(String, JSON?)] = [
                ("name", .string(step.name)), ("action", text(step.action)), ("network", .bool(step.usesNetwork)),
            ]
            return JSON.members(members)
        }
        let members: [(String, JSON?)] = [
            ("name", .string(stage.name)), ("uses", text(stage.base)), ("steps", .array(steps)),
            ("targets", .strings(stage.targets)),
        ]
        return JSON.members(members)
    }

    private static func object(for path: Plan.Path) -> JSON {
        var members: [(String, JSON?)] = [
            ("type", .string(path.kind.rawValue)), ("path", .string(path.path)), ("source", text(path.source)),
            ("content", text(path.content)),
        ]
        if let uid = path.uid { members.append(("uid", .integer(uid))) }
        if let gid = path.gid { members.append(("gid", .integer(gid))) }
        if let mode = path.mode { members.append(("mode", .string("0" + String(mode, radix: 8)))) }
        if path.isRecursive { members.append(("recursive", .bool(true))) }
        return JSON.members(members)
    }

    private static func object(for accounts: Plan.Accounts) -> JSON {
        let users: [JSON] = accounts.users.map { user in
            let members: [(String, JSON)] = [
                ("name", .string(user.name)), ("uid", .integer(user.uid)), ("gid", .integer(user.gid)),
            ]
            return JSON.object(members)
        }
        let groups: [JSON] = accounts.groups.map { group in
            let members: [(String, JSON)] = [
                ("name", .string(group.name)), ("gid", .integer(group.gid)), ("members", .strings(group.members)),
            ]
            return JSON.object(members)
        }
        let members: [(String, JSON?)] = [
            ("runAs", text(accounts.runAs)), ("root", .bool(accounts.root)), ("users", .array(users)),
            ("groups", .array(groups)),
        ]
        return JSON.members(members)
    }

    private static func object(for pairs: [Plan.Pair]) -> JSON {
        .object(pairs.map { ($0.name, JSON.string($0.value)) })
    }

    private static func text(_ value: String?) -> JSON? { value.map { JSON.string($0) } }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
